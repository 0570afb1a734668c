import { isSha256, type Sha256 } from "../../encoding/sha256.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";

// Where an audit pack keeps what. `packVersion` fixes these names and every byte that is derived from the records,
// so that a verifier can make the derived files again and compare.

export const manifestPath = "manifest.json";
export const sumsPath = "SHA256SUMS";
export const verifyScriptPath = "verify.sh";
export const readMePath = "README.txt";
export const recordFolder = "records/";
export const keyFolder = "keys/";
/** The checkpoint's verifying keys as note verifier keys, one a line (https://c2sp.org/signed-note). */
export const checkpointKeyPath = "keys/checkpoint.vkey";
/** The newest of them as SPKI in PEM, for tools that know no notes. */
export const checkpointPemPath = "keys/checkpoint.pem";

/** A table for spreadsheets: `records`, `promotions`, `sign-offs`. */
export function csvPath(table: string): string {
  return `${table}.csv`;
}

/** The same table for Athena, which takes a folder for a table. */
export function parquetPath(table: string): string {
  return `parquet/${table}/${table}.parquet`;
}

const tables: ReadonlySet<string> = new Set(
  ["records", "promotions", "sign-offs"].flatMap((table) => [csvPath(table), parquetPath(table)]),
);

/** Whether a path is that of a table, in either form. */
export function isTable(path: string): boolean {
  return tables.has(path);
}

/** An object of the log, verbatim under its own path. */
export const logFolder = "log/";

export function logPath(path: string): string {
  return `${logFolder}${path}`;
}

/** A ledger entry, verbatim. */
export function recordPath(index: number): string {
  return `records/${index}.json`;
}

/** That the entry is in the log, provable by itself; only in packs that do not hold the whole log. */
export function proofPath(index: number): string {
  return `proofs/${index}.tlog-proof`;
}

/** That the log begins with what was there before, as it is shown to witnesses; only in packs of what came since. */
export const sinceProofPath = "proofs/since.add-checkpoint";

const blobFolder = "blobs/sha256/";

/** A document that records name by its digest. */
export function blobPath(sha256: Sha256): string {
  return `${blobFolder}${sha256}`;
}

/** The digest in the path of a document; `undefined` for every other path. */
export function documentDigest(path: string): Sha256 | undefined {
  const digest = path.slice(blobFolder.length);
  return path.startsWith(blobFolder) && isSha256(digest) ? digest : undefined;
}

/** All signed statements about a promotion, an envelope a line. */
export function attestationsPath(promotion: PromotionId): string {
  return `attestations/${promotion}.intoto.jsonl`;
}

/** One signed statement as a Sigstore bundle; `name` is `sign-off-<id>` or `verdict`. */
export function bundlePath(promotion: PromotionId, name: string): string {
  return `bundles/${promotion}/${name}.sigstore.json`;
}

export function reportPath(promotion: PromotionId): string {
  return `report/${promotion}.html`;
}

/** The key that signs sign-offs and verdicts; older ones, by key id, beside it. */
export function attestationKeyPath(keyid: Sha256 | undefined): string {
  return keyid === undefined ? "keys/attestation.pem" : `keys/attestation-${keyid}.pem`;
}

/** Whether a path is that of an attestation key. */
export function isAttestationKey(path: string): boolean {
  return /^keys\/attestation(?:-[0-9a-f]{64})?\.pem$/.test(path);
}

/** The index in the path of a record; `undefined` for every other path. */
export function recordIndex(path: string): number | undefined {
  const digits = /^records\/(0|[1-9]\d{0,14})\.json$/.exec(path)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
