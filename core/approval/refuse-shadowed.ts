import { complain, lineOf, type Place } from "../encoding/policy-file.ts";
import { applies, type MatrixFacts } from "./conditions.ts";
import type { ApprovalRule, Classification } from "./matrix.ts";

/**
 * Complains about rules that no candidate can come to, because those before them take every case. What a rule is chosen
 * by has few values, so all combinations are tried.
 */
export function refuseShadowed(
  places: readonly Place[],
  rules: readonly ApprovalRule[],
  classification: Classification | undefined,
): void {
  const cases = allCases(classification);
  const earlier = new Map<string, { readonly rule: ApprovalRule; readonly line: number }[]>();
  for (const [index, rule] of rules.entries()) {
    const place = places[index];
    if (place === undefined || rule.modelType === "" || rule.target === "") continue;
    const key = `${rule.modelType} ${rule.target}`;
    const before = earlier.get(key) ?? [];
    earlier.set(key, [...before, { rule, line: lineOf(place) }]);
    const own = cases.filter((facts) => applies(rule, facts));
    const left = own.filter((facts) => !before.some((each) => applies(each.rule, facts)));
    if (before.length === 0 || left.length > 0) continue;
    const about = `for the model type '${rule.modelType}' and the target '${rule.target}'`;
    const lines = before.filter((each) => own.some((facts) => applies(each.rule, facts))).map(({ line }) => line);
    const certain = before.find((each) => each.rule.when === undefined);
    complain(
      place,
      rule.when === undefined && certain !== undefined
        ? `There is already a rule ${about}, on line ${certain.line}.`
        : `No candidate can come to this rule ${about}: what stands on line ${lines.join(" and ")} takes every case of it.`,
    );
  }
}

function allCases(classification: Classification | undefined): readonly MatrixFacts[] {
  const among = (scale: readonly string[] = []) => (scale.length === 0 ? [""] : scale);
  return among(classification?.riskTiers).flatMap((riskTier) =>
    among(classification?.dataClasses).flatMap((dataClass) =>
      (["first", "update"] as const).map((release) => ({ riskTier, dataClass, release })),
    ),
  );
}
