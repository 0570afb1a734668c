import type { PackVersion } from "../../../core/archive/documents/pack-version.ts";
import { manifestPath } from "../../../core/archive/pack/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import { derivedFiles, type PromotionRecord } from "../../../core/archive/pack/promotion-file.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { LedgerRecord } from "../../../core/promotion/fact.ts";
import { type Files, resealed } from "./memory-pack.ts";

/** A pack with what is derived for people as a version has it, and its manifest saying which it says. */
export async function packIn(files: Files, version: PackVersion, said: number = version): Promise<Files> {
  const bytesOf = (name: string) => files.get(name) ?? new Uint8Array();
  const manifest = readPackManifest(bytesOf(manifestPath));
  const records = [...files.keys()]
    .flatMap((name) => /^records\/(\d+)\.json$/.exec(name)?.[1] ?? [])
    .map(
      (index): PromotionRecord => ({
        index: Number(index),
        record: JSON.parse(fromUtf8(bytesOf(`records/${index}.json`))) as LedgerRecord,
      }),
    )
    .toSorted((one, other) => one.index - other.index);
  const changed: Record<string, Uint8Array> = {
    [manifestPath]: packManifestBytes({ ...manifest, packVersion: said as PackVersion }),
  };
  for (const promotion of manifest.promotions) {
    const own = records.filter(({ record }) => record.promotion === promotion);
    const read = async (sha256: string) => files.get(`blobs/sha256/${sha256}`);
    for (const { name, bytes } of await derivedFiles(promotion, own, read, version)) changed[name] = bytes;
  }
  return resealed(files, changed);
}
