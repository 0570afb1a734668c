import { hex } from "../../encoding/bytes.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { parseCheckpoint } from "../../ledger/checkpoint.ts";
import { leafHash, rangeRoot } from "../../ledger/merkle.ts";
import { proveFromTiles } from "../../ledger/tile-proofs.ts";
import { checkpointPath } from "../../ledger/tiles.ts";
import { formatTlogProof } from "../../ledger/tlog-proof.ts";
import { formatAddCheckpoint } from "../../ledger/witness-request.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { entryReader, logEntries, logObjects } from "../pack/log-entries.ts";
import {
  blobPath,
  logPath,
  manifestPath,
  proofPath,
  readMePath,
  recordPath,
  sinceProofPath,
  verifyScriptPath,
} from "../pack/pack-layout.ts";
import {
  type LeftOut,
  type PackScope,
  type PersonalRecord,
  packManifestBytes,
  packVersion,
} from "../pack/pack-manifest.ts";
import {
  type Foundations,
  foundationsInScope,
  isOfDelegation,
  isOfPasskey,
  promotionsInScope,
} from "../pack/pack-scope.ts";
import { tableFiles } from "../pack/pack-tables.ts";
import { isPersonalDocument, isPersonalRecord } from "../pack/personal-data.ts";
import { derivedFiles, type PromotionRecord } from "../pack/promotion-file.ts";
import type { IndexedRecord } from "../pack/records-table.ts";
import { type StartSha256, withSums } from "../pack/sums.ts";
import { memorySpool, type OpenSpool } from "../zip/spool.ts";
import type { PackFile } from "../zip/write-zip.ts";
import { DigestSet } from "./digest-set.ts";
import { keyFiles, type PublicKeys } from "./key-files.ts";
import { readAhead } from "./read-ahead.ts";
import { packReadMe } from "./read-me.ts";
import { verifyScript } from "./verify-script.ts";

/** The ledger bucket, to be read. */
export interface LedgerReader {
  get(path: string): Promise<Uint8Array | undefined>;
  /** Every path that begins with `prefix`. */
  list(prefix: string): AsyncIterable<string>;
}

export interface PackSettings extends PublicKeys {
  readonly now: Instant;
  readonly scope: PackScope;
  readonly startSha256: StartSha256;
  /** Where what grows with the number of files waits; in memory unless told. */
  readonly openSpool?: OpenSpool;
  /** Leaves out what is about people alone (personal-data.ts). What it would prove can then not be checked. */
  readonly withoutPersonalData?: boolean;
}

/**
 * Read at a time. S3 answers after some 30 ms, and an export has 900 seconds: of kept checkpoints, some hundred bytes each, there
 * is one for nearly each record. A document may have 16 MiB, and a bundle is 256 records.
 */
const keptAtOnce = 48;
const objectsAtOnce = 8;
const documentsAtOnce = 48;
const promotionsAtOnce = 32;

const whyLeftOut = "It holds personal data and was left out at the request of whoever exported the pack.";

/**
 * The files of an audit pack, one after the other: what the log is at this moment, and everything in scope. Memory does
 * not grow with the log but by a number for each record in scope and a digest for each document. Throws `not-found`
 * where there is no ledger yet, or nothing in scope, and `ledger-invalid` where the log itself cannot be read; what is
 * missing beside it is left for verification to name.
 */
export function writePack(ledger: LedgerReader, settings: PackSettings): AsyncGenerator<PackFile> {
  return withSums(packFiles(ledger, settings), settings.startSha256, (settings.openSpool ?? memorySpool)());
}

