import type { ApprovalPolicy } from "../../../core/approval/promotion-approval.ts";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import { nextStep } from "../../../core/promotion/next-step.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { startersOf } from "../../people/starters.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";
import { askedAmong, everybody, type MembersPorts, occasionOf } from "./members.ts";

export interface OutcomePorts extends MembersPorts {
  readonly policy: Pick<ApprovalPolicy, "matrix" | "people">;
  readonly promotions: { facts(id: PromotionId): Promise<readonly Fact[]> };
}

const nothingLeft = "There is nothing left for you to do.";
const askedAnew = "Where the newer candidate needs you, you are asked in a letter of its own.";

/** How it ended, or what runs now: for those who were asked to sign, and whoever started the run. */
export async function outcomeTelling(
  promotion: Promotion,
  ports: OutcomePorts,
  { occasion, reason }: { readonly occasion: string; readonly reason: string | undefined } = {
    occasion: promotion.status,
    reason: promotion.reason,
  },
): Promise<Telling> {
  const { status } = promotion;
  const facts = await ports.promotions.facts(promotion.id);
  const members = await everybody(ports);
  const starters = startersOf(promotion, members, ports.policy.people);
  const others = askedAmong(members, facts).filter(({ member }) => !starters.includes(member));
  const next = nextStep(status, changesPolicies(promotion.manifest.model)) ?? nothingLeft;
  return {
    // What was deployed and is restricted now may come back: nobody is told that there is nothing left to do.
    purpose: status === "restricted" ? "restricted" : "told",
    promotion,
    facts,
    occasion,
    at: promotion.history.at(-1)?.at ?? promotion.submittedAt,
    people: [
      ...others.map((each): Recipient => ({ ...each, next: status === "superseded" ? askedAnew : nothingLeft })),
      ...starters.map((member): Recipient => ({ member, roles: [], next })),
    ],
    rooms: { roles: [] },
    ...(reason === undefined ? {} : { reason }),
    answers: () => true,
  };
}

/** What was done about a model that drifted, or could not be; that it is about to be says nothing yet. */
export async function remedyTelling(
  promotion: Promotion,
  fact: Fact,
  ports: OutcomePorts,
): Promise<Telling | undefined> {
  if (fact.body["state"] === "started") return undefined;
  if (hasEnded(promotion.status)) return await outcomeTelling(promotion, ports);
  return await outcomeTelling(promotion, ports, { occasion: `remedy/${occasionOf(fact)}`, reason: fact.summary });
}

/** It was approved under conditions and taken back: whoever started the run has something to look into. */
export async function takenBackTelling(promotion: Promotion, fact: Fact, ports: OutcomePorts): Promise<Telling> {
  const starters = startersOf(promotion, await everybody(ports), ports.policy.people);
  return {
    purpose: "taken-back",
    promotion,
    facts: await ports.promotions.facts(promotion.id),
    occasion: occasionOf(fact),
    at: fact.at,
    people: starters.map((member): Recipient => ({ member, roles: [] })),
    reason: fact.summary,
    answers: () => true,
  };
}
