import type { Facts, MeasuredKind } from "./facts.ts";
import type { GateThresholds, MeasureBounds } from "./thresholds.ts";

/** The ids of the rules that must be answered, gate by gate. */
export function expectedRules(
  facts: Pick<Facts, "artifacts" | "evidence">,
  thresholds: GateThresholds | undefined,
): readonly string[] {
  const files = [...facts.artifacts, ...facts.evidence];
  const always = ["policy.applies", ...files.map(({ name }) => `digest.${name}`)];
  return thresholds === undefined ? always : [...always, ...rulesOf(thresholds)];
}

/** Those that the thresholds alone ask for, whatever the candidate. */
export function rulesOf(thresholds: GateThresholds): readonly string[] {
  const { artifacts, evidence, quality, fairness, data, security, measures = {}, infrastructure } = thresholds;
  const { modelCard, capacity, champion } = thresholds;
  return [
    ...artifacts.map((role) => `artifact.${role}`),
    ...evidence.map((kind) => `evidence.${kind}`),
    // Sorted, because the requirements' digest does not cover the order in which a file lists its keys.
    ...bounded("quality", quality),
    ...sortedKeys(fairness).flatMap((facet) => bounded(`fairness.${facet}`, fairness[facet] ?? {})),
    ...(data === undefined ? [] : ["data.schema", "data.pii"]),
    ...sortedKeys(security).map((severity) => `security.${severity}`),
    ...sortedKeys(measures).flatMap((kind) => bounded(kind, measures[kind as MeasuredKind] ?? {})),
    ...sortedKeys(infrastructure ?? {}).map((name) => `iac.${infrastructureRules[name] ?? name}`),
    ...(modelCard === undefined ? [] : ["model-card.sections"]),
    ...(modelCard?.risks === undefined ? [] : ["model-card.risk"]),
    ...(capacity === undefined ? [] : ["capacity.accelerator-memory", "capacity.accelerators", "capacity.memory"]),
    ...sortedKeys(champion?.quality ?? {}).map((metric) => `champion.quality.${metric}`),
    ...sortedKeys(champion?.fairness ?? {}).flatMap((facet) =>
      sortedKeys(champion?.fairness[facet] ?? {}).map((metric) => `champion.fairness.${facet}.${metric}`),
    ),
  ];
}

const infrastructureRules: Readonly<Record<string, string>> = {
  instanceTypes: "instance-types",
  keepStateful: "stateful",
  noWildcards: "permissions",
};

function bounded(family: string, bounds: MeasureBounds): readonly string[] {
  return sortedKeys(bounds).flatMap((name) => [
    `${family}.${name}`,
    ...(bounds[name]?.interval === undefined ? [] : [`${family}.${name}.interval`]),
  ]);
}

function sortedKeys(members: object): readonly string[] {
  return Object.keys(members).toSorted();
}