async function* packFiles(ledger: LedgerReader, settings: PackSettings): AsyncGenerator<PackFile> {
  const { scope } = settings;
  const head = await ledger.get(checkpointPath);
  if (head === undefined) throw new Failure("not-found", "The ledger is still empty.");
  const { checkpoint } = parseCheckpoint(head);
  const { size } = checkpoint;
  const read = (path: string) => ledger.get(path);
  const promotions = await promotionsInScope(scope, () => logEntries(size, read));
  const withoutPeople = settings.withoutPersonalData === true;
  const whole = promotions === undefined && !withoutPeople;

  yield { name: readMePath, content: packReadMe() };
  yield { name: verifyScriptPath, content: verifyScript() };
  yield { name: logPath(checkpointPath), content: head };
  if (whole) yield* keptCheckpoints(ledger, size);
  if (scope.kind === "since" && settings.withoutPersonalData === true) {
    throw new Failure(
      "invalid-request",
      "A pack of what came since a checkpoint holds every record: nothing is left out.",
    );
  }
  if (scope.kind === "since") yield await sinceProof(scope, size, head, read);
  const objects = scope.kind === "since" ? [] : logObjects(size, { entries: whole });
  yield* readAhead(objects, objectsAtOnce, async (path) => {
    const content = await ledger.get(path);
    if (content === undefined) throw new Failure("ledger-invalid", `The ledger lacks ${path}.`);
    return { name: logPath(path), content };
  });

  const chosen: Chosen = {
    indices: [],
    byPromotion: new Map(),
    installationRecords: [],
    keyRecords: [],
    published: new Set(),
    passkeyRecords: [],
    delegationRecords: [],
    leftOut: new Map(),
    personal: [],
  };
  const foundations = await foundationsInScope(scope, promotions, () => logEntries(size, read));
  yield* recordFiles(logEntries(size, read), { promotions, ...foundations }, chosen, ledger, settings);
  yield* keyFiles(settings, head, chosen.published);
  const found = promotions === undefined || scope.kind === "since" ? chosen.indices.length : chosen.byPromotion.size;
  if (found === 0) throw new Failure("not-found", "The ledger holds nothing of what was asked for.");
  if (!whole) {
    const prover = proveFromTiles(size, read);
    for (const index of chosen.indices) {
      const proof = formatTlogProof({ index, hashes: await prover.inclusion(index), checkpoint: head });
      yield { name: proofPath(index), content: proof };
    }
  }
  const entry = entryReader(size, read);
  const views = readAhead(chosen.byPromotion, promotionsAtOnce, async ([promotion, indices]) => {
    const records: PromotionRecord[] = [];
    for (const index of indices) {
      const { record } = await entry(index);
      if (record !== undefined) records.push({ index, record });
    }
    // Derived from what the pack holds: whoever verifies it has no more.
    return derivedFiles(promotion, records, async (sha256) =>
      chosen.leftOut.has(sha256) ? undefined : await ledger.get(blobPath(sha256)),
    );
  });
  for await (const files of views) for (const { name, bytes } of files) yield { name, content: bytes };
  yield* tableFiles({ ...chosen, entry });
  yield {
    name: manifestPath,
    content: packManifestBytes({
      packVersion,
      createdAt: settings.now,
      scope,
      log: { origin: checkpoint.origin, size, root: hex(checkpoint.root) },
      records: chosen.indices.length,
      promotions: [...chosen.byPromotion.keys()],
      installationRecords: chosen.installationRecords,
      keyRecords: chosen.keyRecords,
      passkeyRecords: chosen.passkeyRecords,
      delegationRecords: chosen.delegationRecords,
      recordsLeftOut: size - chosen.indices.length,
      documentsLeftOut: [...chosen.leftOut.values()],
      ...(withoutPeople ? { personalRecordsLeftOut: chosen.personal } : {}),
    }),
  };
}

