import { utf8 } from "../encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { compareStream, compareView, type Found } from "./compare-view.ts";
import { indexedRecord, logObjects } from "./log-entries.ts";
import type { PackFinding, PackFindingCode, Unchecked } from "./pack-findings.ts";
import type { PackKeys } from "./pack-keys.ts";
import {
  blobPath,
  checkpointKeyPath,
  checkpointPemPath,
  isAttestationKey,
  logFolder,
  logPath,
  manifestPath,
  proofPath,
  recordPath,
  sumsPath,
  verifyScriptPath,
} from "./pack-layout.ts";
import type { PackManifest } from "./pack-manifest.ts";
import { type PackSource, readWhole } from "./pack-source.ts";
import { tableFiles } from "./pack-tables.ts";
import type { PromotionVerdict, VerifyPackOptions } from "./pack-verification.ts";
import { derivedFiles, type PromotionRecord } from "./promotion-file.ts";
import { verifyPromotion } from "./verify-promotion.ts";
import type { RecordsVerification } from "./verify-records.ts";
import { verifyScript } from "./verify-script.ts";
import type { AttestationTrust } from "./verify-sign-offs.ts";
import { ed25519Pem } from "./write-pack.ts";

export interface ContentsInput {
  readonly source: PackSource;
  readonly manifest: PackManifest;
  readonly records: RecordsVerification;
  readonly keys: PackKeys;
  /** Whose attestations count, and when. */
  readonly attestation: Pick<AttestationTrust, "keys" | "keyHistory">;
  readonly options: VerifyPackOptions;
}

/** Verifies each promotion of a pack, the documents it names, and every file that is derived from them. */
export async function verifyContents(input: ContentsInput): Promise<{
  readonly findings: readonly PackFinding[];
  readonly promotions: readonly Omit<PromotionVerdict, "outcome">[];
  readonly unchecked: readonly Unchecked[];
}> {
  const { source, manifest, records, keys, options } = input;
  const findings: PackFinding[] = [];
  const unchecked: Unchecked[] = [];
  const promotions: Omit<PromotionVerdict, "outcome">[] = [];
  const known = expectedNames(input);
  const leftOut = new Set<Sha256>(
    manifest.documentsLeftOut.filter(({ name }) => name === "id-token.jwt").map(({ sha256 }) => sha256),
  );
  const { known: elsewhere } = options;
  const trust = {
    attestationBase: elsewhere.attestationBase ?? manifest.attestationBase,
    issuer: elsewhere.issuer ?? manifest.issuer,
    audiences: elsewhere.audiences ?? manifest.audiences,
    ...input.attestation,
    ...(elsewhere.jwks === undefined ? {} : { jwks: elsewhere.jwks }),
    verifySignature: options.verifySignature,
    verifyJws: options.verifyJws,
  };

  for (const [promotion, indices] of records.byPromotion) {
    const found = (code: PackFindingCode, path: string, sentence: string) =>
      void findings.push({ code, path, sentence, promotion });
    const own = await recordsAt(indices, source);
    const read = documents(source, leftOut, found);
    for (const { record } of own) {
      for (const { sha256 } of record.attachments) {
        known.add(blobPath(sha256));
        await read(sha256);
      }
    }
    const result = await verifyPromotion({ promotion, records: own, read, leftOut, trust, policyOf: options.policyOf });
    findings.push(...result.findings);
    unchecked.push(...result.unchecked);
    for (const { name, bytes } of await derivedFiles(promotion, own, read)) {
      known.add(name);
      await compareView(source, name, bytes, found);
    }
    promotions.push(verdictOf(promotion, result));
  }
  const found = (code: PackFindingCode, path: string, sentence: string) => void findings.push({ code, path, sentence });
  await verifyInstallation(input, known, found);
  await compareView(source, verifyScriptPath, verifyScript(), found);
  const [newest] = keys.checkpoint;
  if (newest !== undefined) await compareView(source, checkpointPemPath, utf8(ed25519Pem(newest.publicKey)), found);
  await compareTables(input, known, found);
  for (const name of source.names) {
    if (!known.has(name)) found("file-unexpected", name, `${name} belongs to no record of the pack.`);
  }
  return { findings, promotions, unchecked };
}

