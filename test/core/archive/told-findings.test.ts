import { expect, it } from "vitest";
import type { PackFinding, PackFindingCode } from "../../../core/archive/pack/pack-findings.ts";
import { hasForeignKeys, noPack, notAsListed, toldFindings } from "../../../core/archive/told-findings.ts";

const of = (code: PackFindingCode, count: number, path = "records/1.json"): readonly PackFinding[] =>
  Array.from({ length: count }, () => ({ code, path, sentence: "It is so." }));

it("a hundred findings are told one by one", () => {
  const findings = of("record-unproven", 100);
  expect(toldFindings(findings)).toEqual({ told: findings, more: [] });
});

it("of more some of each kind are told, in the order in which the kinds came, and how many there are besides", () => {
  const [many, few, five] = [of("record-unproven", 200), of("key-foreign", 1), of("order", 5)];
  expect(toldFindings([...few, ...many, ...five])).toEqual({
    told: [...few, ...many.slice(0, 5), ...five],
    more: [{ code: "record-unproven", count: 195 }],
  });
});

it("a file that is not as it is listed counts once, whatever is wrong with it", () => {
  expect(notAsListed([...of("file-changed", 2), ...of("file-missing", 1), ...of("file-missing", 1, "a")])).toBe(2);
  expect(notAsListed([...of("container-altered", 1, "b"), ...of("file-unexpected", 1, "c")])).toBe(2);
  expect(notAsListed(of("verdict-differs", 3))).toBe(0);
});

it("keys that are not those that were given are one thing to know, whatever follows from it", () => {
  expect(hasForeignKeys([...of("sign-off-invalid", 3), ...of("key-foreign", 1)])).toBe(true);
  expect(hasForeignKeys(of("sign-off-invalid", 3))).toBe(false);
});

it("what is no pack at all is told from a pack that does not hold", () => {
  const sums = of("file-missing", 1, "SHA256SUMS");
  const manifest = of("manifest-malformed", 1, "manifest.json");
  expect(noPack(of("container-refused", 2))).toBe("not-opened");
  expect(noPack([...sums, ...manifest])).toBe("something-else");
  expect(noPack([...sums, ...manifest, ...of("file-missing", 1)])).toBeUndefined();
  expect(noPack([...of("container-refused", 1), ...of("file-missing", 1)])).toBeUndefined();
  expect(noPack(sums)).toBeUndefined();
  expect(noPack([])).toBeUndefined();
});
