import { expect, it } from "vitest";
import {
  concernsAll,
  onlyNewer,
  type PackFinding,
  type PackFindingCode,
} from "../../../../core/archive/pack/pack-findings.ts";
import { told } from "../told.ts";

const finding = (code: PackFindingCode): PackFinding => ({ code, path: "records/0.json", sentence: "Why." });

it("a pack of a newer version is not checked: nothing is wrong with it, and nothing was found to hold", () => {
  expect(onlyNewer([finding("newer-version")])).toBe(true);
  expect(onlyNewer([finding("newer-version"), finding("newer-version")])).toBe(true);
  expect(onlyNewer([finding("newer-version"), finding("order")])).toBe(false);
  expect(onlyNewer([])).toBe(false);
});

it("what is wrong with the log takes the ground from under every promotion", () => {
  for (const code of ["root-mismatch", "record-changed", "key-not-in-force", "newer-version"] as const)
    expect(concernsAll(finding(code))).toBe(true);
});

it("what is wrong with one promotion, or with what is derived from the records, concerns no other", () => {
  expect(concernsAll({ ...finding("newer-version"), promotion: told.deployed })).toBe(false);
  for (const code of ["view-differs", "file-missing", "passkey-invalid", "policy-differs"] as const)
    expect(concernsAll(finding(code))).toBe(false);
});
