import { describe, expect, it } from "vitest";
import type { PlanReport } from "../../../core/promotion/plan-report.ts";
import { parsePlanReport, planReportFact, planReportIn, saysOfPlan } from "../../../core/promotion/plan-report.ts";
import { codeOf } from "../refusal.ts";
import { digestOf, id, now } from "./promotion-in-review.ts";

const plan = digestOf("plan");
const report: PlanReport = { plan, outcome: "applied", detail: "Terraform is done." };
const fact = planReportFact(id, { name: "plan.json", sha256: plan }, report, now);

describe("the report of a plan", () => {
  it("is read as it was sent", () => {
    for (const outcome of ["applied", "failed"] as const)
      expect(parsePlanReport({ ...report, outcome })).toEqual({ ...report, outcome });
  });

  it.each<[string, object | string, string]>([
    [
      "another outcome",
      { ...report, outcome: "planned" },
      'outcome is not right: Invalid type: Expected ("applied" | "failed") but received "planned".',
    ],
    ["no digest", { ...report, plan: "plan" }, "plan must be a SHA-256 digest: 64 lower-case hexadecimal digits."],
    ["no sentence", { plan, outcome: "applied" }, "detail is missing."],
    ["what nobody knows", { ...report, by: "somebody" }, "by is not a field of this request."],
    ["no object", "applied", 'the body is not right: Invalid type: Expected Object but received "applied".'],
  ])("is refused with %s, and the field is named", (_, body, why) => {
    expect(codeOf(() => parsePlanReport(body))).toEqual({
      code: "invalid-request",
      sentence: `The request cannot be read: ${why}`,
    });
  });

  it("is told apart from the report of a deployment by its plan", () => {
    expect(saysOfPlan(report)).toBe(true);
    expect(saysOfPlan({ outcome: "deployed", detail: "It runs." })).toBe(false);
    for (const body of [null, undefined, "plan", 1]) expect(saysOfPlan(body)).toBe(false);
  });
});

describe("what is kept of the report", () => {
  it("is one fact for each plan, in words for people", () => {
    expect(fact).toEqual({
      id: `${id}/plan-reported/${plan}`,
      type: "plan-reported",
      at: now,
      promotion: id,
      summary: "The pipeline reported of the infrastructure plan 'plan.json': applied. Terraform is done.",
      body: { plan, outcome: "applied", detail: "Terraform is done." },
      attachments: [],
    });
  });

  it("is found again by its plan, and by no other's, nor in another fact", () => {
    expect(planReportIn([fact], plan)).toEqual(report);
    expect(planReportIn([], plan)).toBeUndefined();
    expect(planReportIn([fact], digestOf("another"))).toBeUndefined();
    expect(planReportIn([{ ...fact, type: "outcome" }], plan)).toBeUndefined();
  });
});
