import type { FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { others } from "./honest/people.ts";
import { firstRules, policiesOf } from "./honest/rules.ts";
import { House } from "./house.ts";
import { member } from "./reviewers.ts";

export interface ManyReviewers {
  readonly house: House;
  /** What they signed, and what took its place. */
  readonly older: PromotionId;
  readonly newer: PromotionId;
}

const asked = { ...firstRules, operations: "first", riskOfficer: true, policyChange: false } as const;

/**
 * So many people approve a candidate that waits for somebody else. It begins anew, and what they signed is kept; a newer candidate
 * takes its place, and it is kept once more; then their role is asked for otherwise, and it falls.
 */
export async function manyReviewers(count: number): Promise<ManyReviewers> {
  const people = Array.from({ length: count }, (_, at) => member(`Engineer ${at}`, "sre"));
  const house = new House(undefined, policiesOf(asked), [...others, ...people]);
  const older = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(older);
  await house.openStage(older);
  for (const who of people) await house.sign(older, who, "approve", { unheard: true });
  const stricter = { ...asked, auc: "0.74" } as const;
  await house.deployPolicies(policiesOf(stricter));
  await house.decide(older);
  await house.judge(older);
  const newer = await house.submit("candidate", "2.1.0");
  await house.freezeAndJudge(newer);
  await house.openStage(newer);
  await house.deployPolicies(policiesOf({ ...stricter, passkey: true }));
  await house.decide(newer);
  await house.judge(newer);
  return { house, older, newer };
}

/** What a promotion's records say becomes of sign-offs: how many are kept, and how many fall. */
export function toldOf({ house }: ManyReviewers, id: PromotionId): readonly (readonly [FactType, number, number])[] {
  const count = (list: unknown) => (Array.isArray(list) ? list.length : 0);
  return house.promotions
    .stored(id)
    .history.filter(({ body }) => count(body["kept"]) + count(body["fallen"]) > 0)
    .map(({ type, body }) => [type, count(body["kept"]), count(body["fallen"])]);
}
