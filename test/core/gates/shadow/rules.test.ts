import { describe, expect, it } from "vitest";
import { judgedInShadow } from "../../../../core/gates/shadow/rules.ts";
import type { GateThresholds } from "../../../../core/gates/thresholds.ts";
import type { FrozenEvidence } from "../../../../core/promotion/freeze-manifest.ts";
import {
  type ShadowPlan,
  type ShadowRun,
  shadowPlanDigest,
  shadowReportName,
} from "../../../../core/promotion/shadow.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";

const plan: ShadowPlan = {
  durationSeconds: 3600,
  requests: 100,
  withinSeconds: 86_400,
  agreement: 0.95,
  errorPercent: 1,
  psi: 0.2,
};
const thresholds: GateThresholds = {
  modelType: "credit-scoring",
  artifacts: ["model"],
  evidence: ["bias", "shadow-run"],
  quality: {},
  fairness: {},
  security: {},
  measures: { "unit-tests": { failed: { max: 0 } }, "shadow-run": { psi: { max: 0.1 }, latency_p99_ms: { max: 900 } } },
};
const evidence: FrozenEvidence = {
  kind: "shadow-run",
  format: "plain",
  name: shadowReportName,
  mediaType: "application/json",
  size: 10,
  sha256: digestOf("report"),
};
const run: ShadowRun = { plan: shadowPlanDigest(plan), askedAt: now, beside: "before", evidence };
const without = { evidence: [] };

describe("what the gates judge by where a run in shadow is asked for", () => {
  it("is what the thresholds say where none is", () => {
    expect(judgedInShadow(thresholds, undefined, { manifest: without, shadow: run })).toEqual({
      thresholds,
      added: [],
    });
  });

  it("is nothing of the run before it is over", () => {
    const judged = judgedInShadow(thresholds, plan, { manifest: without });
    expect(judged.added).toEqual([]);
    expect(judged.thresholds).toMatchObject({ evidence: ["bias"], measures: { "unit-tests": { failed: { max: 0 } } } });
    expect(judged.thresholds?.measures).not.toHaveProperty("shadow-run");
  });

  it("is the run that the pipeline reports of, all the same", () => {
    expect(judgedInShadow(thresholds, plan, { manifest: { evidence: [evidence] } }).thresholds).toBe(thresholds);
  });

  it("is its report afterwards, within the bounds of matrix and thresholds, whichever is stricter", () => {
    const judged = judgedInShadow({ ...thresholds, evidence: ["bias"] }, plan, { manifest: without, shadow: run });
    expect(judged.added).toEqual([evidence]);
    expect(judged.thresholds?.evidence).toEqual(["bias", "shadow-run"]);
    expect(judged.thresholds?.measures?.["shadow-run"]).toEqual({
      requests: { min: 100 },
      agreement: { min: 0.95 },
      error_rate: { max: 0.01 },
      psi: { max: 0.1 },
      latency_p99_ms: { max: 900 },
    });
  });

  it("does not count a run under another plan", () => {
    const other = { ...plan, requests: 200 };
    expect(judgedInShadow(thresholds, other, { manifest: without, shadow: run }).added).toEqual([]);
  });
});
