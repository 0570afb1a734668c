import type { Instant } from "../encoding/instant.ts";
import type { DryRun, GateThresholds } from "./thresholds.ts";

/** Whether an entry names this rule, or the family that it belongs to: `iac` names `iac.deletions`. */
export function covers(entry: string, rule: string): boolean {
  return rule === entry || rule.startsWith(`${entry}.`);
}

/** Until when the rule reports without blocking, if it does at `now`; the latest, where several entries name it. */
export function dryRunOf(thresholds: GateThresholds | undefined, rule: string, now: Instant): Instant | undefined {
  const entries: readonly DryRun[] = thresholds?.dryRun ?? [];
  const open = entries.filter((entry) => covers(entry.rule, rule) && now < entry.until);
  return open
    .map(({ until }) => until)
    .toSorted()
    .at(-1);
}
