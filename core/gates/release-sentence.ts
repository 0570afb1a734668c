import type { Json } from "../encoding/canonical-json.ts";
import type { Target } from "../promotion/target.ts";
import type { Facts } from "./facts.ts";
import { missingClause } from "./missing-clause.ts";
import { boundOf, boundText, listText, numberText } from "./number-text.ts";
import type { PolicyFinding } from "./policy-finding.ts";

const capacities: Readonly<Record<string, string>> = {
  memory: "Memory of the machine (GiB)",
  accelerators: "Accelerators of the machine",
  "accelerator-memory": "Accelerator memory of the machine (GiB)",
};

/** What a rule about the machine is called. */
export function capacityTitle(name: string): string {
  return (Object.hasOwn(capacities, name) ? capacities[name] : undefined) ?? name;
}

/** Whether the target's machine can hold the model. */
export function capacitySentence(finding: PolicyFinding, title: string, { target }: Facts): string {
  const { max = null } = (finding.required ?? {}) as { readonly max?: Json };
  if (max === null)
    return `${title}: what ${machineName(target)} has is not in policies/instance-types.yaml, so nobody knows whether it can hold the model.`;
  if (finding.status === "missing")
    return `${title}: the model card does not say what the model needs; ${machineName(target)} has ${numberText(max)}.`;
  return `${title}: the model needs ${numberText(finding.observed, finding.required)}; ${machineName(target)} has ${numberText(max)}.`;
}

function machineName(target: Target): string {
  switch (target.kind) {
    case "sagemaker-endpoint":
      return target.serverless === undefined
        ? target.instanceType
        : `a serverless endpoint of ${target.serverless.memoryMegabytes} MB`;
    case "sagemaker-inference-component":
      return `a copy in the inference component '${target.endpoint}'`;
    case "kubernetes":
      return `the cluster '${target.cluster}'`;
    case "policy":
      return "no machine";
    case "pipeline":
    case "webhook":
      return `'${target.endpoint}'`;
    default:
      return target satisfies never;
  }
}

/** How the candidate compares with what was released before. */
export function championSentence(finding: PolicyFinding, name: string, facts: Facts): string {
  const { status, observed, required } = finding;
  const champion = facts.releases?.[0];
  if (observed === "first release") return `${name} is compared with nothing: this is the first release.`;
  if (observed === "no such group before")
    return `${name} cannot be compared: version ${champion?.version ?? ""} in production does not give it for this group.`;
  if (status === "missing") {
    if (champion === undefined) return `${name} cannot be compared: nobody looked what was released before.`;
    const clause = missingClause(finding, facts);
    return clause === "is not given"
      ? `${name} cannot be compared: the candidate or version ${champion.version} in production does not give it.`
      : `${name} ${clause}, so it cannot be compared with version ${champion.version}.`;
  }
  return `${name} is ${numberText(observed, required)}; compared with ${before(facts)}, ${boundNear(required, observed)} is required.`;
}

/** What a comparison is about. */
function before({ releases }: Facts): string {
  const [champion, ...older] = releases ?? [];
  const now = `version ${champion?.version ?? ""}, which runs now`;
  return older.length === 0 ? now : `${now}, and those before it`;
}

/** A bound that was reckoned and has more digits than anybody reads: as many as put it on the right side of the value. */
function boundNear(required: Json, observed: Json): string {
  const bound = boundOf(required) ?? {};
  const side: Json = typeof observed === "number" ? { min: observed } : null;
  const ends = Object.entries(bound).map(([end, value]) => [end, Number(numberText(value, side))] as const);
  return boundText(Object.fromEntries(ends));
}

/** What the model card says. */
export function cardSentence({ status, observed, required }: PolicyFinding, name: string): string {
  if (name === "risk") {
    const allowed = listText(required);
    return status === "missing"
      ? `The model card states no risk; it has to be one of ${allowed}.`
      : `The model card states the risk ${JSON.stringify(observed)}; it has to be one of ${allowed}.`;
  }
  if (status === "missing") return `No model card that can be read was given; it has to fill ${listText(required)}.`;
  const filled = Array.isArray(observed) ? observed : [];
  const empty = (Array.isArray(required) ? required : []).filter((section) => !filled.includes(section));
  return empty.length === 0
    ? `The model card fills ${listText(required)}.`
    : `The model card says nothing in ${listText(empty)}; it has to fill ${listText(required)}.`;
}
