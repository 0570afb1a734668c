import type { Instant } from "../encoding/instant.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { compareText } from "../encoding/text-order.ts";
import { type FreezeManifest, type FrozenEvidence, freezeDigest } from "../promotion/freeze-manifest.ts";
import { earlierReleasesBytes } from "./earlier-releases.ts";
import { expectedRules } from "./expected-rules.ts";
import type { EarlierRelease, Facts, Illustrations } from "./facts.ts";
import { describeFinding } from "./finding-sentence.ts";
import { blocks, type Finding, type GateReport } from "./gate-report.ts";
import { type CandidateFiles, gatherFacts } from "./gather-facts.ts";
import { policyData } from "./policy-data.ts";
import { gates, type PolicyFinding } from "./policy-finding.ts";
import { type EvaluatePolicy, readPolicyResult } from "./policy-result.ts";
import type { GateThresholds } from "./thresholds.ts";

export interface Judgement extends CandidateFiles {
  readonly manifest: FreezeManifest;
  /** Those that apply to the manifest's model type and target (`thresholdsFor`); undefined where there are none. */
  readonly thresholds: GateThresholds | undefined;
  /** SHA-256 of the compiled policy that `evaluate` runs. */
  readonly wasmDigest: Sha256;
  readonly evaluate: EvaluatePolicy;
  readonly now: Instant;
  /** What was released before, newest first; undefined where nobody looked, and then a comparison blocks. */
  readonly releases?: readonly EarlierRelease[] | undefined;
  /** Evidence that came after the candidate was frozen: of its run in shadow. */
  readonly added?: readonly FrozenEvidence[];
}

/**
 * Judges a candidate from its manifest and the bytes of its evidence. Depends on nothing but its argument, so an
 * archive is verified by calling it again. Passed only if the policy answered for every rule and each of them passed.
 * Beside the report, the facts that it rests on, for the summary that reviewers are shown.
 */
export function judge(judgement: Judgement): {
  readonly report: GateReport;
  readonly facts: Facts;
  readonly illustrations: Illustrations;
} {
  const { manifest, thresholds, wasmDigest, evaluate, added = [] } = judgement;
  const { facts, illustrations } = gatherFacts(manifest, judgement, judgement);
  const { data, digest } = policyData(thresholds);
  const result = readPolicyResult(evaluate(facts, data), facts, thresholds);
  const findings =
    result.kind === "findings"
      ? inReadingOrder(result.findings, expectedRules(facts, thresholds)).map((one) => findingOf(one, facts))
      : [brokenPolicy(result.sentence)];
  const passed = findings.length > 0 && !findings.some(blocks);
  const report: GateReport = {
    reportVersion: 1,
    outcome: passed ? "passed" : "blocked",
    evaluatedAt: judgement.now,
    freezeDigest: freezeDigest(manifest),
    ...(judgement.releases === undefined
      ? {}
      : { earlierReleases: sha256Hex(earlierReleasesBytes(judgement.releases)) }),
    policy: { wasm: wasmDigest, data: digest },
    findings,
    evidence: [...manifest.evidence, ...added].map(({ kind, name, sha256 }) => ({ kind, name, sha256 })),
  };
  return { report, facts, illustrations };
}

function findingOf(finding: PolicyFinding, facts: Facts): Finding {
  const { rule, status, observed, required, where, dryRun } = finding;
  const described = { rule, ...describeFinding(finding, facts), status, observed, required, where };
  if (dryRun === null) return described;
  const sentence = status === "passed" ? described.sentence : `${described.sentence} ${dryRunNote(dryRun)}`;
  return { ...described, sentence, dryRunUntil: dryRun };
}

/** What blocks first, then what did not pass and is on trial. */
function urgency({ status, dryRun }: PolicyFinding): number {
  return status === "passed" ? 2 : dryRun === null ? 0 : 1;
}

function dryRunNote(until: Instant): string {
  const day = until.endsWith("T00:00:00.000Z") ? until.slice(0, 10) : until;
  return `This rule is on trial: it does not block before ${day}.`;
}

/** What did not pass first, then gate by gate, then as the thresholds list it. */
function inReadingOrder(findings: readonly PolicyFinding[], order: readonly string[]): readonly PolicyFinding[] {
  const rank = new Map(order.map((rule, index) => [rule, index]));
  const place = ({ rule }: PolicyFinding) => rank.get(rule) ?? order.length;
  return findings.toSorted(
    (a, b) =>
      urgency(a) - urgency(b) ||
      gates.indexOf(a.gate) - gates.indexOf(b.gate) ||
      place(a) - place(b) ||
      compareText(a.rule, b.rule),
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
