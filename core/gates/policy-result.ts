import * as v from "valibot";
import type { Json } from "../encoding/canonical-json.ts";
import type { Facts } from "./facts.ts";
import type { PolicyData } from "./policy-data.ts";
import type { GateThresholds } from "./thresholds.ts";

/** What the engine made of it: a result that nobody has looked at yet, or why there is none. */
export type PolicyEvaluation =
  | { readonly kind: "evaluated"; readonly result: unknown }
  | { readonly kind: "failed"; readonly sentence: string };

/** The port to the policy engine: synchronous, and with the same answer for the same arguments. */
export type EvaluatePolicy = (input: Facts, data: PolicyData) => PolicyEvaluation;

/** The families of rules in the order in which people read them. `other`: a rule that an organisation added. */
export const gates = [
  "policy",
  "quality",
  "fairness",
  "schema",
  "pii",
  "security",
  "evidence",
  "artifact",
  "digest",
  "other",
] as const;
export type Gate = (typeof gates)[number];

/** One rule's outcome as the policy gives it; the sentence is made from it here, because sprintf differs between hosts. */
export interface PolicyFinding {
  readonly rule: string;
  readonly gate: Gate;
  /** What the rule is about: `["metric", "auc"]`, `["facet", "sex", "DI"]`, `["digest", "model.json"]`. */
  readonly subject: readonly string[];
  readonly status: "passed" | "failed" | "missing";
  readonly observed: Json;
  readonly required: Json;
  readonly where: string;
}

export type PolicyResult =
  | { readonly kind: "findings"; readonly findings: readonly PolicyFinding[] }
  | { readonly kind: "unusable"; readonly sentence: string };

// By hand: a recursive union costs valibot more time than the policy takes to judge (measured).
const json = v.custom<Json>(isJson);
const finding = v.object({
  rule: v.pipe(v.string(), v.minLength(1)),
  gate: v.fallback(v.picklist(gates), "other"),
  subject: v.array(v.string()),
  status: v.picklist(["passed", "failed", "missing"]),
  observed: json,
  required: json,
  where: v.string(),
});

/**
 * The policy's findings, if they can be relied on: well-formed, each rule once, and every rule that these thresholds
 * and files ask for among them. Anything else is unusable, and the caller blocks.
 */
export function readPolicyResult(
  evaluation: PolicyEvaluation,
  facts: Facts,
  thresholds: GateThresholds | undefined,
): PolicyResult {
  if (evaluation.kind === "failed") return unusable(evaluation.sentence);
  const parsed = v.safeParse(v.array(finding), evaluation.result);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return unusable(`The policy's answer has another form than was expected (${v.getDotPath(issue) ?? "as a whole"}).`);
  }
  const findings = parsed.output;
  if (findings.length === 0) return unusable("The policy gave no answer.");
  const rules = new Set(findings.map(({ rule }) => rule));
  if (rules.size < findings.length) return unusable("The policy answers more than once for the same rule.");
  const lacking = expectedRules(facts, thresholds).filter((rule) => !rules.has(rule));
  if (lacking.length > 0) return unusable(`The policy says nothing about ${lacking.slice(0, 5).join(", ")}.`);
  return { kind: "findings", findings };
}

/** The ids of the rules that must be answered, gate by gate. */
export function expectedRules(facts: Facts, thresholds: GateThresholds | undefined): readonly string[] {
  const files = [...facts.artifacts, ...facts.evidence];
  const always = ["policy.applies", ...files.map(({ name }) => `digest.${name}`)];
  if (thresholds === undefined) return always;
  const { artifacts, evidence, quality, fairness, data, security } = thresholds;
  return [
    ...always,
    ...artifacts.map((role) => `artifact.${role}`),
    ...evidence.map((kind) => `evidence.${kind}`),
    // Sorted, because the requirements' digest does not cover the order in which a file lists its keys.
    ...sortedKeys(quality).map((metric) => `quality.${metric}`),
    ...sortedKeys(fairness).flatMap((facet) =>
      sortedKeys(fairness[facet] ?? {}).map((metric) => `fairness.${facet}.${metric}`),
    ),
    ...(data === undefined ? [] : ["data.schema", "data.pii"]),
    ...sortedKeys(security).map((severity) => `security.${severity}`),
  ];
}

function isJson(value: unknown): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    case "object":
      return value === null || Object.values(value).every(isJson);
    default:
      return false;
  }
}

function sortedKeys(members: object): readonly string[] {
  return Object.keys(members).toSorted();
}

function unusable(sentence: string): PolicyResult {
  return { kind: "unusable", sentence };
}
