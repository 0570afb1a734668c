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
  const later = verificationLines({ ...common, since: 7, promotions: [verdict("a", "PASSED")] }).at(-1);
  expect(later).toBe("PASSED: everything new holds, for 1 promotion.");
  expect(end([verdict("a", "PASSED"), verdict("b", "NOT CHECKED"), verdict("c", "NOT CHECKED")])).toBe(
    "PASSED: everything holds, for 1 promotion. 2 promotions of before the earlier checkpoint were not checked.",
  );
});

it("says of what is no pack that it is none", () => {
  const missing = { code: "file-missing", path: "SHA256SUMS", sentence: "The pack has no SHA256SUMS." } as const;
  const malformed = { code: "manifest-malformed", path: "manifest.json", sentence: "There is none." } as const;
  const end = (...findings: Parameters<typeof verificationLines>[0]["findings"]) =>
    verificationLines({ mode: "full", holds: false, findings, unchecked: [], promotions: [] }).at(-1);
  expect(end(missing, malformed)).toMatch(/^FAILED: this is no audit pack of Countersign/);
  expect(end(missing)).toBe("FAILED: the pack does not hold; 1 finding.");
});

it("says of a pack without personal data that nobody's sign-in was seen", () => {
  const signed = { ...verdict("a", "PASSED"), title: "m 1 in t", status: "deployed", signOffs: 2 } as const;
  const common = { mode: "full", holds: true, findings: [], unchecked: [], promotions: [signed] } as const;
  expect(verificationLines(common).at(-2)).toMatch(/: deployed, 2 sign-offs$/);
  const lines = verificationLines({ ...common, withoutPersonalData: true });
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/: deployed, 2 sign-offs without their sign-ins$/),
    "PASSED: everything holds but the sign-ins of people, which were left out, for 1 promotion.",
  ]);
});

it("says of a promotion whose end the log does not tell that it does not, in its own line", () => {
  const begun = { ...verdict("a", "PASSED"), title: "m 1 in t", status: "deploying", signOffs: 2 } as const;
  const line = (promotion: PromotionVerdict) =>
    verificationLines({ mode: "full", holds: true, findings: [], unchecked: [], promotions: [promotion] }).at(-2);
  expect(line(begun)).toMatch(/: deploying, 2 sign-offs$/);
  expect(line({ ...begun, endUntold: true })).toMatch(/: deploying, 2 sign-offs; its end is not in this log$/);
});
