import type { PackFinding } from "../../../core/archive/pack/pack-findings.ts";
import type { PackScope } from "../../../core/archive/pack/pack-manifest.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { fromUtf8, hex } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { createdAt, type Files, packOf, resealed, verified } from "./memory-pack.ts";
import type { Retold } from "./retelling.ts";
import { attestationKeyOfPack, once, policyOf, told } from "./told.ts";

// Packs of a log that holds little beside the service's keys: made and verified in milliseconds.

/** What the log begins with, the keys, the policies in force, two promotions that ended at once, and one that compliance rejected. */
export const smallFacts: readonly Fact[] = told.house.facts
  .filter(({ id, type, promotion }) =>
    promotion === undefined
      ? ["key", "policy-activated"].includes(type) || id === "installation/settings/1"
      : [told.rejected, told.withdrawn, told.expired].includes(promotion),
  )
  // What had been released before them is not in these packs.
  .map((fact) => (fact.type === "request" ? { ...fact, body: { ...fact.body, release: "first" } } : fact));

/** The files of a pack of these records, made once; or of what is told instead, made anew. */
export function smallPack(
  over: { readonly scope?: PackScope; readonly withoutPersonalData?: boolean } & Retold = {},
): Promise<Files> {
  const { facts, blobs, ...settings } = over;
  const name = facts === undefined && blobs === undefined ? JSON.stringify(settings) : undefined;
  return name === undefined ? makePack(over) : once(`small pack ${name}`, () => makePack(over));
}

function makePack(over: NonNullable<Parameters<typeof smallPack>[0]>): Promise<Files> {
  const { blobs } = told.house;
  const house = { facts: smallFacts, blobs, attestation: { key: attestationKeyOfPack } };
  return packOf({ house }, over);
}

/** The checkpoint of a smaller log that a pack keeps, as somebody may have kept it. */
export function headOf(files: Files, size: number): NonNullable<VerifyPackOptions["since"]> {
  const bytes = files.get(`log/checkpoints/${size}`) ?? new Uint8Array();
  return { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
}

/** The same head as the log signs it again hours later, while nothing happens: by then nothing that it has is young. */
export async function hoursAfter({ checkpoint }: ReturnType<typeof headOf>): Promise<ReturnType<typeof headOf>> {
  return { bytes: await signCheckpoint(checkpoint, MemoryLedger.signer, createdAt), checkpoint };
}

/** The scope of what came after a head. */
export function sinceHead({ checkpoint: { size, root } }: ReturnType<typeof headOf>): PackScope {
  return { kind: "since", size, root: hex(root) };
}

/** What verification says of a pack. */
export function verifiedPack(files: Files, over: Partial<VerifyPackOptions> = {}): ReturnType<typeof verified> {
  return verified(files, { policyOf, ...over });
}

/** What is found wrong with a pack, as `code path: sentence`. */
export async function wrongWith(files: Files, over: Partial<VerifyPackOptions> = {}): Promise<readonly string[]> {
  return (await verifiedPack(files, over)).findings.map(findingText);
}

function findingText({ code, path, sentence }: PackFinding): string {
  return `${code} ${path}: ${sentence}`;
}

/** With other members in the manifest. */
export function withManifest(files: Files, change: (manifest: Record<string, unknown>) => object): Files {
  const manifest = JSON.parse(fromUtf8(files.get("manifest.json") ?? new Uint8Array()));
  return resealed(files, { "manifest.json": canonicalJsonBytes({ ...change(manifest) }) });
}
