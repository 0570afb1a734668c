import { type Instant, isInstant } from "../encoding/instant.ts";
import { complain, fieldsOf, itemsOf, type Place, textOf } from "../encoding/policy-file.ts";
import { covers } from "./dry-run.ts";
import { rulesOf } from "./expected-rules.ts";
import type { DryRun, GateThresholds } from "./thresholds.ts";

/** Rules that only report for a while. What is about the frozen bytes, or about there being rules at all, never does. */
export function dryRunsOf(place: Place | undefined, thresholds: GateThresholds): Pick<GateThresholds, "dryRun"> {
  if (place === undefined) return {};
  const rules = rulesOf(thresholds);
  const dryRun = itemsOf(place).map((item): DryRun => {
    const { rule, until } = fieldsOf(item, ["rule", "until"]);
    const name = textOf(rule);
    if (rule !== undefined && name !== "") {
      if (["policy", "digest"].some((family) => covers(family, name)))
        complain(rule, `'${name}' always blocks: without it nobody knows what was judged.`);
      else if (!rules.some((known) => covers(name, known)))
        complain(rule, `No rule here is called '${name}', nor does one begin with '${name}.'.`);
    }
    return { rule: name, until: instantOf(until) };
  });
  return { dryRun };
}

/** A day, at whose beginning in UTC it is over, or an instant. */
function instantOf(place: Place | undefined): Instant {
  const written = place?.value;
  const text = typeof written === "string" && written.length === 10 ? `${written}T00:00:00.000Z` : written;
  if (isInstant(text)) return text;
  if (place !== undefined)
    complain(place, "This must be a day such as 2027-01-31, or an instant such as 2027-01-31T12:00:00.000Z.");
  return "1970-01-01T00:00:00.000Z" as Instant;
}
