import { expect, it } from "vitest";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { mayBeVerifiedAgain } from "../../../core/promotion/verified-again.ts";
import { manifest, promotionInReview } from "./promotion-in-review.ts";

it("what is approved may be verified again as long as nothing has begun under its verdict", () => {
  for (const status of statuses) expect(mayBeVerifiedAgain(promotionInReview({ status }))).toBe(status === "approved");
  const begun = promotionInReview({ status: "approved", deployment: {} as NonNullable<Promotion["deployment"]> });
  expect(mayBeVerifiedAgain(begun)).toBe(false);
});

it("policies come in force at once, or are proposed anew", () => {
  const target = { name: "policies", kind: "policy", endpoint: "in-force" } as const;
  expect(mayBeVerifiedAgain(promotionInReview({ status: "approved", manifest: { ...manifest, target } }))).toBe(false);
});
