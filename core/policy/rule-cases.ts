import { applies, conditionsIn, type MatrixFacts, resolveRule } from "../approval/conditions.ts";
import type { ApprovalRule, Condition, Matrix } from "../approval/matrix.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";

/** What a rule asks for in some of the cases in which it applies. */
export interface RuleCase {
  readonly facts: MatrixFacts;
  /** With its conditions decided. */
  readonly rule: ApprovalRule;
}

/** More cases than anybody has, and few enough to try each. */
const mostCases = 4096;

/**
 * Everything that a rule can come to ask for: it is resolved for each combination of facts that its conditions tell
 * apart, and the cases that come to the same are given once. `undefined` where there are more than can be tried.
 *
 * @param before the rules of the same model type and target that stand before it
 */
export function casesOf(
  rule: ApprovalRule,
  before: readonly ApprovalRule[],
  classification: Matrix["classification"],
): readonly RuleCase[] | undefined {
  const conditions = [...conditionsIn(rule), ...before.flatMap(({ when = [] }) => when)];
  const scale = (values: readonly string[] = [], fact: Condition["fact"]) =>
    conditions.some((condition) => condition.fact === fact) && values.length > 0 ? values : [values.at(-1) ?? ""];
  const metrics = [
    ...new Set(conditions.flatMap((condition) => (condition.fact === "metric" ? [condition.name] : []))),
  ];
  let cases: readonly MatrixFacts[] = [{ evidence: { metrics: {} } }];
  const each = <Value>(values: readonly Value[], extend: (facts: MatrixFacts, value: Value) => MatrixFacts) => {
    // One beyond the most is enough to tell that there are too many.
    cases = cases.slice(0, mostCases + 1).flatMap((facts) => values.map((value) => extend(facts, value)));
  };
  each(scale(classification?.riskTiers, "riskTier"), (facts, riskTier) => ({ ...facts, riskTier }));
  each(scale(classification?.dataClasses, "dataClass"), (facts, dataClass) => ({ ...facts, dataClass }));
  each(["first", "update"] as const, (facts, release) => ({ ...facts, release }));
  for (const name of metrics)
    each(
      sides(conditions.filter((condition) => condition.fact === "metric" && condition.name === name)),
      (facts, value) => ({
        ...facts,
        evidence: { ...facts.evidence, metrics: { ...facts.evidence?.metrics, [name]: [value] } },
      }),
    );
  each(sides(conditions.filter(({ fact }) => fact === "infrastructureChanges")), (facts, infrastructureChanges) => ({
    ...facts,
    evidence: { metrics: facts.evidence?.metrics ?? {}, infrastructureChanges },
  }));
  if (cases.length > mostCases) return undefined;
  const found = new Map<string, RuleCase>();
  for (const facts of cases) {
    if (!applies(rule, facts) || before.some((earlier) => applies(earlier, facts))) continue;
    const resolved = resolveRule(rule, facts);
    const key = canonicalJson(resolved);
    if (!found.has(key)) found.set(key, { facts, rule: resolved });
  }
  return [...found.values()];
}

/** A number on each side of every bound: from one bound up to the next, conditions hold for all numbers or for none. */
function sides(conditions: readonly Condition[]): readonly number[] {
  const bounds = conditions.flatMap((condition) =>
    condition.fact === "metric" || condition.fact === "infrastructureChanges"
      ? [condition.atLeast, condition.below].filter((bound) => bound !== undefined)
      : [],
  );
  const sorted = [...new Set(bounds)].toSorted((a, b) => a - b);
  const [lowest = 1] = sorted;
  // Of a large number, one less is the same number.
  const below = Math.min(lowest - 1, lowest - Math.abs(lowest) * Number.EPSILON);
  return [Math.max(below, -Number.MAX_VALUE), ...sorted];
}
