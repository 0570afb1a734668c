import { type VerifyingKey, verifyingKey } from "../attestation/dsse.ts";
import type { KeyRole, VerifyByKey } from "../attestation/key-record.ts";
import { utf8 } from "../encoding/bytes.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import { checkCheckpoint } from "../ledger/checkpoint.ts";
import { type NoteKey, parseVerifierKey } from "../ledger/note-key.ts";
import { checkpointPath } from "../ledger/tiles.ts";
import type { SignedHead } from "../ledger/verify-log.ts";
import { recordsAt } from "./pack/pack-documents.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import type { PackKeys } from "./pack/pack-keys.ts";
import { checkpointKeyPath, logPath, recordPath } from "./pack/pack-layout.ts";
import type { PackManifest } from "./pack/pack-manifest.ts";
import type { VerifyPackOptions } from "./pack-verification.ts";
import {
  type KeyHistory,
  keyHistoryOf,
  keysTrustedFrom,
  type LedgerKey,
  verifierKeyText,
  whyNotInForce,
} from "./people/ledger-keys.ts";
import type { RecordsVerification } from "./verify-records.ts";
import { type PackSource, readWhole } from "./zip/pack-source.ts";

/** Whose signatures count in a pack, and from which entry of the log until when. */
export interface TrustedKeys {
  readonly checkpoint: readonly NoteKey[];
  readonly checkpointHistory: readonly LedgerKey[];
  readonly keys: readonly VerifyingKey[];
  readonly keyHistory: readonly LedgerKey[];
  readonly findings: readonly PackFinding[];
}

/**
 * Which keys a reader may trust: those they know; those that are bound to one of these by records of the ledger, each
 * signed by its neighbour; with nothing known, those that the ledger began with. That these records are in the ledger
 * is for the verification of the log to find.
 */
export async function trustKeys(
  source: PackSource,
  manifest: PackManifest,
  pack: PackKeys,
  base: string,
  { known, verifyEd25519, verifySignature }: VerifyPackOptions,
): Promise<TrustedKeys> {
  const records = await recordsAt(manifest.keyRecords, source);
  const byCheckpointKey: VerifyByKey = ({ text }, message, signature) =>
    verifyEd25519(noteKeyOf(text).publicKey, message, signature);
  const byAttestationKey: VerifyByKey = ({ text }, message, signature) => verifySignature(text, message, signature);

  const checkpoint = judge("checkpoint", await keyHistoryOf("checkpoint", records, base, byCheckpointKey), {
    known: known.checkpointKeys?.map(asText),
    pack: pack.checkpoint.map(asText),
  });
  const attestation = judge("attestation", await keyHistoryOf("attestation", records, base, byAttestationKey), {
    known: known.attestationKeys?.map(({ keyid, pem }) => ({ keyid, text: pem, name: keyid })),
    pack: pack.attestation.map(({ keyid, pem }) => ({ keyid, text: pem, name: keyid })),
  });
  return {
    checkpoint: checkpoint.trusted.map(({ text }) => noteKeyOf(text)),
    checkpointHistory: checkpoint.history,
    keys: attestation.trusted.map(({ text }) => verifyingKey(text)),
    keyHistory: attestation.history,
    findings: [...checkpoint.findings, ...attestation.findings],
  };
}

/** What is wrong with the key that signed the log's head: it must have been published in that log, and not retired. */
export async function headInForce(
  source: PackSource,
  { checkpoint, checkpointHistory }: TrustedKeys,
  { checkpoint: head }: Pick<RecordsVerification, "checkpoint">,
  { verifyEd25519 }: VerifyPackOptions,
): Promise<readonly PackFinding[]> {
  const path = logPath(checkpointPath);
  const bytes = head === undefined ? undefined : await readWhole(source, path);
  if (head === undefined || bytes === undefined || checkpointHistory.length === 0) return [];
  const publicKeys = checkpoint.map(({ publicKey }) => publicKey);
  const check = await checkCheckpoint(bytes, { origin: head.origin, keys: publicKeys }, verifyEd25519);
  if (check.status === "rejected") return [{ code: "checkpoint-rejected", path, sentence: check.why }];
  const why = whyHeadNotInForce(checkpointHistory, { size: head.size, at: check.at, by: check.signedBy });
  return why === undefined ? [] : [{ code: "key-not-in-force", path, sentence: why }];
}

/** Why no key that signed a checkpoint counts for that tree at that time. No history, no judgement. */
export function whyHeadNotInForce(history: readonly LedgerKey[], { size, at, by }: SignedHead): string | undefined {
  if (history.length === 0) return undefined;
  const reasons = by.map((key) => whyNotInForce(history, asText(key).keyid, { index: size, at }));
  // One signature that counts is enough: during a rotation there may be two.
  return reasons.includes(undefined) ? undefined : reasons[0];
}

/** A key by its text: what it is published as, and what people call it. */
interface NamedKey {
  readonly keyid: string;
  readonly text: string;
  readonly name: string;
}

interface Judged {
  readonly trusted: readonly Pick<NamedKey, "text" | "keyid">[];
  readonly history: readonly LedgerKey[];
  readonly findings: readonly PackFinding[];
}

function judge(
  role: KeyRole,
  { keys, problems }: KeyHistory,
  { known, pack }: { readonly known: readonly NamedKey[] | undefined; readonly pack: readonly NamedKey[] },
): Judged {
  const path = role === "checkpoint" ? checkpointKeyPath : "keys/";
  const findings: PackFinding[] = problems.map(({ index, sentence }) => {
    return { code: "key-record-invalid", path: recordPath(index), sentence };
  });
  const knownIds = known === undefined ? undefined : new Set(known.map(({ keyid }) => keyid));
  const bound = keysTrustedFrom(keys, knownIds);
  const given = known ?? (keys.length === 0 ? pack : []);
  const trusted = [...given, ...bound.filter(({ keyid }) => knownIds?.has(keyid) !== true)];
  for (const { keyid, name } of pack) {
    // A pack may bring only keys that can be trusted: others would mislead whoever uses them.
    if (!trusted.some((key) => key.keyid === keyid) && known !== undefined) {
      const sentence = `The pack brings the ${role} key ${name}, which is not the one that was given, nor bound to it.`;
      findings.push({ code: "key-foreign", path, sentence });
    } else if (keys.length > 0 && !keys.some((key) => key.keyid === keyid)) {
      const sentence = `The pack brings the ${role} key ${name}, which the ledger never published.`;
      findings.push({ code: "key-unpublished", path, sentence });
    }
  }
  for (const { keyid } of keys) {
    if (pack.some((key) => key.keyid === keyid)) continue;
    // Whoever verifies with other tools looks for it here.
    const sentence = `The ledger published the ${role} key ${keyid}, which the pack does not bring.`;
    findings.push({ code: "file-missing", path, sentence });
  }
  if (keys.length === 0) {
    const sentence = `The ledger does not name its ${role} keys, which it does from its beginning.`;
    findings.push({ code: "key-unpublished", path, sentence });
  }
  return { trusted, history: keys, findings };
}

function asText(key: NoteKey): NamedKey {
  // The log signs its checkpoints plainly and with the time by one key: it is named as the plain one.
  const text = verifierKeyText(key);
  return { keyid: sha256Hex(utf8(text)), text, name: `${key.name}+${key.keyId}` };
}

function noteKeyOf(text: string): NoteKey {
  return parseVerifierKey(text.trimEnd());
}
