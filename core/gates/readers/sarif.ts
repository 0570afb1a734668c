import type { Json } from "../../encoding/canonical-json.ts";
import { jsonReader, NotOfThisFormat } from "../evidence-reader.ts";
import { type Severity, severities } from "../facts.ts";
import { itemsOf, type JsonPlace, memberOf, rootOf, whereOf } from "../json-places.ts";

/** Without a score, what the tool's own level stands for; an unscored error may be critical, so it counts as that. */
const severityOfLevel: Readonly<Record<string, Severity>> = { error: "critical", warning: "high", note: "low" };

/**
 * SARIF 2.1.0 as scanners of images and dependencies write it. A result's severity is its rule's `security-severity`
 * (a CVSS score, cut as GitHub code scanning cuts it: 9, 7, 4), else its level. Suppressed results count like the
 * others: whoever silenced them is not who answers for the release.
 * https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html (3.27.9 kind, 3.27.10 level)
 */
export const sarif = jsonReader("security-scan", "sarif", (document, name) => {
  const root = rootOf(document, name);
  if (memberOf(root, "version").value !== "2.1.0") throw new NotOfThisFormat(["version"], "It is not SARIF 2.1.0.");
  const runs = itemsOf(memberOf(root, "runs"));
  if (runs.length === 0) throw new NotOfThisFormat(["runs"], "No scan was run.");
  const found = runs.flatMap((run) => {
    requireCompleted(run);
    const results = memberOf(run, "results");
    const ruleOf = rulesIn(memberOf(run, "tool"));
    // 3.14.23: results is null where the scan could not even start, absent where none was done.
    return itemsOf(results).map((result) => severityOf(result, ruleOf(result)));
  });
  return {
    scans: severities.map((severity) => ({
      severity,
      value: found.filter((one) => one === severity).length,
      where: runs.length === 1 ? whereOf(memberOf(runs[0] ?? root, "results")) : whereOf(memberOf(root, "runs")),
    })),
  };
});

function requireCompleted(run: JsonPlace): void {
  const invocations = memberOf(run, "invocations");
  if (invocations.value === undefined) return;
  for (const invocation of itemsOf(invocations)) {
    const successful = memberOf(invocation, "executionSuccessful");
    if (successful.value !== true) throw new NotOfThisFormat(successful.path, "The scan did not run to its end.");
  }
}

function severityOf(result: JsonPlace, rule: JsonPlace | undefined): Severity | "none" {
  const kind = memberOf(result, "kind").value ?? "fail";
  if (kind === "pass" || kind === "notApplicable" || kind === "informational") return "none";
  const score = scoreOf(result) ?? (rule === undefined ? undefined : scoreOf(rule));
  if (score !== undefined) return score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : "low";
  const configured = rule === undefined ? undefined : memberOf(memberOf(rule, "defaultConfiguration"), "level").value;
  // 3.27.10: the level of a result is its own, else its rule's, else "warning".
  const level = memberOf(result, "level").value ?? configured ?? "warning";
  if (level === "none") return "none";
  return (typeof level === "string" && Object.hasOwn(severityOfLevel, level) && severityOfLevel[level]) || "critical";
}

function scoreOf(place: JsonPlace): number | undefined {
  const { value } = memberOf(memberOf(place, "properties"), "security-severity");
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const score = value === "" ? Number.NaN : Number(value);
  // A score that cannot be read is not a low one.
  return Number.isFinite(score) ? score : 10;
}

/** Whoever asks for the rule of a result; the rules of a component are read once. */
function rulesIn(tool: JsonPlace): (result: JsonPlace) => JsonPlace | undefined {
  const driver = rulesOf(memberOf(tool, "driver"));
  const extensions = once(() => itemsWhere(memberOf(tool, "extensions")).map(rulesOf));
  return (result) => {
    const reference = memberOf(result, "rule");
    // 3.54.5: a rule may belong to an extension of the tool, such as a query pack.
    const extension = memberOf(memberOf(reference, "toolComponent"), "index").value;
    const rules = typeof extension === "number" ? extensions()[extension] : driver;
    const index = memberOf(result, "ruleIndex").value ?? memberOf(reference, "index").value;
    if (typeof index === "number" && index >= 0) return rules?.().places[index];
    const id = memberOf(result, "ruleId").value ?? memberOf(reference, "id").value;
    return id === undefined ? undefined : rules?.().byId.get(id);
  };
}

function rulesOf(component: JsonPlace) {
  return once(() => {
    const places = itemsWhere(memberOf(component, "rules"));
    const named = places.flatMap((rule): readonly [Json, JsonPlace][] => {
      const id = memberOf(rule, "id").value;
      return id === undefined ? [] : [[id, rule]];
    });
    // Of those with one id the first counts.
    return { places, byId: new Map(named.toReversed()) };
  });
}

/** All items of a list that may be missing; throws `NotOfThisFormat` where it is something else. */
function itemsWhere(list: JsonPlace): readonly JsonPlace[] {
  return list.value === undefined ? [] : itemsOf(list);
}

function once<Value>(read: () => Value): () => Value {
  let kept: { readonly value: Value } | undefined;
  return () => {
    kept ??= { value: read() };
    return kept.value;
  };
}
