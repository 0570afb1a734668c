import { expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { blockedBy } from "../../../functions/steps/blocked-by.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";

it("what a step cannot go on with ends with why, and its record says by which code and in which step", () => {
  const failure = new Failure("deployment-refused", "The endpoint serves 2 variants.");
  const { status, reason, history } = blockedBy(failure, "stage", promotionInReview({ status: "gating" }), now);
  expect([status, reason]).toEqual(["blocked", failure.message]);
  expect(history.at(-1)).toEqual({
    ...{ id: `${id}/${history.length - 1}`, promotion: id, type: "blocked", at: now, summary: failure.message },
    body: { code: "deployment-refused", step: "stage" },
    attachments: [],
  });
});
