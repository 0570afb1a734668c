import { describe, expect, it } from "vitest";
import type { Instant } from "../../core/encoding/instant.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import type { FactType } from "../../core/promotion/fact.ts";
import type { ShownPromotion } from "../../portal/src/api/contract.ts";
import { lifeCycleOf } from "../../portal/src/record/life-cycle.ts";

const start = "2026-11-22T17:00:00.000Z" as Instant;

/** A promotion with two stages that came so far. */
function shown(status: ShownPromotion["status"], types: readonly FactType[], over: Partial<ShownPromotion> = {}) {
  const timeline = types.map((type, at) => ({ id: `p/${at}`, type, at: addSeconds(start, at * 60), summary: "" }));
  const stages = [{ name: "compliance" }, { name: "operations" }];
  return {
    status,
    manifest: { target: { kind: "sagemaker-endpoint" } },
    submittedAt: start,
    timeline,
    requirements: { sha256: "", document: { rule: { stages } } },
    ...(types.includes("gates") ? { gates: { outcome: "passed", report: {} } } : {}),
    ...(types.includes("verdict") ? { verdict: { result: "PASSED", at: start, sha256: "" } } : {}),
    ...over,
  } as unknown as ShownPromotion;
}

const inReview = ["request", "freeze", "gates", "stage-opened", "stage-decided"] as const;
const deployed = [...inReview, "stage-decided", "verdict", "deployment-started", "deployed"] as const;
const states = (promotion: ShownPromotion) => lifeCycleOf(promotion).map(({ state }) => state);

describe("the life cycle of a promotion", () => {
  it("is at the stage that is open", () => {
    const steps = lifeCycleOf(shown("in-review", inReview));
    expect(steps.find(({ state }) => state === "current")?.title).toBe("Review: operations");
    expect(steps[3]).toEqual({ title: "Review: compliance", state: "done", at: addSeconds(start, 240) });
    expect(states(shown("in-review", inReview)).slice(5)).toEqual(["ahead", "ahead", "ahead"]);
  });

  it("ends where the gates stopped it", () => {
    const blocked = shown("blocked", ["request", "freeze", "gates"], { gates: { outcome: "blocked" } as never });
    expect(states(blocked)).toEqual(["done", "done", "ended", ...Array.from({ length: 5 }, () => "unreached")]);
  });

  it("ends in the stage that said no", () => {
    expect(states(shown("rejected", inReview))).toEqual([
      ...["done", "done", "done", "done", "ended"],
      ...["unreached", "unreached", "unreached"],
    ]);
  });

  it("is done once it is deployed, and goes on to where it was taken back", () => {
    expect(new Set(states(shown("deployed", deployed)))).toEqual(new Set(["done"]));
    expect(lifeCycleOf(shown("rolled-back", deployed)).at(-1)).toEqual({ title: "Rolled back", state: "ended" });
  });

  it("of policies is done once they are in force: no deployment is begun", () => {
    const manifest = { target: { kind: "policy" } } as ShownPromotion["manifest"];
    const types = [...inReview, "stage-decided", "verdict", "policy-activated", "deployed"] as const;
    const steps = lifeCycleOf(shown("deployed", types, { manifest }));
    expect(new Set(steps.map(({ state }) => state))).toEqual(new Set(["done"]));
    expect(steps.at(-1)?.title).toBe("Put in force");
    expect(lifeCycleOf(shown("in-review", inReview, { manifest })).at(-1)).toEqual({
      title: "Put in force",
      state: "ahead",
    });
  });

  it("counts no stage of a review that went back to the gates", () => {
    const again = shown("in-review", [...inReview, "gates", "stage-opened"]);
    expect(lifeCycleOf(again).find(({ state }) => state === "current")?.title).toBe("Review: compliance");
  });

  it("says of a stage that was reached before the requirements changed that it is not reached again", () => {
    const toldOf = (promotion: ShownPromotion) =>
      lifeCycleOf(promotion).map(({ state, before }) => (before ? "before" : state));
    const blocked = shown("blocked", [...inReview, "seat-reopened", "gates"], {
      gates: { outcome: "blocked" } as never,
    });
    const rest = ["unreached", "unreached", "unreached"];
    expect(toldOf(blocked)).toEqual(["done", "done", "ended", "before", "unreached", ...rest]);
    const { gates: _, ...withdrawn } = shown("withdrawn", ["request", "freeze", "gates", "stage-opened", "withdrawn"]);
    expect(toldOf(withdrawn)).toEqual(["done", "done", "ended", "before", "unreached", ...rest]);
    const second = [...inReview, "stage-opened"] as const;
    const rejected = shown("rejected", [...second, "seat-reopened", "gates", "stage-opened"]);
    expect(toldOf(rejected)).toEqual(["done", "done", "done", "ended", "before", ...rest]);
    expect(toldOf(shown("rejected", ["request", "freeze", "gates", "gates", "stage-opened"]))).not.toContain("before");
  });

  it("is at the stage that was decided and is open again", () => {
    const stage = { index: 0, open: true } as NonNullable<ShownPromotion["stage"]>;
    const again = shown("in-review", [...inReview, "stage-opened", "stage-decided", "seat-reopened", "stage-opened"], {
      stage,
    });
    expect(lifeCycleOf(again).find(({ state }) => state === "current")?.title).toBe("Review: compliance");
  });
});
