import type { PromotionId } from "../../promotion/promotion-id.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import { hasPassed, judgedBy } from "../policies/verify-policies.ts";
import { type Decisions, recheckLent, recheckReviews } from "./verify-decisions.ts";

/**
 * What is to be said of a verdict that names other policies than its gates were judged by, where the log does not tell which
 * were in force: nothing signs its record, so who is whom is told by them alone. `undefined` where there is no such verdict.
 */
export function verifiedByOthers(promotion: PromotionId, decisions: Decisions): Unchecked | undefined {
  const { steps, named } = decisions;
  const verdict = steps.find((step, place) => {
    if (!hasPassed(step.record)) return false;
    const judged = steps.slice(0, place).findLast(({ record }) => wasJudged(record));
    return judged !== undefined && judgedBy(judged).policy !== judgedBy(step).policy;
  });
  if (verdict === undefined) return undefined;
  const verdicts = new Set(steps.flatMap(({ record, index }) => (hasPassed(record) ? [index] : [])));
  const asJudged = { ...decisions, named: named.filter(({ index }) => !verdicts.has(index)) };
  const [first] = asJudged.named.length === 0 ? [] : [...recheckReviews(asJudged), ...recheckLent(asJudged)];
  const by = first === undefined ? "" : ` By people.yaml of those of its gates: ${first.sentence}`;
  const sentence = `Whether other policies than those of its gates were in force as '${verdict.record.id}' was signed, which names others, is told by the whole log.${by}`;
  return { promotion, sentence };
}
