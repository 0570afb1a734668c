import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";
import { member } from "./reviewers.ts";

/** Policies that people signed for came in force while a candidate was on its way; and the same as if nobody ever had, by a record that is in no history. */
export async function unsignedPolicies(): Promise<{
  readonly house: House;
  readonly candidate: PromotionId;
  readonly facts: readonly Fact[];
}> {
  const lenders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
  const house = new House(undefined, undefined, lenders);
  await house.adoptPolicy();
  const { "thresholds.yaml": thresholds } = house.policyTexts();
  const other = { "thresholds.yaml": thresholds.replace("instances: 4", "instances: 3") };
  const policies = await house.proposePolicy(sam, other);
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  const candidate = await house.submit("candidate", "2.0.0");
  await house.activatePolicy(policies);
  await house.freezeAndJudge(candidate);
  const facts = house.facts.flatMap((fact): readonly Fact[] => {
    if (fact.promotion !== policies) return [fact];
    return fact.type === "policy-activated" ? [{ ...fact, id: `${candidate}/policy`, promotion: candidate }] : [];
  });
  return { house, candidate, facts };
}
