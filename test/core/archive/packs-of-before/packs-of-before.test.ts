import { readdirSync, readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { expect, it } from "vitest";
import { verifyPack } from "../../../../core/archive/verify-pack.ts";
import { openZip } from "../../../../core/archive/zip/read-zip.ts";
import { verifyOptions } from "../pack-fixture.ts";

const folder = new URL("./", import.meta.url);
const kept = readdirSync(folder).filter((name) => name.endsWith(".zip.br"));

/**
 * Should this fail, then something that verification makes again comes out otherwise than it did: packs that people hold
 * already would no longer verify. Keep the way of before beside yours under its version (docs/decisions/0046). Only while
 * nothing was released may the pack be made again: `node test/core/archive/packs-of-before/keep-pack.ts version-1`.
 */
it.each(kept)("the pack %s of before holds as it did", async (name) => {
  const zip = brotliDecompressSync(readFileSync(new URL(name, folder)));
  const opened = await openZip({ size: zip.length, read: async (at, length) => zip.subarray(at, at + length) });
  if (opened.kind === "refused") throw new Error(opened.sentence);
  const { findings, promotions } = await verifyPack(opened.source, verifyOptions());
  expect(findings).toEqual([]);
  expect(promotions.length).toBeGreaterThan(2);
  expect(new Set(promotions.map(({ outcome }) => outcome))).toEqual(new Set(["PASSED"]));
});

it("one is kept of everything, and one of policies that change", () => {
  expect(kept).toEqual(expect.arrayContaining(["version-1.zip.br", "version-1-policies.zip.br"]));
});
