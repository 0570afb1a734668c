import {
  complain,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Loaded,
  type Place,
  type Reading,
  readPolicyFile,
  slugOf,
  textOf,
} from "../encoding/policy-file.ts";
import { artifactRoles, type EvidenceKind, evidenceKinds } from "../promotion/freeze-manifest.ts";
import { type Severity, severities } from "./facts.ts";
import { boundsOf, membersOf, namesOf, requireMetricName, wholeNumberOf } from "./load-bounds.ts";
import { dryRunsOf } from "./load-dry-runs.ts";
import { capacityOf, championOf, infrastructureOf, measuresOf, modelCardOf } from "./load-release-limits.ts";
import type { GateThresholds, Thresholds } from "./thresholds.ts";

const optional = [
  "target",
  "fairness",
  "data",
  "security",
  "measures",
  "infrastructure",
  "modelCard",
  "capacity",
  "champion",
  "dryRun",
] as const;

/** Reads policies/thresholds.yaml; everything wrong with it is named with its line. */
export function loadThresholds(text: string, reading: Reading = "new"): Loaded<Thresholds> {
  return readPolicyFile(text, reading, (root) => {
    const { thresholdsVersion, rules } = fieldsOf(root, ["thresholdsVersion", "rules"]);
    if (thresholdsVersion !== undefined && thresholdsVersion.value !== 1)
      complain(thresholdsVersion, "The version known here is 1.");
    const read = itemsOf(rules).map((place) => ({ place, rule: ruleOf(place) }));
    for (const [index, { place, rule }] of read.entries()) {
      const twin = read.slice(0, index).some((other) => sameScope(other.rule, rule));
      if (twin) complain(place, `An earlier rule is for '${rule.modelType}' in ${scopeText(rule)} as well.`);
    }
    return { thresholdsVersion: 1, rules: read.map(({ rule }) => rule) };
  });
}

function ruleOf(place: Place): GateThresholds {
  const fields = fieldsOf(place, ["modelType", "artifacts", "evidence", "quality"], optional);
  const { modelType, target, artifacts, evidence, quality, fairness, data, security } = fields;
  const kinds = namesOf(evidence, evidenceKinds);
  const needs = (field: Place | undefined, kind: EvidenceKind) => {
    if (field !== undefined && !kinds.includes(kind))
      complain(field, `These rules read '${kind}', which the list 'evidence' does not ask for.`);
  };
  needs(quality, "model-quality");
  needs(fairness, "bias");
  needs(data, "data-schema");
  needs(security, "security-scan");
  needs(fields.infrastructure, "iac-plan");
  needs(fields.modelCard, "model-card");
  for (const [kind, at] of fields.measures === undefined ? [] : (entriesOf(fields.measures) ?? [])) {
    const known = evidenceKinds.find((one) => one === kind);
    if (known !== undefined) needs(at, known);
  }
  const thresholds: GateThresholds = {
    modelType: slugOf(modelType),
    ...(target === undefined ? {} : { target: slugOf(target) }),
    artifacts: namesOf(artifacts, artifactRoles),
    evidence: kinds,
    quality: boundsOf(quality, requireMetricName),
    fairness: membersOf(fairness, (at) => boundsOf(at)),
    ...(data === undefined ? {} : { data: dataOf(data) }),
    security: securityOf(security),
    ...measuresOf(fields.measures),
    ...infrastructureOf(fields.infrastructure),
    ...modelCardOf(fields.modelCard),
    ...capacityOf(fields.capacity),
    ...championOf(fields.champion),
  };
  const { capacity, champion } = thresholds;
  if (capacity?.declared === true) needs(fields.capacity, "model-card");
  if (champion !== undefined && Object.keys(champion.fairness).length > 0) needs(fields.champion, "bias");
  return { ...thresholds, ...dryRunsOf(fields.dryRun, thresholds) };
}

function dataOf(place: Place): NonNullable<GateThresholds["data"]> {
  const { maximumViolations, allowedPii } = fieldsOf(place, ["maximumViolations"], ["allowedPii"]);
  return {
    maximumViolations: wholeNumberOf(maximumViolations),
    allowedPii: itemsOf(allowedPii).map((column) => textOf(column)),
  };
}

function securityOf(place: Place | undefined): Partial<Record<Severity, number>> {
  if (place === undefined) return {};
  const fields = fieldsOf(place, ["critical"], severities.slice(1));
  return Object.fromEntries(Object.entries(fields).map(([severity, field]) => [severity, wholeNumberOf(field)]));
}

function sameScope(a: GateThresholds, b: GateThresholds): boolean {
  return a.modelType === b.modelType && a.target === b.target;
}

function scopeText(rule: GateThresholds): string {
  return rule.target === undefined ? "every target" : `the target '${rule.target}'`;
}
