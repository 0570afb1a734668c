import { base64, fromBase64 } from "../encoding/base64.ts";
import { utf8 } from "../encoding/bytes.ts";
import { type Instant, instantFromMs, msOfInstant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { hashLength, isTreeSize } from "./merkle.ts";
import {
  checkNote,
  cosignNote,
  type NoteKey,
  noteKey,
  type SignEd25519,
  signNote,
  type VerifyEd25519,
} from "./note-key.ts";
import { formatSignedNote, parseSignedNote, type SignedNote } from "./signed-note.ts";

// Checkpoints: https://c2sp.org/tlog-checkpoint

/** The head of a tree: whose log, how many entries, which root. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Opaque lines of other logs; ours has none, because nobody audits them. */
  readonly extensions: readonly string[];
}

/** The text that is signed: origin, size, base64 root, each on a line. Throws `ledger-invalid` for what could not be read back. */
export function formatCheckpointBody({ origin, size, root, extensions }: Checkpoint): string {
  const lines = [origin, String(size), base64(root), ...extensions];
  if (!isTreeSize(size)) throw malformed(`its size cannot be ${size}`);
  if (root.length !== hashLength) throw malformed("its root is not a SHA-256 hash");
  if (lines.some((line) => line === "" || line.includes("\n"))) throw malformed("one of its lines is empty or broken");
  return `${lines.join("\n")}\n`;
}

/** Reads the text of a checkpoint strictly; throws `ledger-invalid`. */
export function parseCheckpointBody(text: string): Checkpoint {
  if (!text.endsWith("\n")) throw malformed("it does not end in a newline");
  const [origin, size, root, ...extensions] = text.slice(0, -1).split("\n");
  if (origin === undefined || size === undefined || root === undefined)
    throw malformed("it has fewer than three lines");
  if (origin === "" || extensions.includes("")) throw malformed("one of its lines is empty");
  if (!/^(?:0|[1-9]\d*)$/.test(size) || !isTreeSize(Number(size))) throw malformed("its size is not a whole number");
  return { origin, size: Number(size), root: rootOf(root), extensions };
}

/** A checkpoint as it was read, and the note that carries its signatures. */
export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: SignedNote;
}

/** Reads a signed checkpoint without verifying it; throws `ledger-invalid` where it is malformed. */
export function parseCheckpoint(bytes: Uint8Array): ReadCheckpoint {
  const note = parseSignedNote(bytes);
  return { checkpoint: parseCheckpointBody(note.text), note };
}

/** The log's own key: signs checkpoints. */
export interface CheckpointSigner {
  /** The origin of the log, which is the key's name too. */
  readonly origin: string;
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
  readonly sign: SignEd25519;
}

/**
 * The signed checkpoint of a tree, as bytes to store: a plain signature over the text, which every verifier of tiled
 * logs reads, and one of type cosignature/v1 by the same key, which says that this was the latest tree at `now`.
 * So the text stays the same however often it is published, and its age can still be proven.
 */
export async function signCheckpoint(
  tree: { readonly size: number; readonly root: Uint8Array },
  signer: CheckpointSigner,
  now: Instant,
): Promise<Uint8Array> {
  const text = formatCheckpointBody({ origin: signer.origin, size: tree.size, root: tree.root, extensions: [] });
  const plain = noteKey(signer.origin, "ed25519", signer.publicKey);
  const timed = noteKey(signer.origin, "cosignature/v1", signer.publicKey);
  const seconds = Math.floor(msOfInstant(now) / 1000);
  const signatures = await Promise.all([
    signNote(text, plain, signer.sign),
    cosignNote(text, timed, signer.sign, seconds),
  ]);
  return utf8(formatSignedNote({ text, signatures }));
}

/** Which log is meant, and whose word counts. */
export interface CheckpointTrust {
  readonly origin: string;
  /** The log's keys over time; each may have signed plainly or with the time. */
  readonly keys: readonly Uint8Array[];
  /** Witnesses whose cosignatures are looked for. */
  readonly witnesses?: readonly NoteKey[];
  /** How many distinct witnesses must have cosigned; none unless it says so. */
  readonly witnessesNeeded?: number;
  /** Of another log, whose checkpoints may say more than ours. */
  readonly extensions?: "taken";
}

