import type { Step } from "../history/replay-promotion.ts";
import type { ReadDocument } from "../pack/promotion-file.ts";
import {
  everKnown,
  hasPassed,
  judgedBy,
  type KnownPolicies,
  notBrought,
  type PoliciesThen,
  policiesIn,
  requiredBy,
} from "./verify-policies.ts";

/**
 * Derives again what was asked of a candidate, from the policies that its record names: the matrix's rule, the roles and
 * the thresholds. Answers what is wrong in sentences.
 */
export async function recheckRequirements(
  step: Step,
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<readonly string[]> {
  const { record } = step;
  const { policy } = judgedBy(step);
  if (policy === undefined) return ["The record does not bring the policies that judged."];
  if (record.body["policy"] !== policy) return ["The record names other policies than it brings."];
  const policies = await policiesIn(policy, read, known);
  if (policies === undefined) return ["The policies that judged are not in the pack."];
  const apart = notBrought(record, policies);
  if (apart !== undefined) return [apart];
  return areRequired(step, policies, known) ? [] : ["The requirements are not those that the policies come to."];
}

/** The same of a verdict, which is signed only where the policies in force come to what was signed for; what it brings is asked elsewhere. */
export async function recheckPinned(
  step: Step,
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<string | undefined> {
  const { policy } = judgedBy(step);
  const policies = policy === undefined || !hasPassed(step.record) ? undefined : await policiesIn(policy, read, known);
  return policies === undefined || areRequired(step, policies, known)
    ? undefined
    : "The verdict was signed by policies that come to other requirements than people signed for.";
}

function areRequired({ requirements, after }: Step, policies: PoliciesThen, known: KnownPolicies): boolean {
  const evidence = requirements?.decided?.facts.evidence;
  const facts = { ...after.facts, ...(evidence === undefined ? {} : { evidence }) };
  return requiredBy(policies, { manifest: after.manifest, facts }, known)?.sha256 === after.requirements.sha256;
}