/** Shows that the log begins with what was there before. Throws `conflict` where it does not, and `not-found` where nothing came since. */
async function sinceProof(
  scope: Extract<PackScope, { kind: "since" }>,
  size: number,
  head: Uint8Array,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<PackFile> {
  const otherwise = "It is another ledger's, or this one was altered since.";
  if (scope.size > size)
    throw new Failure("conflict", `The ledger has ${size} entries, and that checkpoint ${scope.size}. ${otherwise}`);
  const prover = proveFromTiles(size, read);
  if (hex(rangeRoot(await prover.range(scope.size))) !== scope.root) {
    const sentence = `The ledger's first ${scope.size} entries are not those of that checkpoint. ${otherwise}`;
    throw new Failure("conflict", sentence);
  }
  if (scope.size === size)
    throw new Failure("not-found", `The ledger has ${size} entries: none since that checkpoint.`);
  const proof = { oldSize: scope.size, proof: await prover.consistency(scope.size), checkpoint: head };
  return { name: sinceProofPath, content: formatAddCheckpoint(proof) };
}

/** What was chosen from the log so far. */
interface Chosen {
  readonly indices: number[];
  readonly byPromotion: Map<PromotionId, number[]>;
  readonly installationRecords: number[];
  readonly keyRecords: number[];
  /** Keys of both roles, each as its record has it. */
  readonly published: Set<unknown>;
  readonly passkeyRecords: number[];
  readonly delegationRecords: number[];
  readonly leftOut: Map<Sha256, LeftOut>;
  readonly personal: PersonalRecord[];
}

/** `promotions` undefined: everything. */
interface ChosenScope extends Foundations {
  readonly promotions: ReadonlySet<PromotionId> | undefined;
}

/** The records in scope, and those of the installation and the keys that verify them, each once, with the documents that no record before has named. */
async function* recordFiles(
  entries: AsyncIterable<IndexedRecord>,
  scope: ChosenScope,
  chosen: Chosen,
  ledger: LedgerReader,
  settings: PackSettings,
): AsyncGenerator<PackFile> {
  const files = readAhead(chosenFiles(entries, scope, chosen, settings), documentsAtOnce, async (file) => {
    const content = file.content ?? (await ledger.get(file.name));
    return content === undefined ? [] : [{ name: file.name, content }];
  });
  for await (const file of files) yield* file;
}

/** What `recordFiles` yields, with documents by their names alone. */
async function* chosenFiles(
  entries: AsyncIterable<IndexedRecord>,
  { promotions, passkeys, delegations }: ChosenScope,
  chosen: Chosen,
  settings: PackSettings,
): AsyncGenerator<{ readonly name: string; readonly content?: Uint8Array }> {
  const documents = new DigestSet();
  for await (const { index, bytes, record } of entries) {
    const promotion = record?.promotion;
    const ofInstallation = promotion === undefined ? record?.type : undefined;
    const isSettings = ofInstallation === "installation";
    const isKey = ofInstallation === "key";
    const isNew = settings.scope.kind === "since" && index >= settings.scope.size;
    const founding = isSettings || isKey || isOfPasskey(record, passkeys) || isOfDelegation(record, delegations);
    const meant = promotion === undefined ? founding : promotions?.has(promotion);
    if (promotions !== undefined && !isNew && meant !== true) continue;
    if (settings.withoutPersonalData === true && record !== undefined && isPersonalRecord(record.type)) {
      chosen.personal.push({ index, type: record.type, leafHash: hex(leafHash(bytes)) });
      continue;
    }
    chosen.indices.push(index);
    if (isSettings) chosen.installationRecords.push(index);
    if (isKey) {
      chosen.keyRecords.push(index);
      chosen.published.add(record?.body["key"]);
    }
    if (isOfPasskey(record)) chosen.passkeyRecords.push(index);
    if (isOfDelegation(record)) chosen.delegationRecords.push(index);
    if (promotion !== undefined) {
      const indices = chosen.byPromotion.get(promotion);
      if (indices === undefined) chosen.byPromotion.set(promotion, [index]);
      else indices.push(index);
    }
    yield { name: recordPath(index), content: bytes };
    if (record === undefined) continue;
    for (const { name, sha256 } of record.attachments) {
      if (settings.withoutPersonalData === true && isPersonalDocument(record, name)) {
        if (!documents.has(sha256)) chosen.leftOut.set(sha256, { sha256, name, why: whyLeftOut });
      } else if (documents.add(sha256)) {
        // What a record brings as something else, such as evidence, stays.
        chosen.leftOut.delete(sha256);
        yield { name: blobPath(sha256) };
      }
    }
  }
}

async function* keptCheckpoints(ledger: LedgerReader, size: number): AsyncGenerator<PackFile> {
  const files = readAhead(keptPaths(ledger, size), keptAtOnce, async (path) => {
    const content = await ledger.get(path);
    return content === undefined ? [] : [{ name: logPath(path), content }];
  });
  for await (const file of files) yield* file;
}

async function* keptPaths(ledger: LedgerReader, size: number): AsyncGenerator<string> {
  // The log may have grown since its head was read.
  for await (const path of ledger.list("checkpoints/"))
    if (Number(path.slice("checkpoints/".length)) <= size) yield path;
}