function verdictOf(
  promotion: PromotionId,
  { end, signOffs }: Awaited<ReturnType<typeof verifyPromotion>>,
): Omit<PromotionVerdict, "outcome"> {
  if (end === undefined) return { promotion };
  const { model, target } = end.manifest;
  return { promotion, title: `${model.name} ${model.version} in ${target.name}`, status: end.status, signOffs };
}

/** Documents by digest, each held against it; what is wrong with one is told once for each promotion. */
function documents(source: PackSource, leftOut: ReadonlySet<Sha256>, found: Found) {
  const told = new Set<Sha256>();
  const tell = (code: PackFindingCode, sha256: Sha256, sentence: string): undefined => {
    if (!told.has(sha256)) found(code, blobPath(sha256), sentence);
    told.add(sha256);
  };
  return async (sha256: Sha256): Promise<Uint8Array | undefined> => {
    const bytes = await readWhole(source, blobPath(sha256));
    if (bytes === undefined) {
      return leftOut.has(sha256)
        ? undefined
        : tell("document-missing", sha256, `The document ${sha256} is not in the pack.`);
    }
    if (sha256Hex(bytes) === sha256) return bytes;
    return tell("document-changed", sha256, `${blobPath(sha256)} does not have the digest that it is named by.`);
  };
}

async function recordsAt(indices: readonly number[], source: PackSource): Promise<readonly PromotionRecord[]> {
  const records: PromotionRecord[] = [];
  for (const index of indices) {
    const bytes = await readWhole(source, recordPath(index));
    const { record } = indexedRecord(index, bytes ?? new Uint8Array());
    if (record !== undefined) records.push({ index, record });
  }
  return records;
}

/** Records about the installation itself belong to no promotion; their documents must be there all the same. */
async function verifyInstallation({ source, records }: ContentsInput, known: Set<string>, found: Found): Promise<void> {
  const ofPromotions = new Set([...records.byPromotion.values()].flat());
  const read = documents(source, new Set(), found);
  const own = await recordsAt(
    records.indices.filter((index) => !ofPromotions.has(index)),
    source,
  );
  for (const { sha256 } of own.flatMap(({ record }) => record.attachments)) {
    known.add(blobPath(sha256));
    await read(sha256);
  }
}

/** Holds the tables against the records. */
async function compareTables({ source, records }: ContentsInput, known: Set<string>, found: Found): Promise<void> {
  const { indices, byPromotion } = records;
  const entry = async (index: number) =>
    indexedRecord(index, (await readWhole(source, recordPath(index))) ?? new Uint8Array());
  for (const { name, content } of tableFiles({ indices, byPromotion, entry })) {
    known.add(name);
    await compareStream(source, name, content, found);
  }
}

/** The names that a pack has whatever its promotions are. */
function expectedNames({ source, manifest, records }: ContentsInput): Set<string> {
  const whole = manifest.scope.kind === "everything";
  const size = records.checkpoint?.size ?? 0;
  return new Set([
    manifestPath,
    sumsPath,
    verifyScriptPath,
    checkpointKeyPath,
    checkpointPemPath,
    ...source.names.filter(isAttestationKey),
    logPath(checkpointPath),
    // A whole log was looked through already, and says itself what does not belong to it.
    ...(whole
      ? source.names.filter((name) => name.startsWith(logFolder))
      : [...logObjects(size, { entries: false })].map(logPath)),
    ...records.indices.flatMap((index) => (whole ? [recordPath(index)] : [recordPath(index), proofPath(index)])),
  ]);
}
