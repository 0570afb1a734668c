import { describe, expect, it } from "vitest";
import { fairnessTitle, metricTitle } from "../../../core/gates/metric-name.ts";

describe("a metric's name as people read it", () => {
  it.each([
    ["f0_5", "F0.5"],
    ["f0_5_best_constant_classifier", "F0.5 best constant classifier"],
    ["auc_standard_deviation", "AUC standard deviation"],
    ["recall_difference", "Recall difference"],
    ["log_loss", "Log loss"],
    ["constructor", "Constructor"],
  ])("%s is %s", (name, title) => {
    expect(metricTitle(name)).toBe(title);
  });

  it("says what Clarify's short forms mean", () => {
    expect(fairnessTitle("DPPL")).toBe("Difference in the share of positive answers (DPPL)");
    expect(fairnessTitle("XYZ")).toBe("XYZ");
    expect(fairnessTitle("some_ratio")).toBe("Some ratio");
  });
});
