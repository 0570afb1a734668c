import { describe, expect, it } from "vitest";
import {
  isCaptured,
  runUnder,
  type ShadowPlan,
  type ShadowRun,
  shadowPlanDigest,
  shadowSettled,
} from "../../../core/promotion/shadow.ts";
import { digestOf, manifest, now } from "./promotion-in-review.ts";

const plan: ShadowPlan = { durationSeconds: 3600, requests: 100, withinSeconds: 7200, agreement: 0.95 };
const [document] = manifest.evidence;
if (document === undefined) throw new Error("The manifest has no evidence.");
const evidence = { ...document, kind: "shadow-run" as const, sha256: digestOf("report") };
const run: ShadowRun = { plan: shadowPlanDigest(plan), askedAt: now, beside: "champion", evidence };

describe("what both models answer", () => {
  it("is kept by SageMaker, and elsewhere where the target names who keeps it", () => {
    expect(isCaptured(manifest.target as Parameters<typeof isCaptured>[0])).toBe(true);
    expect(isCaptured({ kind: "kubernetes" })).toBe(false);
    expect(isCaptured({ kind: "kubernetes", mirror: {} })).toBe(false);
    expect(isCaptured({ kind: "kubernetes", mirror: { captures: "s3://captures/" } })).toBe(true);
  });
});

describe("the run that counts", () => {
  it("is the one under the plan that is asked for now", () => {
    expect(runUnder(plan, run)).toBe(run);
    expect(runUnder({ ...plan, requests: 101 }, run)).toBeUndefined();
    expect(runUnder(undefined, run)).toBeUndefined();
    expect(runUnder(plan, undefined)).toBeUndefined();
  });
});

describe("whether people may be asked, as far as the run in shadow goes", () => {
  const { evidence: _, ...running } = run;
  const { beside: _beside, ...besideNothing } = running;
  const judged = { shadowRun: evidence.sha256 };

  it.each<[boolean, string, ShadowPlan | undefined, Parameters<typeof shadowSettled>[1]]>([
    [true, "none is asked for", undefined, {}],
    [false, "it has not begun", plan, {}],
    [false, "it ran under another plan", { ...plan, psi: 0.2 }, { shadow: run, gates: judged }],
    [false, "it is on", plan, { shadow: running, gates: judged }],
    // What nobody reported is no report that the gates did not judge either.
    [false, "it is on, and the gates have judged no report", plan, { shadow: running, gates: {} }],
    [false, "the gates have not judged its report", plan, { shadow: run, gates: {} }],
    [false, "no gates have judged", plan, { shadow: run }],
    [false, "the gates have judged another report", plan, { shadow: run, gates: { shadowRun: digestOf("another") } }],
    [true, "the gates have judged its report", plan, { shadow: run, gates: judged }],
    [true, "there was nothing to run beside", plan, { shadow: besideNothing }],
  ])("is %s where %s", (settled, _, asked, promotion) => {
    expect(shadowSettled(asked, promotion)).toBe(settled);
  });

  it("is false where there was nothing to run beside, and the plan does not put up with that", () => {
    const required: ShadowPlan = { ...plan, required: true };
    expect(shadowSettled(required, { shadow: { ...besideNothing, plan: shadowPlanDigest(required) } })).toBe(false);
  });
});
