import { givesRole, rolesNamedBy, titleOf } from "../../../core/approval/entitlement.ts";
import { requirementsInForce } from "../../../core/approval/promotion-approval.ts";
import { loanFact, loanFactId, loanSentence, type RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { startersOf } from "../../people/starters.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";
import { everybody, occasionOf } from "./members.ts";
import { askedNow, type StagePorts } from "./stage.ts";

export interface ConcernedPorts extends StagePorts {
  readonly promotions: StagePorts["promotions"] & { loans(id: PromotionId): Promise<readonly RecordedLoan[]> };
}

/**
 * Everybody whose role the rule names, whether asked or not, and whoever started the run: a loan does without them. Of what is lent
 * also whoever may ratify it in the place of somebody who is away.
 */
export async function concernedTelling(
  promotion: Promotion,
  fact: Fact,
  purpose: "lending" | "lent" | "afterwards" | "intruder",
  ports: ConcernedPorts,
  reason = fact.summary,
): Promise<Telling> {
  const inForce = requirementsInForce(ports.policy, promotion);
  const named = inForce.kind === "asked" ? rolesNamedBy(inForce.requirements.document.rule) : [];
  const { roles } = ports.policy.matrix;
  const members = await everybody(ports);
  const starters = startersOf(promotion, members, ports.policy.people);
  const delegates = purpose === "lent" ? await askedNow(promotion, ports) : [];
  const isAsked = ({ identity }: Member) => delegates.some(({ member }) => sameIdentity(member.identity, identity));
  return {
    purpose,
    promotion,
    facts: await ports.promotions.facts(promotion.id),
    occasion: purpose === "intruder" ? fact.id.slice(promotion.id.length + 1) : occasionOf(fact),
    at: fact.at,
    people: members
      .filter(
        (member) =>
          starters.includes(member) || isAsked(member) || named.some((role) => givesRole(roles, role, member)),
      )
      .filter(({ enabled }) => enabled)
      .map((member): Recipient => ({ member, roles: [] })),
    rooms: { roles: [] },
    reason,
    answers: () => true,
  };
}

/** While nothing is lent yet: whoever may confirm it has an hour, and whoever may reject can still keep it from running. */
export async function requestTelling(
  promotion: Promotion,
  factId: unknown,
  ports: ConcernedPorts,
): Promise<Telling | undefined> {
  const recorded = (await ports.promotions.loans(promotion.id)).find(
    ({ signature }) => loanFactId(promotion.id, signature.id) === factId,
  );
  if (recorded === undefined || promotion.status !== "in-review" || promotion.loan !== undefined) return undefined;
  const { confirms, reason, review, role } = recorded.signature;
  // That it is confirmed is told as what comes of it.
  if (confirms !== undefined || review !== promotion.review) return undefined;
  const fact = loanFact(recorded);
  const asked = loanSentence(recorded.signature, titleOf(ports.policy.matrix.roles, role));
  return await concernedTelling(promotion, fact, "lending", ports, `${asked} ${reason}`);
}

/** Something runs that should not, or could not be taken back: that is for everybody to know whose signature it does without. */
export async function intruderTelling(
  promotion: Promotion,
  factId: unknown,
  ports: ConcernedPorts,
): Promise<Telling | undefined> {
  const fact = (await ports.promotions.facts(promotion.id)).find(({ id }) => id === factId);
  if (fact === undefined || fact.body["state"] === "started") return undefined;
  return await concernedTelling(promotion, fact, "intruder", ports);
}