/** By how many seconds others' clocks may be ahead of ours. */
export const clockSkewSeconds = 60;

export type CheckpointCheck =
  | {
      readonly status: "verified";
      readonly checkpoint: Checkpoint;
      /** The latest time at which the log itself signed that this is its latest tree. */
      readonly at?: Instant;
      /** Where there is such a time, the key that signed it; else every key that signed. */
      readonly signedBy: readonly NoteKey[];
      readonly witnesses: readonly { readonly key: NoteKey; readonly at: Instant }[];
    }
  | {
      readonly status: "rejected";
      readonly code: "malformed" | "other-log" | "no-known-key" | "bad-signature" | "too-few-witnesses";
      readonly why: string;
    };

/** Reads and verifies a signed checkpoint: the log's plain signature by a trusted key is required. */
export async function checkCheckpoint(
  bytes: Uint8Array,
  trust: CheckpointTrust,
  verify: VerifyEd25519,
): Promise<CheckpointCheck> {
  const read = readOrWhy(bytes);
  if (typeof read === "string") return { status: "rejected", code: "malformed", why: read };
  const { checkpoint, note } = read;
  if (checkpoint.origin !== trust.origin) {
    const why = `The checkpoint is that of ${checkpoint.origin}, not of ${trust.origin}.`;
    return { status: "rejected", code: "other-log", why };
  }
  if (checkpoint.extensions.length > 0 && trust.extensions === undefined) {
    const why = "The checkpoint has lines that this log signs none of: origin, size and root are all.";
    return { status: "rejected", code: "malformed", why };
  }
  const logKeys = trust.keys.flatMap((key) => [
    noteKey(trust.origin, "ed25519", key),
    noteKey(trust.origin, "cosignature/v1", key),
  ]);
  const check = await checkNote(note, [...logKeys, ...(trust.witnesses ?? [])], verify);
  if (check.status === "rejected") return check;

  const byLog = check.signatures.filter(({ key }) => logKeys.includes(key));
  const signedBy = byLog.filter(({ key }) => key.algorithm === "ed25519").map(({ key }) => key);
  if (signedBy.length === 0) {
    return {
      status: "rejected",
      code: "no-known-key",
      why: "No key of the log that is trusted has signed the checkpoint.",
    };
  }
  const witnesses = check.signatures.flatMap(({ key, time }) =>
    time !== undefined && (trust.witnesses ?? []).includes(key) ? [{ key, at: instantFromMs(time * 1000) }] : [],
  );
  const needed = trust.witnessesNeeded ?? 0;
  // One key under two names is one witness.
  const distinct = new Set(witnesses.map(({ key }) => base64(key.publicKey))).size;
  if (distinct < needed) {
    const why = `${distinct} of the ${needed} witnesses needed have cosigned the checkpoint.`;
    return { status: "rejected", code: "too-few-witnesses", why };
  }
  const [dated] = byLog.filter(({ time }) => time !== undefined).toSorted((a, b) => (b.time ?? 0) - (a.time ?? 0));
  if (dated?.time === undefined) return { status: "verified", checkpoint, signedBy, witnesses };
  // It is held against its time whether a key counts: so the time is never that of another key than is answered.
  const both = signedBy.filter(({ publicKey }) => base64(publicKey) === base64(dated.key.publicKey));
  if (both.length === 0) {
    const why = "The key that says when the checkpoint was signed is another than the one that signed it.";
    return { status: "rejected", code: "no-known-key", why };
  }
  return { status: "verified", checkpoint, at: instantFromMs(dated.time * 1000), signedBy: both, witnesses };
}

function readOrWhy(bytes: Uint8Array): ReadCheckpoint | string {
  try {
    return parseCheckpoint(bytes);
  } catch (error) {
    if (error instanceof Failure && error.code === "ledger-invalid") return error.message;
    throw error;
  }
}

function rootOf(text: string): Uint8Array {
  let root: Uint8Array;
  try {
    root = fromBase64(text);
  } catch (cause) {
    throw malformed("its root is not base64", cause);
  }
  if (root.length !== hashLength) throw malformed("its root is not a SHA-256 hash");
  return root;
}

function malformed(why: string, cause?: unknown): Failure {
  return new Failure("ledger-invalid", `This is no checkpoint: ${why}.`, { cause });
}
