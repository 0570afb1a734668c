import { describe, expect, it } from "vitest";
import { endsUntold, overdue, underWay } from "../../../../core/archive/beside/verify-ends.ts";
import type { Step } from "../../../../core/archive/history/replay-promotion.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf, sayingIn, stepOf, withStep } from "../told-steps.ts";

const day = 86_400;
const until = (steps: readonly Step[], type: FactType) => steps.slice(0, steps.indexOf(stepOf(steps, type)) + 1);

describe("what the end of a promotion's records leaves under way", () => {
  it("is nothing of what ended, runs, or is lent", async () => {
    for (const promotion of [told.deployed, told.kept, told.rejected, told.withdrawn, told.expired, told.lent])
      expect(underWay((await replayedOf(promotion)).steps)).toBeUndefined();
    const { steps } = await replayedOf(told.lent);
    expect(underWay(until(steps, "loan-running"))).toBeUndefined();
    expect(underWay([])).toBeUndefined();
  });

  it("is a review until its promotion expires", async () => {
    const { steps } = await replayedOf(told.deployed);
    const by = steps[0]?.after.expiresAt;
    for (const type of ["request", "gates", "stage-opened", "stage-decided"] as const)
      expect(underWay(until(steps, type))).toMatchObject({ promotion: told.deployed, what: "its review ended", by });
  });

  it("is the beginning of a deployment for as long as its verdict is good", async () => {
    for (const promotion of [told.deployed, told.policies]) {
      const { steps } = await replayedOf(promotion);
      expect(underWay(until(steps, "verdict"))).toMatchObject({
        what: "what it was approved for began",
        by: addSeconds(momentOf(steps, "verdict"), 3600),
      });
    }
  });

  it("is a deployment for the longest that it may take, or that its way back may", async () => {
    const { steps } = await replayedOf(told.deployed);
    const begun = until(steps, "deployment-started");
    const released = (release: object) => sayingIn(begun, "deployment-started", { release: { ...release } });
    const canary = { kind: "update", traffic: { kind: "canary", percent: 10, waitSeconds: 600 } };
    const started = momentOf(steps, "deployment-started");
    const ends = (of: readonly Step[]) => {
      const left = underWay(of);
      return left === undefined ? [] : [left.what, left.by];
    };
    expect(ends(released(canary))).toEqual(["its deployment ended", addSeconds(started, 1200 + 1800)]);
    expect(ends(released({ ...canary, watchSeconds: 7200 }))[1]).toBe(addSeconds(started, 7200 + 1800));
    const { steps: rolled } = await replayedOf(told.kept);
    const back = until(rolled, "rollback");
    const atOnce = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } };
    const plain = sayingIn(back, "deployment-started", { release: { ...atOnce, watchSeconds: 7200 } });
    expect(ends(plain)[1]).toBe(addSeconds(momentOf(rolled, "rollback"), 1800));
  });

  it("is what policies are put in force for, at once", async () => {
    const { steps } = await replayedOf(told.policies);
    const activated = until(steps, "policy-activated");
    expect(underWay(activated)?.by).toBe(momentOf(steps, "policy-activated"));
  });

  it("is a review again where a release under conditions was taken back", async () => {
    const { steps } = await replayedOf(told.deployed);
    const begun = until(steps, "deployment-started");
    const again = withStep(begun, "deployment-started", ({ after: { verdict: _, ...after } }) => ({
      after: { ...after, status: "in-review" },
    }));
    expect(underWay(again)?.what).toBe("its review ended");
  });
});

describe("an end that is not told", () => {
  it("is said a day after it was due, by the end of the log", async () => {
    const { steps } = await replayedOf(told.deployed);
    const left = underWay(until(steps, "deployment-started")) ?? expect.unreachable();
    expect(overdue([left], addSeconds(left.by, day))).toEqual([left]);
    expect(overdue([left], addSeconds(left.by, day - 1))).toEqual([]);
    expect(overdue([left], undefined)).toEqual([]);
    const goesTo = addSeconds(left.by, day);
    expect(endsUntold([left], goesTo)).toEqual([
      {
        promotion: told.deployed,
        sentence: `How its deployment ended, by ${left.by} at the latest: the log goes on until ${goesTo}, and no record here says. Its execution was stopped, or its end was left out.`,
      },
    ]);
  });
});
