import { describe, expect, it } from "vitest";
import { summaryLines } from "../../../cli/decision/decision-text.ts";
import type { ShownPromotion } from "../../../cli/service/answers.ts";
import { servedPromotion } from "../served-promotion.ts";

const auc = { title: "AUC", value: 0.7912345678, where: "model-quality.json#/metrics/auc", bound: { min: 0.72 } };

/** The lines under one heading. */
function under(heading: string, over: object): readonly string[] {
  const { summary, ...view } = servedPromotion();
  const document = { ...(summary?.document as object), ...over };
  const lines = summaryLines({ ...view, summary: { ...summary, document } } as unknown as ShownPromotion);
  const from = lines.indexOf(heading) + 1;
  return lines.slice(from, lines.indexOf("", from));
}

describe("what is shown before a decision", () => {
  it("is each number with its bound", () => {
    expect(under("Quality", { quality: [auc] })).toEqual(["  AUC 0.791235; at least 0.72 is required"]);
  });

  it("is where it stands as well, if two documents tell the same number", () => {
    const other = { ...auc, value: 0.5, where: "calibration.json#/auc" };
    expect(under("Quality", { quality: [auc, other, { ...auc, title: "Recall" }] })).toEqual([
      "  AUC 0.791235; at least 0.72 is required (model-quality.json#/metrics/auc)",
      "  AUC 0.5; at least 0.72 is required (calibration.json#/auc)",
      "  Recall 0.791235; at least 0.72 is required",
    ]);
  });

  it("says that there may be more, where as many are told as a summary holds, and only there", () => {
    const measures = (number: number) =>
      Array.from({ length: number }, (_, at) => ({
        title: `M${at}`,
        value: at,
        where: "a.json",
        facet: "f",
        group: "g",
      }));
    const more = "  No more than 60 are shown, those that a rule judges first. The documents have all of them.";
    expect(under("Quality", { quality: measures(60) })).toHaveLength(61);
    expect(under("Quality", { quality: measures(60) }).at(-1)).toBe(more);
    expect(under("Fairness", { fairness: measures(60) }).at(-1)).toBe(more);
    expect(under("Quality", { quality: measures(59) })).toHaveLength(59);
  });

  it("is of a change of the policies what it changes, each on one line", () => {
    const sentences = [
      "No longer: AUC at least 0.7.",
      "New: AUC at least 0.65.",
      "matrix.yaml: +   - role: sre\u001b[2K",
    ];
    expect(under("What changes in the policies", { policyChanges: { sentences, more: 3 } })).toEqual([
      "  No longer: AUC at least 0.7.",
      "  New: AUC at least 0.65.",
      "  matrix.yaml: +   - role: sre [2K",
      "  and 3 more lines: policy-check.json in the audit pack has all of them.",
    ]);
  });
});
