import { base64, fromBase64 } from "../encoding/base64.ts";
import { concatBytes, fromUtf8, utf8 } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";
import { hashLength, isTreeSize } from "./merkle.ts";
import { formatSignedNote, type NoteSignature, parseSignedNote, type SignedNote } from "./signed-note.ts";

// What a log and a witness say to each other: https://c2sp.org/tlog-witness

/** Path of the call below a witness's submission prefix. */
export const addCheckpointPath = "/add-checkpoint";
/** Content type of the size that a witness answers to a log that has another in mind. */
export const sizeContentType = "text/x.tlog.size";

/** The longest body that a witness reads: 63 hashes and a checkpoint with many signatures. */
const longestRequest = 64 * 1024;
const mostProofLines = 63;

/** The body of `add-checkpoint`. */
export interface AddCheckpointRequest {
  /** Entries of the tree that the proof begins at. */
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: Uint8Array;
}

export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpointRequest): Uint8Array {
  const lines = [`old ${oldSize}`, ...proof.map(base64)];
  return concatBytes([utf8(`${lines.join("\n")}\n\n`), checkpoint]);
}

/** Reads the body strictly, its checkpoint as yet unread. Throws `ledger-invalid`. */
export function parseAddCheckpoint(body: Uint8Array): AddCheckpointRequest {
  if (body.length > longestRequest) throw malformed(`it is longer than ${longestRequest} bytes`);
  const text = textOf(body);
  const blank = text.indexOf("\n\n");
  if (blank < 0) throw malformed("it has no empty line before its checkpoint");
  const [first = "", ...hashes] = text.slice(0, blank).split("\n");
  const size = /^old (?<size>0|[1-9]\d*)$/.exec(first)?.groups?.["size"];
  if (size === undefined || !isTreeSize(Number(size))) throw malformed("it does not begin with the old size");
  if (hashes.length > mostProofLines) throw malformed(`its proof has more than ${mostProofLines} lines`);
  return { oldSize: Number(size), proof: hashes.map(hashOf), checkpoint: utf8(text.slice(blank + 2)) };
}

/** Signature lines alone, as a witness answers them. */
export function formatSignatureLines(text: string, signatures: readonly NoteSignature[]): string {
  return formatSignedNote({ text, signatures }).slice(text.length + 1);
}

/** Reads the lines that a witness answered for the note with this text. Throws `ledger-invalid`. */
export function parseSignatureLines(text: string, lines: Uint8Array): SignedNote {
  return parseSignedNote(concatBytes([utf8(`${text}\n`), lines]));
}

/** Reads the size in a witness's answer 409. Throws `ledger-invalid`. */
export function parseSize(body: Uint8Array): number {
  const size = /^(?<size>0|[1-9]\d*)\n$/.exec(textOf(body.subarray(0, 64)))?.groups?.["size"];
  if (size === undefined || !isTreeSize(Number(size))) throw malformed("the witness answered no size");
  return Number(size);
}

function hashOf(line: string): Uint8Array {
  let hash: Uint8Array;
  try {
    hash = fromBase64(line);
  } catch (cause) {
    throw malformed("a line of its proof is not base64", cause);
  }
  if (hash.length !== hashLength) throw malformed("a line of its proof is not a SHA-256 hash");
  return hash;
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw malformed("it is not UTF-8", cause);
  }
}

function malformed(why: string, cause?: unknown): Failure {
  return new Failure("ledger-invalid", `This is nothing that logs and witnesses say to each other: ${why}.`, { cause });
}
