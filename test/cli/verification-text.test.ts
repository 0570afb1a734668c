import { describe, expect, it } from "vitest";
import { verificationLines } from "../../cli/verification-text.ts";
import type { PackFindingCode } from "../../core/archive/pack/pack-findings.ts";
import type { PromotionVerdict } from "../../core/archive/promotion/promotion-verdict.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

const verdict = (digit: string, outcome: PromotionVerdict["outcome"]): PromotionVerdict => ({
  promotion: `p-${digit.repeat(64)}-1` as PromotionId,
  outcome,
});

it("counts as passed only what was looked at", () => {
  const common = { mode: "full", holds: true, findings: [], unchecked: [] } as const;
  const end = (promotions: readonly PromotionVerdict[]) => verificationLines({ ...common, promotions }).at(-1);
  expect(end([verdict("a", "PASSED")])).toBe("PASSED: everything that could be checked holds, for 1 promotion.");
  const later = verificationLines({ ...common, since: 7, promotions: [verdict("a", "PASSED")] }).at(-1);
  expect(later).toBe("PASSED: everything new that could be checked holds, for 1 promotion.");
  expect(end([verdict("a", "PASSED"), verdict("b", "NOT CHECKED"), verdict("c", "NOT CHECKED")])).toBe(
    "PASSED: everything that could be checked holds, for 1 promotion. 2 promotions of before the earlier checkpoint were not checked.",
  );
});

it("says of what is no pack that it is none", () => {
  const missing = { code: "file-missing", path: "SHA256SUMS", sentence: "The pack has no SHA256SUMS." } as const;
  const malformed = { code: "manifest-malformed", path: "manifest.json", sentence: "There is none." } as const;
  const end = (...findings: Parameters<typeof verificationLines>[0]["findings"]) =>
    verificationLines({ mode: "full", holds: false, findings, unchecked: [], promotions: [] }).at(-1);
  expect(end(missing, malformed)).toMatch(/^FAILED: this is no audit pack of Countersign/);
  const refused = {
    code: "container-refused",
    path: "a.zip",
    sentence: "The file does not end as a zip does.",
  } as const;
  expect(end(refused)).toBe("FAILED: this cannot be opened as an audit pack, so nothing of it was verified.");
  expect(end(missing)).toBe("FAILED: the pack does not hold; 1 finding.");
});

it("says of a pack without personal data that nobody's sign-in was seen", () => {
  const signed = { ...verdict("a", "PASSED"), title: "m 1 in t", status: "deployed", signOffs: 2 } as const;
  const common = { mode: "full", holds: true, findings: [], unchecked: [], promotions: [signed] } as const;
  expect(verificationLines(common).at(-2)).toMatch(/: deployed, 2 sign-offs$/);
  const lines = verificationLines({ ...common, withoutPersonalData: true });
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/: deployed, 2 sign-offs without their sign-ins$/),
    "PASSED: everything that could be checked holds but the sign-ins of people and who is whom, which were left out, for 1 promotion.",
  ]);
});

it("says of policies that they were put in force, and not deployed", () => {
  const title = "change of policies 'AUC'";
  const change = { ...verdict("a", "PASSED"), title, ofPolicies: true, status: "deployed", signOffs: 2 } as const;
  const line = (promotion: PromotionVerdict) =>
    verificationLines({ mode: "full", holds: true, findings: [], unchecked: [], promotions: [promotion] }).at(-2);
  expect(line(change)).toContain(`${title}: put in force, 2 sign-offs`);
  expect(line({ ...change, status: "deploying" })).toContain(": being put in force, ");
  expect(line({ ...change, status: "rejected" })).toContain(": rejected, ");
});

it("says of a promotion whose end the log does not tell that it does not, in its own line", () => {
  const begun = { ...verdict("a", "PASSED"), title: "m 1 in t", status: "deploying", signOffs: 2 } as const;
  const line = (promotion: PromotionVerdict) =>
    verificationLines({ mode: "full", holds: true, findings: [], unchecked: [], promotions: [promotion] }).at(-2);
  expect(line(begun)).toMatch(/: deploying, 2 sign-offs$/);
  expect(line({ ...begun, endUntold: true })).toMatch(/: deploying, 2 sign-offs; its end is not in this log$/);
});

describe("of very much", () => {
  const common = { mode: "full", holds: false, unchecked: [], promotions: [] } as const;
  const finding = (code: PackFindingCode, at: number) => ({ code, path: `records/${at}.json`, sentence: "It is so." });
  const many = [
    ...Array.from({ length: 100_000 }, (_, at) => finding("record-unproven", at)),
    finding("key-foreign", 1),
  ];

  it("some findings of each kind are told, and how many more there are", () => {
    const lines = verificationLines({ ...common, findings: many });
    expect(lines.filter((line) => line.startsWith("✘"))).toEqual([
      ...[0, 1, 2, 3, 4].map((at) => `✘ record-unproven: It is so. [records/${at}.json]`),
      "✘ key-foreign: It is so. [records/1.json]",
      "✘ record-unproven: 99995 more; --json tells them all.",
    ]);
    expect(lines.at(-1)).toBe("FAILED: the pack does not hold; 100001 findings.");
    const few = verificationLines({ ...common, findings: many.slice(0, 100) });
    expect(few.filter((line) => line.startsWith("✘"))).toHaveLength(100);
  });

  it("the promotions that failed are told, and how many others there are", () => {
    const promotions = [...Array.from({ length: 20_000 }, () => verdict("a", "PASSED")), verdict("b", "FAILED")];
    const lines = verificationLines({ ...common, findings: many.slice(0, 1), promotions });
    expect(lines.filter((line) => /^(PASSED|FAILED) {2}/.test(line))).toEqual([
      `FAILED  p-${"b".repeat(64)}-1`,
      "PASSED  20000 promotions; promotions.csv lists them.",
    ]);
  });

  it("what could not be checked is told up to a number", () => {
    const unchecked = Array.from({ length: 60 }, (_, at) => ({ sentence: `Whether ${at} is so.` }));
    const lines = verificationLines({ ...common, holds: true, findings: [], unchecked });
    expect(lines.at(-3)).toBe("  – Whether 0 is so. And 59 more like it; --json tells them all.");
  });
});

it("names a file once, and says what to do first about a copy that may be damaged", () => {
  const sentence = "records/3.json does not have the bytes that SHA256SUMS gives the digest of.";
  const changed = { code: "file-changed", path: "records/3.json", sentence } as const;
  const missing = { code: "file-missing", path: "records/4.json", sentence: "It is missing." } as const;
  const of = (...findings: Parameters<typeof verificationLines>[0]["findings"]) =>
    verificationLines({ mode: "full", holds: false, findings, unchecked: [], promotions: [] });
  expect(of(changed)[0]).toBe(`✘ file-changed: ${sentence}`);
  expect(of(changed).at(-2)).toMatch(/^1 file is not as the pack lists it .*: fetch the pack again/);
  expect(of(changed, { ...changed }, missing).at(-2)).toMatch(/^2 files are not as the pack lists them/);
  expect(of({ code: "verdict-differs", path: "records/5.json", sentence: "It differs." }).join()).not.toContain(
    "fetch",
  );
});
