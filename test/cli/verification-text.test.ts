import { expect, it } from "vitest";
import { verificationLines } from "../../cli/verification-text.ts";
import type { PromotionVerdict } from "../../core/archive/promotion-verdict.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

const verdict = (digit: string, outcome: PromotionVerdict["outcome"]): PromotionVerdict => ({
  promotion: `p-${digit.repeat(64)}-1` as PromotionId,
  outcome,
});

it("counts as passed only what was looked at", () => {
  const common = { mode: "full", holds: true, findings: [], unchecked: [] } as const;
  const end = (promotions: readonly PromotionVerdict[]) => verificationLines({ ...common, promotions }).at(-1);
  expect(end([verdict("a", "PASSED")])).toBe("PASSED: everything holds, for 1 promotion.");
  expect(end([verdict("a", "PASSED"), verdict("b", "NOT CHECKED"), verdict("c", "NOT CHECKED")])).toBe(
    "PASSED: everything holds, for 1 promotion. 2 promotions of before the earlier checkpoint were not checked.",
  );
});
