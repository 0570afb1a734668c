import type { Sha256 } from "../encoding/sha256.ts";
import { type FreezeManifest, freezeDigest } from "../promotion/freeze-manifest.ts";
import type { Facts, Illustrations } from "./facts.ts";
import { describeFinding } from "./finding-sentence.ts";
import type { Finding, GateReport } from "./gate-report.ts";
import { type CandidateFiles, gatherFacts } from "./gather-facts.ts";
import { policyData } from "./policy-data.ts";
import { type EvaluatePolicy, expectedRules, gates, type PolicyFinding, readPolicyResult } from "./policy-result.ts";
import type { GateThresholds } from "./thresholds.ts";

export interface Judgement extends CandidateFiles {
  readonly manifest: FreezeManifest;
  /** Those that apply to the manifest's model type and target (`thresholdsFor`); undefined where there are none. */
  readonly thresholds: GateThresholds | undefined;
  /** SHA-256 of the compiled policy that `evaluate` runs. */
  readonly wasmDigest: Sha256;
  readonly evaluate: EvaluatePolicy;
}

/**
 * Judges a candidate from its manifest and the bytes of its evidence. Depends on nothing but its argument, so an
 * archive is verified by calling it again. Passed only if the policy answered for every rule and each of them passed.
 */
export function gateReport(judgement: Judgement): GateReport {
  return judge(judgement).report;
}

/** As `gateReport`, with the facts that it rests on, for the summary that reviewers are shown. */
export function judge(judgement: Judgement): {
  readonly report: GateReport;
  readonly facts: Facts;
  readonly illustrations: Illustrations;
} {
  const { manifest, thresholds, wasmDigest, evaluate } = judgement;
  const { facts, illustrations } = gatherFacts(manifest, judgement);
  const { data, digest } = policyData(thresholds);
  const result = readPolicyResult(evaluate(facts, data), facts, thresholds);
  const findings =
    result.kind === "findings"
      ? inReadingOrder(result.findings, expectedRules(facts, thresholds)).map((one) => findingOf(one, facts))
      : [brokenPolicy(result.sentence)];
  const passed = findings.length > 0 && findings.every(({ status }) => status === "passed");
  const report: GateReport = {
    reportVersion: 1,
    outcome: passed ? "passed" : "blocked",
    freezeDigest: freezeDigest(manifest),
    policy: { wasm: wasmDigest, data: digest },
    findings,
    evidence: manifest.evidence.map(({ kind, name, sha256 }) => ({ kind, name, sha256 })),
  };
  return { report, facts, illustrations };
}

function findingOf(finding: PolicyFinding, facts: Facts): Finding {
  const { rule, status, observed, required, where } = finding;
  return { rule, ...describeFinding(finding, facts), status, observed, required, where };
}

/** What did not pass first, then gate by gate, then as the thresholds list it. */
function inReadingOrder(findings: readonly PolicyFinding[], order: readonly string[]): readonly PolicyFinding[] {
  const rank = new Map(order.map((rule, index) => [rule, index]));
  const place = ({ rule }: PolicyFinding) => rank.get(rule) ?? order.length;
  return findings.toSorted(
    (a, b) =>
      Number(a.status === "passed") - Number(b.status === "passed") ||
      gates.indexOf(a.gate) - gates.indexOf(b.gate) ||
      place(a) - place(b) ||
      (a.rule < b.rule ? -1 : 1),
  );
}

function brokenPolicy(sentence: string): Finding {
  return {
    rule: "policy.result",
    title: "The policy itself",
    status: "failed",
    observed: null,
    required: "an answer for every rule",
    where: "policies/compiled/gates.wasm",
    sentence: `The gates could not be evaluated, so the candidate is blocked. ${sentence}`,
  };
}
