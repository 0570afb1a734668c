import { describe, expect, it } from "vitest";
import type { PlannedInstances } from "../../core/gates/facts.ts";
import { costDirection, hasAccelerators } from "../../portal/src/review/cost-direction.ts";

const machines = (type: string | null, count: number | null): PlannedInstances => ({ type, count });
const large = (count: number | null) => machines("ml.m5.large", count);

describe("the cost of a plan's machines", () => {
  it.each<[string, string, readonly PlannedInstances[] | null, readonly PlannedInstances[]]>([
    ["goes up where there were none", "up", [], [large(1)]],
    ["goes up with their number", "up", [large(1)], [large(3)]],
    ["goes down with their number", "down", [large(2), machines("ml.c5.large", 1)], [large(2)]],
    ["stays, whatever resource they belong to", "same", [large(1), large(1)], [large(2)]],
    ["is not told for other types", "other", [large(1)], [machines("ml.g5.xlarge", 1)]],
    ["is open where the plan is", "open", [large(1)], [large(null)]],
    ["is open where the plan does not tell what runs now", "open", null, [large(1)]],
    ["is open where the type is", "open", [machines(null, 1)], [large(1)]],
    ["is open where there may be more than a summary holds", "open", [], Array.from({ length: 10 }, () => large(1))],
  ])("%s", (_, direction, before, after) => {
    expect(costDirection(before, after)).toBe(direction);
  });

  it.each([
    ["ml.g5.xlarge", true],
    ["p5.48xlarge", true],
    ["ml.inf2.xlarge", true],
    ["ml.m5.large", false],
    ["ml.t2.medium", false],
    ["m5.large", false],
  ])("%s has accelerators: %s", (type, expected) => {
    expect(hasAccelerators(type)).toBe(expected);
  });
});
