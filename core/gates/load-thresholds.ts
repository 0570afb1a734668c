import {
  complain,
  entriesOf,
  fieldsOf,
  itemsOf,
  type Loaded,
  list,
  type Place,
  readPolicyFile,
  slugOf,
  textOf,
} from "../encoding/policy-file.ts";
import { artifactRoles, type EvidenceKind, evidenceKinds } from "../promotion/freeze-manifest.ts";
import { type Severity, severities } from "./facts.ts";
import { metricName } from "./metric-name.ts";
import type { Bound, GateThresholds, Thresholds } from "./thresholds.ts";

/** Reads policies/thresholds.yaml; everything wrong with it is named with its line. */
export function loadThresholds(text: string): Loaded<Thresholds> {
  return readPolicyFile(text, (root) => {
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
  const { modelType, target, artifacts, evidence, quality, fairness, data, security } = fieldsOf(
    place,
    ["modelType", "artifacts", "evidence", "quality"],
    ["target", "fairness", "data", "security"],
  );
  const kinds = namesOf(evidence, evidenceKinds);
  const needs = (field: Place | undefined, kind: EvidenceKind) => {
    if (field !== undefined && !kinds.includes(kind))
      complain(field, `These rules read '${kind}', which the list 'evidence' does not ask for.`);
  };
  needs(quality, "model-quality");
  needs(fairness, "bias");
  needs(data, "data-schema");
  needs(security, "security-scan");
  return {
    modelType: slugOf(modelType),
    ...(target === undefined ? {} : { target: slugOf(target) }),
    artifacts: namesOf(artifacts, artifactRoles),
    evidence: kinds,
    quality: boundsOf(quality, (name, at) => {
      const known = metricName(name);
      if (known !== name) complain(at, `The metric is called '${known}' here.`);
    }),
    fairness: Object.fromEntries(namedEntries(fairness).map(([facet, at]) => [facet, boundsOf(at)])),
    ...(data === undefined ? {} : { data: dataOf(data) }),
    security: securityOf(security),
  };
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

function boundsOf(place: Place | undefined, check: (name: string, at: Place) => void = () => {}) {
  const bounds: [string, Bound][] = namedEntries(place).map(([name, at]) => {
    check(name, at);
    return [name, boundOf(at)];
  });
  return Object.fromEntries(bounds);
}

/** The members of a map that must have some. */
function namedEntries(place: Place | undefined): readonly (readonly [string, Place])[] {
  if (place === undefined) return [];
  const entries = entriesOf(place);
  if (entries?.length === 0) complain(place, "Nothing is asked for here: leave the field out or name a bound.");
  return entries ?? [];
}

function boundOf(place: Place): Bound {
  const { min, max } = fieldsOf(place, [], ["min", "max"]);
  const low = numberOf(min);
  const high = numberOf(max);
  if (min === undefined && max === undefined) complain(place, "A bound has 'min', 'max' or both.");
  if (low !== undefined && high !== undefined && low > high)
    complain(place, `No number lies between ${low} and ${high}.`);
  return { ...(low === undefined ? {} : { min: low }), ...(high === undefined ? {} : { max: high }) };
}

function numberOf(place: Place | undefined): number | undefined {
  if (place === undefined) return undefined;
  if (typeof place.value === "number") return place.value;
  complain(place, "Here stands a number.");
  return undefined;
}

function wholeNumberOf(place: Place | undefined): number {
  const value = numberOf(place);
  if (place === undefined || value === undefined) return 0;
  if (!Number.isSafeInteger(value) || value < 0) complain(place, "Here stands a whole number, 0 or more.");
  return value;
}

/** A list of names out of a closed set, each once. */
function namesOf<Name extends string>(place: Place | undefined, known: readonly Name[]): readonly Name[] {
  const names: Name[] = [];
  for (const item of itemsOf(place)) {
    const name = known.find((candidate) => candidate === item.value);
    if (name === undefined) complain(item, `Here stands one of ${list(known)}.`);
    else if (names.includes(name)) complain(item, `'${name}' is listed twice.`);
    else names.push(name);
  }
  return names;
}

function sameScope(a: GateThresholds, b: GateThresholds): boolean {
  return a.modelType === b.modelType && a.target === b.target;
}

function scopeText(rule: GateThresholds): string {
  return rule.target === undefined ? "every target" : `the target '${rule.target}'`;
}
