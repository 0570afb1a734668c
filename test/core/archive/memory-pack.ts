import { warmPolicies } from "../../../adapters/opa/warm-policies.ts";
import { type LedgerReader, type PackSettings, writePack } from "../../../core/archive/export/write-pack.ts";
import { blobPath, manifestPath, sumsPath } from "../../../core/archive/pack/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import type { PackVerification, VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { verifyPack } from "../../../core/archive/verify-pack.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import type { VerifyingKey } from "../../../core/attestation/dsse.ts";
import { concatBytes, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { CheckpointSigner } from "../../../core/ledger/checkpoint.ts";
import { publish, readPublished } from "../../../core/ledger/publish.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import {
  ledgerEntryOnce,
  rememberedPolicies,
  rememberedSignatures,
  sha256Once,
  startSha256Once,
} from "./remembered.ts";
import type { Recordings } from "./retelling.ts";

/** What was recorded, and the key that signed what people did. */
export interface Signed {
  readonly house: Recordings & { readonly attestation: { readonly key: VerifyingKey } };
}

/** A pack's files by name. */
export type Files = ReadonlyMap<string, Uint8Array>;

/** In runs of seven at most, so that checkpoints and partial tiles of smaller trees are kept; none waits for what comes much later. */
function batchesOf(facts: readonly Fact[]): readonly (readonly Fact[])[] {
  const batches: Fact[][] = [];
  for (const [at, fact] of facts.entries()) {
    const last = batches.at(-1);
    const [first] = last ?? [];
    if (last === undefined || first === undefined || at % 7 === 0 || fact.at > addSeconds(first.at, 600))
      batches.push([fact]);
    else last.push(fact);
  }
  return batches;
}

/** The ledger bucket that holds these facts and blobs, behind what the log has already. */
export async function ledgerOf(
  facts: readonly Fact[],
  blobs: ReadonlyMap<Sha256, Uint8Array>,
  signerOf: (lastIndex: number) => CheckpointSigner = () => MemoryLedger.signer,
  log: MemoryLedger = new MemoryLedger(),
): Promise<{ readonly log: MemoryLedger; readonly reader: LedgerReader }> {
  let at = log.state?.range.size ?? 0;
  for (const batch of batchesOf(facts)) {
    // Signed a moment after the last of them was told.
    log.now = Math.max(log.now, ...batch.map((fact) => msOfInstant(fact.at))) + 1_000;
    const first = at;
    at += batch.length;
    await sequence(
      // Ids of its own: the sequencer would refuse a fact that is told twice, and a lying service has no sequencer.
      batch.map((fact, n) => ({ id: `${first + n}`, bytes: ledgerEntryOnce(fact) })),
      { ...log.ports(), signer: signerOf(at - 1) },
    );
  }
  const documents = new Map([...blobs].map(([sha256, bytes]) => [blobPath(sha256), bytes]));
  const get = async (path: string) =>
    path === "checkpoint" ? log.alias?.bytes : (log.objects.get(path) ?? documents.get(path));
  const list = async function* (prefix: string) {
    for (const path of log.objects.keys()) if (path.startsWith(prefix)) yield path;
  };
  return { log, reader: { get, list } };
}

export const createdAt = "2026-11-24T00:00:00.000Z" as Instant;

export function settingsOf({ house }: Signed, over: Partial<PackSettings> = {}): PackSettings {
  return {
    now: createdAt,
    scope: { kind: "everything" },
    logOrigin: MemoryLedger.signer.origin,
    attestationKeys: [house.attestation.key],
    checkpointKeys: [MemoryLedger.signer.publicKey],
    startSha256: startSha256Once,
    ...over,
  };
}

/** By then nothing is on its way any more. */
const quarter = 906;

/** Its head is signed again so many seconds later, as that of a log is to which nothing comes. */
async function goOn(log: MemoryLedger, seconds: number): Promise<void> {
  if (log.state === undefined || seconds === 0) return;
  log.now += seconds * 1_000;
  await publish(log.state.range, await readPublished(log.ports()), log.ports());
}

/**
 * The files of the pack that an export of these facts makes. `goesOn`: how many seconds the log goes on after the last of them was
 * told; of a log that is given, none.
 */
export async function packOf(
  recorded: Signed,
  over: Partial<PackSettings> & {
    readonly facts?: readonly Fact[];
    readonly blobs?: ReadonlyMap<Sha256, Uint8Array>;
    readonly log?: MemoryLedger;
    readonly goesOn?: number;
  } = {},
): Promise<Files> {
  const { facts = recorded.house.facts, blobs = recorded.house.blobs, log, goesOn = quarter, ...settings } = over;
  const made = await ledgerOf(facts, blobs, undefined, log);
  if (log === undefined) await goOn(made.log, goesOn);
  const { reader } = made;
  const files = new Map<string, Uint8Array>();
  for await (const { name, content } of writePack(reader, settingsOf(recorded, settings))) {
    files.set(name, content instanceof Uint8Array ? content : await collected(content));
  }
  return files;
}

export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return concatBytes(parts);
}

const policyOf = rememberedPolicies(warmPolicies());
const signatures = rememberedSignatures();

export function verifyOptions(over: Partial<VerifyPackOptions> = {}): VerifyPackOptions {
  return {
    mode: "full",
    now: addSeconds(createdAt, 30 * 86_400),
    known: {},
    ...signatures,
    policyOf,
    startSha256: startSha256Once,
    ...over,
  };
}

export function verified(files: Files, over: Partial<VerifyPackOptions> = {}): Promise<PackVerification> {
  return verifyPack(memorySource(files), verifyOptions(over));
}

/** The files with some replaced (or taken out: `undefined`), and SHA256SUMS made to fit, as a forger would. */
export function resealed(files: Files, changes: Readonly<Record<string, Uint8Array | undefined>>): Files {
  const changed = new Map(files);
  for (const [name, bytes] of Object.entries(changes)) {
    if (bytes === undefined) changed.delete(name);
    else changed.set(name, bytes);
  }
  const lines = [...changed]
    .filter(([name]) => name !== sumsPath)
    .map(([name, bytes]) => `${sha256Once(bytes)}  ${name}\n`);
  changed.delete(sumsPath);
  return changed.set(sumsPath, utf8(lines.join("")));
}

/** A pack that says of one record's ID token that it was left out on purpose. */
export function withoutToken(files: Files, { attachments }: Fact): Files {
  const token = attachments.find(({ name }) => name === "id-token.jwt");
  if (token === undefined) throw new Error("The record has no ID token.");
  const { sha256, name } = token;
  const manifest = readPackManifest(files.get(manifestPath) ?? new Uint8Array());
  const documentsLeftOut = [...manifest.documentsLeftOut, { sha256, name, why: "personal data" }];
  return resealed(files, {
    [blobPath(sha256)]: undefined,
    [manifestPath]: packManifestBytes({ ...manifest, documentsLeftOut }),
  });
}
