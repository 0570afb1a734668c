import { describe, expect, it } from "vitest";
import {
  type ApprovalPolicy,
  pinnedRequirements,
  requirementsInForce,
} from "../../../core/approval/promotion-approval.ts";
import {
  manifest,
  matrix,
  policiesWithoutRule,
  policy,
  promotionInReview,
  requirements,
  stricterPolicy,
} from "../promotion/promotion-in-review.ts";

const asksForMore: ApprovalPolicy = {
  ...policy,
  matrix: {
    ...matrix,
    rules: matrix.rules.map((rule) => ({
      ...rule,
      stages: rule.stages.map((stage) => ({ ...stage, when: [{ fact: "metric", name: "f1", below: 0.5 }] })),
    })),
  },
};

describe("what the policy in force asks of a promotion that is open already", () => {
  it("is what it is pinned to while nothing changed", () => {
    expect(pinnedRequirements(policy, promotionInReview())).toEqual(requirements.document);
  });

  it("is something else once it changed", () => {
    expect(requirementsInForce(stricterPolicy, promotionInReview()).kind).toBe("asked");
    expect(pinnedRequirements(stricterPolicy, promotionInReview())).toBeUndefined();
  });

  it.each(policiesWithoutRule)("is nothing, with the reason, and never a violation: %s", (_, inForce) => {
    const found = requirementsInForce(inForce, promotionInReview());
    expect(found).toMatchObject({ kind: "none", why: { message: expect.stringContaining("approval matrix") } });
    expect(pinnedRequirements(inForce, promotionInReview())).toBeUndefined();
  });

  it("is nothing where a new condition asks for what its evidence does not hold", () => {
    const found = requirementsInForce(asksForMore, { manifest, facts: { evidence: { metrics: {} } } });
    expect(found).toMatchObject({ kind: "none", why: { code: "missing-evidence" } });
  });
});
