import { describe, expect, it } from "vitest";
import { judge } from "../../../core/gates/judge.ts";
import type { PolicyFinding } from "../../../core/gates/policy-finding.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import { thresholdsFor } from "../../../core/gates/thresholds.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { goodCandidate, judgementOf, manifestOf, shippedPolicy, shippedThresholds } from "./candidate.ts";

const shipped = judgementOf(goodCandidate);
const answer = shippedPolicy.evaluate(judge(shipped).facts, {
  ...(shipped.thresholds === undefined ? {} : { thresholds: shipped.thresholds }),
});
const findings = (answer.kind === "evaluated" ? answer.result : []) as readonly PolicyFinding[];
const answering =
  (result: unknown): EvaluatePolicy =>
  () => ({ kind: "evaluated", result });

describe("judge", () => {
  it("names what was judged, by which policy, on which evidence", () => {
    const report = judge(shipped).report;
    const manifest = manifestOf(goodCandidate);
    expect(report).toMatchObject({
      reportVersion: 1,
      outcome: "passed",
      freezeDigest: freezeDigest(manifest),
      policy: { wasm: shippedPolicy.digest },
      evidence: manifest.evidence.map(({ kind, name, sha256 }) => ({ kind, name, sha256 })),
    });
  });

  it("binds the thresholds that applied, and not those of another model type", () => {
    const { policy } = judge(shipped).report;
    const thresholds = thresholdsFor(shippedThresholds, "recommendation", "production");
    expect(judge({ ...shipped, thresholds }).report.policy.data).not.toBe(policy.data);
    expect(judge({ ...judgementOf(goodCandidate) }).report.policy).toEqual(policy);
  });

  it("comes out byte for byte the same when it is made again", () => {
    expect(JSON.stringify(judge(judgementOf(goodCandidate)).report)).toBe(JSON.stringify(judge(shipped).report));
  });

  it("puts what did not pass first", () => {
    const bad = judgementOf({ ...goodCandidate, computed: { "model.json": null } });
    expect(
      judge(bad)
        .report.findings.map(({ status }) => status)
        .slice(0, 2),
    ).toEqual(["missing", "passed"]);
  });

  it("shows a rule that an organisation added, in words it can find", () => {
    const own = {
      rule: "carbon.budget",
      gate: "carbon",
      subject: [],
      status: "failed",
      observed: 9,
      required: 5,
      where: "c.json",
    };
    const report = judge({ ...shipped, evaluate: answering([...findings, own]) }).report;
    expect(report.outcome).toBe("blocked");
    expect(report.findings[0]).toMatchObject({
      title: "carbon.budget",
      sentence: "carbon.budget is 9; 5 is required.",
    });
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /another form/],
    ["an empty list", [], /gave no answer/],
    ["true", true, /another form/],
    ["a finding without status", [{ ...findings[0], status: undefined }], /another form/],
    ["an unknown status", [{ ...findings[0], status: "ok" }], /another form/],
    ["a rule twice", [...findings, findings[0]], /more than once/],
    [
      "findings without the AUC's",
      findings.filter(({ rule }) => rule !== "quality.auc"),
      /says nothing about quality\.auc/,
    ],
    [
      "no word on a file",
      findings.filter(({ rule }) => rule !== "digest.bias.json"),
      /nothing about digest\.bias\.json/,
    ],
    ["only what it always says", findings.filter(({ gate }) => gate === "policy"), /says nothing about/],
  ])("blocks when the policy answers with %s", (_name, result, sentence) => {
    const report = judge({ ...shipped, evaluate: answering(result) }).report;
    expect(report.outcome).toBe("blocked");
    expect(report.findings).toMatchObject([
      { rule: "policy.result", status: "failed", sentence: expect.stringMatching(sentence) },
    ]);
  });

  it("blocks when the policy stops", () => {
    const evaluate: EvaluatePolicy = () => ({ kind: "failed", sentence: "The policy engine stopped: no memory." });
    expect(judge({ ...shipped, evaluate }).report.findings).toMatchObject([
      {
        sentence:
          "The gates could not be evaluated, so the candidate is blocked. The policy engine stopped: no memory.",
      },
    ]);
  });
});
