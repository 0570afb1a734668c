import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { rolesOfStage, titleOf } from "../../../core/approval/entitlement.ts";
import { openStageOf } from "../../../core/approval/promotion-approval.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { identityKey } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type AskedReviewersPorts, askedReviewers, reviewInput } from "../../people/asked-reviewers.ts";
import { aboveTheRest } from "../../telling/above-the-rest.ts";
import { missingIn, nobodyTelling, rolesWithout } from "../../telling/nobody-to-ask.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";
import { askedAmong, everybody, occasionOf } from "./members.ts";

export interface StagePorts extends AskedReviewersPorts {
  readonly promotions: AskedReviewersPorts["promotions"] & {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
  };
}

/**
 * Those who are needed are asked, once a stage opens; nobody where none is open any more. Where nobody is there to be asked for a seat,
 * whoever started the run is told so.
 */
export async function askedTellings(promotion: Promotion, ports: StagePorts): Promise<readonly Telling[]> {
  const stage = openStageOf(promotion);
  const input = await inputOf(promotion, ports);
  if (stage === undefined || input === undefined) return [];
  const carried = (promotion.carried ?? []).filter(({ review }) => review === promotion.review);
  const signed = new Set(carried.map(({ signOff }) => identityKey(signOff.reviewer)));
  const able = await askedReviewers(input, stage, ports);
  // Whose signature of before is kept has nothing left to do.
  const people = able.filter(({ member }) => !signed.has(identityKey(member.identity)));
  const open = input.rule.stages[stage.index];
  const asked = open === undefined ? [] : rolesOfStage(open);
  const reason = await aboveTheRest(promotion, ports.promotions.load, ports.policy, ports.now());
  const common = {
    promotion,
    facts: await ports.promotions.facts(promotion.id),
    occasion: `${promotion.review}/${stage.index}/${stage.round}`,
    at: stage.openedAt,
    stage,
    ...(reason === undefined ? {} : { reason }),
  };
  const rooms = { roles: asked.map((name) => ({ name, title: titleOf(input.roles, name) })) };
  const nobody = nobodyTelling(common, rolesWithout(able, missingIn(input), input), input, ports.policy.people);
  return [{ ...common, purpose: "asked", people, rooms }, ...nobody];
}

/** Who is asked for the open stage; nobody where none is open. */
export async function askedNow(promotion: Promotion, ports: StagePorts): Promise<readonly Recipient[]> {
  const stage = openStageOf(promotion);
  const input = await inputOf(promotion, ports);
  return stage === undefined || input === undefined ? [] : await askedReviewers(input, stage, ports);
}

/** What the open stage is judged by, if one is open. */
async function inputOf(promotion: Promotion, ports: StagePorts): Promise<ApprovalInput | undefined> {
  if (openStageOf(promotion) === undefined) return undefined;
  return reviewInput(promotion, ports);
}

/** Those who were asked for a stage and are in none of its seats: it is decided without them. */
export async function settledTelling(promotion: Promotion, fact: Fact, ports: StagePorts): Promise<Telling> {
  const index = Number(fact.body["stage"]);
  const name = String(promotion.history.find(opening(index, promotion.review))?.body["name"] ?? "");
  const facts = await ports.promotions.facts(promotion.id);
  const begins = `${promotion.id}/asked/${promotion.review}/${index}/`;
  const ofStage = ({ id }: Pick<Fact, "id">) => id.startsWith(begins);
  const seats = promotion.settled.find((settled) => settled.index === index)?.seats ?? [];
  const done = new Set(seats.map(({ person }) => identityKey(person)));
  const members = (await everybody(ports)).filter(({ identity }) => !done.has(identityKey(identity)));
  return {
    purpose: "settled",
    promotion,
    facts,
    occasion: occasionOf(fact),
    at: fact.at,
    stage: { index, name, deadline: promotion.expiresAt },
    people: askedAmong(members, facts.filter(ofStage)),
    rooms: { roles: [] },
    answers: ofStage,
  };
}

/** Finds the fact that opened a stage of a review. */
function opening(stage: number, review: number): (fact: Fact) => boolean {
  return ({ type, body }) => type === "stage-opened" && body["stage"] === stage && body["review"] === review;
}
