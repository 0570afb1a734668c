import type { Facts } from "./facts.ts";
import type { PolicyFinding } from "./policy-finding.ts";

/** What a report says in the place of the number, or that no report says anything. */
export function missingClause({ where, subject }: PolicyFinding, facts: Facts): string {
  const about = JSON.stringify(subject);
  const there = facts.gaps.filter((one) => one.where === where);
  const gap = there.find((one) => JSON.stringify(one.subject) === about) ?? there[0];
  return gap === undefined ? "is not given" : `cannot be judged (${gap.where} ${gap.why})`;
}
