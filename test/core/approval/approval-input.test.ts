import { describe, expect, it } from "vitest";
import { inRecordedOrder, latestDecisions } from "../../../core/approval/approval-input.ts";
import { personOf } from "../../../core/approval/entitlement.ts";
import { signOff } from "./people-and-votes.ts";

const names = ["p0", "p1", "p2", "p3", "p4", "p5"];
const keyOf = personOf([], []);

describe("the recorded order", () => {
  it("is that of time, whatever order things arrive in", () => {
    const [first, second, third] = [signOff("p2", ["a"], 1), signOff("p0", ["a"], 2), signOff("p1", ["a"], 3)];
    expect(inRecordedOrder([third, first, second])).toEqual([first, second, third]);
    expect(inRecordedOrder([second, third, first])).toEqual([first, second, third]);
  });

  it("puts rejections first within one instant, and goes by id among equals", () => {
    const approvals = names.map((name) => signOff(name, ["a"], 1));
    const rejections = names.map((name) => signOff(name, ["a"], 1, { result: "reject" }));
    const ordered = inRecordedOrder([...approvals, ...rejections]);
    expect(ordered.map(({ result }) => result)).toEqual([...names.map(() => "reject"), ...names.map(() => "approve")]);
    expect(ordered.map(({ id }) => id)).toEqual([
      ...rejections.map(({ id }) => id).toSorted(),
      ...approvals.map(({ id }) => id).toSorted(),
    ]);
    expect(inRecordedOrder([...rejections, ...approvals].toReversed())).toEqual(ordered);
  });
});

describe("the decisions that stand", () => {
  it("are each person's latest, in the order in which these were given", () => {
    const early = signOff("p0", ["a"], 1);
    const other = signOff("p1", ["a"], 2);
    const late = signOff("p0", ["a"], 3, { result: "withdraw" });
    const standing = latestDecisions([early, other, late], { review: 1, stage: 0 }, keyOf);
    expect([...standing.values()]).toEqual([other, late]);
  });

  it("are those of one stage in one review", () => {
    const here = signOff("p0", ["a"], 1);
    const elsewhere = [signOff("p1", ["a"], 2, { stage: 1 }), signOff("p2", ["a"], 3, { review: 2 })];
    expect([...latestDecisions([here, ...elsewhere], { review: 1, stage: 0 }, keyOf).values()]).toEqual([here]);
  });
});
