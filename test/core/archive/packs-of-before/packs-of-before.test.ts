import { readdirSync, readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import { expect, it } from "vitest";
import type { PackVersion } from "../../../../core/archive/documents/pack-version.ts";
import { manifestPath } from "../../../../core/archive/pack/pack-layout.ts";
import { packVersion } from "../../../../core/archive/pack/pack-manifest.ts";
import { verifyPack } from "../../../../core/archive/verify-pack.ts";
import { openZip } from "../../../../core/archive/zip/read-zip.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { verifyOptions } from "../pack-fixture.ts";

const folder = new URL("./", import.meta.url);
const kept = readdirSync(folder).filter((name) => name.endsWith(".zip.br"));

/**
 * Should this fail, then something that verification makes again comes out otherwise than it did: packs that people hold
 * already would no longer verify. Keep the way of before beside yours under its version (docs/decisions/0046). Only while
 * nothing was released may a pack be made again: `node test/core/archive/packs-of-before/keep-pack.ts version-2`.
 */
it.each(kept)("the pack %s of before holds as it did", async (name) => {
  const zip = brotliDecompressSync(readFileSync(new URL(name, folder)));
  const opened = await openZip({ size: zip.length, read: async (at, length) => zip.subarray(at, at + length) });
  if (opened.kind === "refused") throw new Error(opened.sentence);
  const manifest = JSON.parse(fromUtf8((await opened.source.read(manifestPath)) ?? new Uint8Array()));
  expect(name.startsWith(`version-${manifest.packVersion}`)).toBe(true);
  const { findings, promotions } = await verifyPack(opened.source, verifyOptions());
  expect(findings).toEqual([]);
  expect(promotions.length).toBeGreaterThan(2);
  expect(new Set(promotions.map(({ outcome }) => outcome))).toEqual(new Set(["PASSED"]));
});

it("of each version one is kept of everything, and one of policies that change", () => {
  const ofBoth = ([1, 2] as const satisfies readonly PackVersion[]).map((version) => `version-${version}`);
  expect(kept).toEqual(expect.arrayContaining(ofBoth.flatMap((name) => [`${name}.zip.br`, `${name}-policies.zip.br`])));
  expect(ofBoth).toHaveLength(packVersion);
});
