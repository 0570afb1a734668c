import { describe, expect, it } from "vitest";
import type { ShadowPlan, ShadowRun } from "../../../core/promotion/shadow.ts";
import { shadowPlanDigest } from "../../../core/promotion/shadow.ts";
import {
  withNothingToCompare,
  withShadowOver,
  withShadowReported,
  withShadowRunning,
  withShadowStarted,
} from "../../../core/promotion/shadowing.ts";
import { digestOf, id, now, promotionAtTheGates } from "./promotion-in-review.ts";

const plan: ShadowPlan = { durationSeconds: 86_400, requests: 1000, withinSeconds: 172_800, agreement: 0.95 };
const digest = shadowPlanDigest(plan);
const atTheGates = promotionAtTheGates();
const run: ShadowRun = { plan: digest, askedAt: now, beside: "champion" };
const shadowing = { ...atTheGates, status: "shadowing", shadow: run } as const;
const told = { id: `${id}/0`, promotion: id, type: "shadow-run", at: now, attachments: [] };

describe("a run in shadow is told", () => {
  it("before the target is touched", () => {
    const after = withShadowStarted(atTheGates, plan, "champion", now);
    expect([after.status, after.shadow]).toEqual(["shadowing", run]);
    expect(after.history).toEqual([
      {
        ...told,
        summary:
          "The candidate is to run in shadow of what answers now ('champion'), for 1 day and 1000 requests, and for 2 days at most. Nobody hears its answers.",
        body: { state: "started", plan: digest, beside: "champion" },
      },
    ]);
  });

  it("where nothing answers that it could run beside, which is no status of its own", () => {
    const after = withNothingToCompare(atTheGates, plan, now);
    expect([after.status, after.shadow]).toEqual(["gating", { plan: digest, askedAt: now }]);
    expect(after.history).toEqual([
      {
        ...told,
        summary: "Nothing runs there yet, so there is nothing to compare the candidate with: it did not run in shadow.",
        body: { state: "nothing-to-compare", plan: digest },
      },
    ]);
  });

  it("as it gets requests", () => {
    const after = withShadowRunning(shadowing, run, now);
    expect([after.status, after.shadow]).toEqual(["shadowing", { ...run, since: now }]);
    expect(after.history).toEqual([
      { ...told, summary: "The candidate gets the requests of production, in shadow.", body: { state: "running" } },
    ]);
  });

  it("as it is over, with how many requests there were", () => {
    const after = withShadowOver(shadowing, run, 1234, now);
    expect([after.status, after.shadow]).toEqual(["shadowing", { ...run, endedAt: now }]);
    expect(after.history).toEqual([
      { ...told, summary: "The run in shadow is over, after 1234 requests.", body: { state: "over", requests: 1234 } },
    ]);
  });

  it("as the gates are to judge what it came to, with the report and what it was made of", () => {
    const mediaType = "application/json";
    const kind = "shadow-run" as const;
    const name = "_shadow-run.json";
    const evidence = { kind, format: "shadow-run", name, mediaType, size: 7, sha256: digestOf("report") };
    const observations = digestOf("observations");
    const after = withShadowReported(shadowing, run, { evidence, observations, at: now });
    expect([after.status, after.shadow]).toEqual(["gating", { ...run, evidence }]);
    expect(after.history).toEqual([
      {
        ...told,
        summary: "The candidate does not run in shadow any more, and what came of it is evidence: the gates judge it.",
        body: { state: "reported", evidence },
        attachments: [
          { name: "_shadow-run.json", mediaType, sha256: evidence.sha256 },
          { name: "shadow-observations.json", mediaType, sha256: observations },
        ],
      },
    ]);
  });
});
