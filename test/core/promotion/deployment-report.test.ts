import { describe, expect, it } from "vitest";
import { deploymentReportFact, parseDeploymentReport, reportIn } from "../../../core/promotion/deployment-report.ts";
import { codeOf } from "../refusal.ts";
import { id, now, promotionInReview } from "./promotion-in-review.ts";

describe("what a pipeline reports of its own deployment", () => {
  const report = { outcome: "rolled-back", detail: "Errors went up." } as const;
  const told = () => deploymentReportFact(promotionInReview(), report, now);

  it("is a fact, of which a promotion has one", () => {
    const fact = told();
    expect(fact).toEqual({
      id: `${id}/deployment-reported`,
      type: "deployment-reported",
      at: now,
      promotion: id,
      summary: "The pipeline reported of production: rolled-back. Errors went up.",
      body: report,
      attachments: [],
    });
    expect(reportIn([{ ...fact, type: "gates", body: {} }, fact])).toEqual({ ...report, at: now });
    expect(reportIn([])).toBeUndefined();
  });

  it.each(["deployed", "rolled-back", "failed"])("may be %s", (outcome) => {
    expect(parseDeploymentReport({ outcome, detail: "So." })).toEqual({ outcome, detail: "So." });
  });

  it.each([{ outcome: "fine", detail: "So." }, { outcome: "failed" }, { outcome: "failed", detail: "" }, null])(
    "is refused: %j",
    (body) => {
      expect(codeOf(() => parseDeploymentReport(body)).code).toBe("invalid-request");
    },
  );
});
