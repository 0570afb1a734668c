import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  firstShared,
  type HeldShare,
  heldShare,
  type ShareStanding,
  secondsUpTo,
  standingOf,
  weightedTraffic,
  whyTooEarly,
} from "../../../core/deployment/weights.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { ShiftedTraffic } from "../../../core/promotion/traffic.ts";
import { now } from "../promotion/promotion-in-review.ts";

const steps = [
  { percent: 10, waitSeconds: 86_400 },
  { percent: 100, waitSeconds: 600 },
];
const at = (seconds: number) => addSeconds(now, seconds);
const held = (percent: number, since = 0): HeldShare => ({ percent, since: at(since) });

describe("a part that the candidate is seen to have", () => {
  it.each<[string, HeldShare | undefined, number, number, ShareStanding]>([
    ["is told at first", undefined, 10, 5, { kind: "new" }],
    ["is held for its time", held(10), 10, 86_399, { kind: "held", secondsLeft: 1 }],
    ["is followed by the next", held(10), 10, 86_400, { kind: "due", to: 100 }],
    ["is told when it is the next", held(10), 100, 86_400, { kind: "new" }],
    ["is held at the end as well", held(100, 86_400), 100, 86_401, { kind: "held", secondsLeft: 599 }],
    ["is followed by its serving alone", held(100, 86_400), 100, 87_000, { kind: "due", to: "all" }],
  ])("%s", (_, told, seen, seconds, standing) => {
    expect(standingOf(steps, told, seen, at(seconds))).toEqual(standing);
  });

  it.each<[string, HeldShare | undefined, number, number, number]>([
    ["is another from the beginning", undefined, 60, 5, 10],
    ["is more than it should be", held(10), 11, 60, 10],
    ["is less than it should be", held(10), 0, 60, 10],
    ["is the next before its time", held(10), 100, 86_399, 10],
    ["is the one before", held(100, 86_400), 10, 86_500, 100],
  ])("was changed by somebody where it %s", (_, told, seen, seconds, given) => {
    expect(standingOf(steps, told, seen, at(seconds))).toEqual({
      kind: "altered",
      why: `It gets ${seen} percent of the requests, and was given ${given}: somebody changed the weights.`,
    });
  });

  it("never comes to more than its step before the times of those before it are over", () => {
    const waits = fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(waits, fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 50 }), (all, looks) => {
        const parts = all.map((waitSeconds, index) => ({ percent: 10 * (index + 1), waitSeconds }));
        let [seen, told, seconds]: [number | "all", HeldShare | undefined, number] = [10, undefined, 0];
        for (const look of looks) {
          if (seen === "all") break;
          seconds += look;
          const standing = standingOf(parts, told, seen, at(seconds));
          expect(standing.kind).not.toBe("altered");
          if (standing.kind === "new") told = { percent: seen, since: at(seconds) };
          if (standing.kind === "due") seen = standing.to;
          const percent = seen === "all" ? 100 : seen;
          if (percent > 10) expect(seconds).toBeGreaterThanOrEqual(secondsUpTo(parts, percent - 10));
        }
      }),
    );
  });
});

describe("when a release was first seen to answer a part", () => {
  it("is told by the first of its records, and by none of an earlier release", () => {
    const fact = (type: Fact["type"], seconds: number) => ({ type, at: at(seconds) });
    expect(firstShared([])).toBeUndefined();
    expect(firstShared([fact("traffic-shifted", 1), fact("deployment-started", 2)])).toBeUndefined();
    const begun = [fact("deployment-started", 0), fact("traffic-shifted", 1), fact("deployment-started", 2)];
    expect(firstShared([...begun, fact("staged", 3)])).toBeUndefined();
    expect(firstShared([...begun, fact("staged", 3), fact("traffic-shifted", 4), fact("traffic-shifted", 5)])).toBe(
      at(4),
    );
  });
});

describe("what is told of a part", () => {
  const fact = (type: Fact["type"], seconds: number, body: Fact["body"] = {}) => ({ type, at: at(seconds), body });
  it("is what was told last since the release began", () => {
    const history = [
      fact("deployment-started", 0),
      fact("traffic-shifted", 1, { percent: 10 }),
      fact("seat-reopened", 2),
      fact("deployment-started", 3),
    ];
    expect(heldShare(history)).toBeUndefined();
    expect(heldShare([...history, fact("traffic-shifted", 4, { percent: 5 })])).toEqual(held(5, 4));
    expect(heldShare([...history, fact("traffic-shifted", 4, { percent: "5" })])).toBeUndefined();
    expect(heldShare([fact("traffic-shifted", 1, { percent: 10 }), fact("deployment-started", 2)])).toBeUndefined();
    const stray = [fact("deployment-started", 3), fact("deployment-watched" as Fact["type"], 4, { percent: 7 })];
    expect(heldShare(stray)).toBeUndefined();
    expect(heldShare([])).toBeUndefined();
  });
});

describe("serving alone", () => {
  const release = { traffic: { kind: "weights", steps } } as const;
  const early = "It gets all requests before the time of its part is over: somebody changed what the endpoint serves.";
  it.each<[string, HeldShare | undefined, number, string | undefined]>([
    ["before a part was told", undefined, 90_000, early],
    ["after the first part only", held(10), 90_000, early],
    ["while the last is held", held(100, 86_400), 86_999, early],
    ["once the last was held", held(100, 86_400), 87_000, undefined],
  ])("is judged %s", (_, told, seconds, why) => {
    expect(whyTooEarly(release, told, at(seconds))).toBe(why);
  });

  it("is no question where nothing is released by weights", () => {
    expect(whyTooEarly({ traffic: { kind: "all-at-once", waitSeconds: 0 } }, undefined, now)).toBeUndefined();
    expect(whyTooEarly({ traffic: { kind: "weights", steps: [] } }, undefined, now)).toBeUndefined();
  });
});

describe("the parts of a release", () => {
  it("are as careful as the target by itself, and as the share", () => {
    const own = fc.record({
      kind: fc.constantFrom("canary" as const, "linear" as const),
      percent: fc.integer({ min: 10, max: 50 }),
      waitSeconds: fc.integer({ min: 1, max: 3600 }),
    });
    const share = fc.record({
      percent: fc.integer({ min: 1, max: 50 }),
      forSeconds: fc.integer({ min: 60, max: 604_800 }),
    });
    fc.assert(
      fc.property(own, share, (target: ShiftedTraffic & { percent: number }, asked) => {
        const traffic = weightedTraffic(target, asked);
        if (traffic.kind !== "weights") throw new Error("It is by weights.");
        const percents = traffic.steps.map(({ percent }) => percent);
        expect(percents[0]).toBe(Math.min(asked.percent, target.percent));
        expect(percents.at(-1)).toBe(100);
        expect(percents).toEqual(percents.toSorted((a, b) => a - b));
        expect(secondsUpTo(traffic.steps, asked.percent)).toBeGreaterThanOrEqual(asked.forSeconds);
        if (target.kind === "linear")
          for (const [index, percent] of percents.entries())
            if (index > 0) expect(percent - (percents[index - 1] ?? 0)).toBeLessThanOrEqual(target.percent);
        for (const { waitSeconds } of traffic.steps) expect(waitSeconds).toBeGreaterThanOrEqual(target.waitSeconds);
      }),
    );
  });
});
