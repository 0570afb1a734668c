import type { Json } from "../encoding/canonical-json.ts";
import { isInstant } from "../encoding/instant.ts";
import { isBelied } from "./belied.ts";
import { dryRunOf } from "./dry-run.ts";
import { expectedRules } from "./expected-rules.ts";
import type { Facts } from "./facts.ts";
import type { PolicyData } from "./policy-data.ts";
import { gates, type PolicyFinding } from "./policy-finding.ts";
import type { GateThresholds } from "./thresholds.ts";

/** What the engine made of it: a result that nobody has looked at yet, or why there is none. */
export type PolicyEvaluation =
  | { readonly kind: "evaluated"; readonly result: unknown }
  | { readonly kind: "failed"; readonly sentence: string };

/** The port to the policy engine: synchronous, and with the same answer for the same arguments. */
export type EvaluatePolicy = (input: Facts, data: PolicyData) => PolicyEvaluation;

export type PolicyResult =
  | { readonly kind: "findings"; readonly findings: readonly PolicyFinding[] }
  | { readonly kind: "unusable"; readonly sentence: string };

// By hand: a schema takes a third as long as the policy takes to judge (measured), for every promotion.
function findingOf(value: unknown): PolicyFinding | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { rule, gate, subject, status, observed, required, where, dryRun = null } = value as Record<string, unknown>;
  const known =
    typeof rule === "string" &&
    rule !== "" &&
    Array.isArray(subject) &&
    subject.every((part) => typeof part === "string") &&
    (status === "passed" || status === "failed" || status === "missing") &&
    isJson(observed) &&
    isJson(required) &&
    typeof where === "string" &&
    // A rule that does not say so is not on trial.
    (dryRun === null || isInstant(dryRun));
  if (!known) return undefined;
  return {
    rule,
    gate: gates.find((one) => one === gate) ?? "other",
    subject,
    status,
    observed,
    required,
    where,
    dryRun,
  };
}

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
  const { result } = evaluation;
  if (!Array.isArray(result)) return otherForm("as a whole");
  const findings: PolicyFinding[] = [];
  for (const [index, value] of result.entries()) {
    const finding = findingOf(value);
    if (finding === undefined) return otherForm(`finding ${index}`);
    findings.push(finding);
  }
  if (findings.length === 0) return unusable("The policy gave no answer.");
  const rules = new Set(findings.map(({ rule }) => rule));
  if (rules.size < findings.length) return unusable("The policy answers more than once for the same rule.");
  const lacking = expectedRules(facts, thresholds).filter((rule) => !rules.has(rule));
  if (lacking.length > 0) return unusable(`The policy says nothing about ${lacking.slice(0, 5).join(", ")}.`);
  // A policy that enforces what is only on trial is safe; the other way round is not.
  const released = findings.find(
    ({ rule, dryRun }) => dryRun !== null && dryRun !== dryRunOf(thresholds, rule, facts.now),
  );
  if (released !== undefined)
    return unusable(`The policy takes ${released.rule} for a dry run that the thresholds do not ask for.`);
  const belied = findings.find(isBelied);
  if (belied !== undefined)
    return unusable(`The policy lets ${belied.rule} pass, and says itself that it is not as it asks.`);
  return { kind: "findings", findings };
}

function isJson(value: unknown): value is Json {
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

function otherForm(where: string): PolicyResult {
  return unusable(`The policy's answer has another form than was expected (${where}).`);
}

function unusable(sentence: string): PolicyResult {
  return { kind: "unusable", sentence };
}
