import { describe, expect, it } from "vitest";
import { facts, gaps, reading } from "./read.ts";

const frame = (ratio: unknown) => ({
  sex: {
    by_group: { selection_rate: { female: 0.6, male: 0.75 }, accuracy: { female: 0.7, male: 0.76 } },
    difference: { selection_rate: 0.15, accuracy: 0.06 },
    ratio: { selection_rate: ratio },
  },
});

describe("Fairlearn's MetricFrame", () => {
  it("gives every group's metric and the comparisons under Fairlearn's own names", () => {
    const read = facts("bias", "fairlearn-metric-frame", frame(0.8));
    expect(read.facets?.map(({ group, metric, value }) => [group, metric, value])).toEqual([
      ["female", "selection_rate", 0.6],
      ["male", "selection_rate", 0.75],
      ["female", "accuracy", 0.7],
      ["male", "accuracy", 0.76],
      ["all groups", "demographic_parity_difference", 0.15],
      ["all groups", "accuracy_difference", 0.06],
      ["all groups", "demographic_parity_ratio", 0.8],
    ]);
    expect(read.facets?.at(-1)?.where).toBe("doc#/sex/ratio/selection_rate");
    expect(read.gaps).toEqual([]);
  });

  it("is held against its own groups", () => {
    expect(gaps(facts("bias", "fairlearn-metric-frame", frame(0.95)))).toEqual([
      "facet.sex.demographic_parity_ratio: doc#/sex/ratio/selection_rate is 0.95, and the groups come to 0.7999999999999999",
    ]);
  });

  it("cannot be held against groups that it does not give", () => {
    const lone = { sex: { by_group: {}, difference: { accuracy: 0 } } };
    expect(gaps(facts("bias", "fairlearn-metric-frame", lone))).toHaveLength(1);
  });

  it.each([[{}], [{ sex: {} }], [{ sex: { by_group: { accuracy: 0.7 } } }]])("is unreadable as %j", (document) => {
    expect(reading("bias", "fairlearn-metric-frame", document).kind).toBe("unreadable");
  });
});
