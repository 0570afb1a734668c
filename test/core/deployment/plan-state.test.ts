import { describe, expect, it } from "vitest";
import { plansOf, plansToApply, reportedPlan } from "../../../core/deployment/plan-state.ts";
import type { FreezeManifest, FrozenEvidence } from "../../../core/promotion/freeze-manifest.ts";
import { planReportFact } from "../../../core/promotion/plan-report.ts";
import { digestOf, id, manifest, now } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";

const plan: FrozenEvidence = {
  kind: "iac-plan",
  format: "terraform",
  name: "plan.json",
  mediaType: "application/json",
  size: 3,
  sha256: digestOf("plan"),
};
const asking = { ...manifest.target, infrastructure: "applied" } as FreezeManifest["target"];
const withPlan = [...manifest.evidence, plan];

describe("the plans that must be applied before a candidate is deployed", () => {
  it("are those of its evidence, where the target asks", () => {
    expect(plansOf({ target: asking, evidence: withPlan })).toEqual([plan]);
    expect(plansToApply({ target: asking, evidence: withPlan })).toEqual([plan]);
  });

  it("are none where the target does not ask", () => {
    expect(plansOf({ target: manifest.target, evidence: withPlan })).toEqual([]);
    expect(plansToApply({ target: manifest.target, evidence: withPlan })).toEqual([]);
  });

  it("are missing where the target asks and nothing was planned", () => {
    expect(plansOf({ target: asking, evidence: manifest.evidence })).toEqual([]);
    expect(told(codeOf(() => plansToApply({ target: asking, evidence: manifest.evidence })))).toBe(
      "deployment-refused: The target 'production' takes only what comes with an infrastructure plan that is signed and applied, and the candidate has none.",
    );
  });
});

describe("a plan of which the pipeline speaks", () => {
  const said = (outcome: "applied" | "failed") =>
    planReportFact(id, plan, { plan: plan.sha256, outcome, detail: "By run 7." }, now);

  it("is awaited until it has, and not taken for another", () => {
    const awaited = { kind: "awaited", why: "the pipeline has not said yet that 'plan.json' is applied" };
    expect(reportedPlan(plan, [])).toEqual(awaited);
    expect(reportedPlan({ ...plan, sha256: digestOf("another plan") }, [said("applied")])).toEqual(awaited);
  });

  it("is applied by its report, or refused by it", () => {
    expect(reportedPlan(plan, [said("applied")])).toEqual({ kind: "applied", by: "report" });
    expect(reportedPlan(plan, [said("failed")])).toEqual({
      kind: "refused",
      why: "The pipeline says that the plan 'plan.json' was not applied: By run 7.",
    });
  });
});
