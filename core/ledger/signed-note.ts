import { base64, fromBase64 } from "../encoding/base64.ts";
import { concatBytes, fromHex, fromUtf8, hex, utf8 } from "../encoding/bytes.ts";
import { Failure } from "../failure.ts";

// Signed notes: https://c2sp.org/signed-note

/** One signature line: who claims to have signed, the key's four-byte id, and the algorithm's own bytes. */
export interface NoteSignature {
  readonly name: string;
  /** Eight lower-case hexadecimal digits. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

/** A note as it was read: nothing in it is trusted before `checkNote`. */
export interface SignedNote {
  /** With its final newline: these bytes are what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

// The specification asks for 16 signatures at least and leaves the limit to the reader.
const maxSignatures = 64;
const maxNoteBytes = 256 * 1024;

/** Reads a signed note strictly. Throws `ledger-invalid` for anything the specification does not allow. */
export function parseSignedNote(bytes: Uint8Array): SignedNote {
  if (bytes.length > maxNoteBytes) throw malformed(`is longer than ${maxNoteBytes} bytes`);
  const note = textOf(bytes);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] ?? 0;
    if (byte < 0x20 && byte !== 0x0a) throw malformed("has control characters");
  }
  if (!note.endsWith("\n")) throw malformed("does not end in a newline");
  const blank = note.lastIndexOf("\n\n");
  if (blank < 0) throw malformed("has no blank line before its signatures");
  const lines = note.slice(blank + 2, -1).split("\n");
  if (lines.length > maxSignatures) throw malformed(`has more than ${maxSignatures} signatures`);
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignatureLine) };
}

/** The note as text, ready to be stored. Throws `ledger-invalid` for a text or name that could not be read back. */
export function formatSignedNote({ text, signatures }: SignedNote): string {
  if (!text.endsWith("\n")) throw malformed("has a text that does not end in a newline");
  if (signatures.length === 0) throw malformed("has no signature");
  return `${text}\n${signatures.map(formatSignatureLine).join("")}`;
}

/** Whether `name` can be the name of a key: not empty, no Unicode space, no plus, nothing that would break the line. */
export function isKeyName(name: string): boolean {
  return name !== "" && name.isWellFormed() && !/[\p{White_Space}\p{Cc}+]/u.test(name);
}

function parseSignatureLine(line: string): NoteSignature {
  const match = /^— (?<name>[^ ]+) (?<blob>[^ ]+)$/u.exec(line);
  const { name, blob } = match?.groups ?? {};
  if (name === undefined || blob === undefined || !isKeyName(name)) throw malformed("has a line that is no signature");
  const bytes = blobOf(blob);
  if (bytes.length < 5) throw malformed("has an empty signature");
  return { name, keyId: hex(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw malformed("would be signed under a name that no note can carry");
  if (!/^[0-9a-f]{8}$/.test(keyId)) throw malformed("would be signed under a key id that is not four bytes");
  return `— ${name} ${base64(concatBytes([fromHex(keyId), signature]))}\n`;
}

function blobOf(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw malformed("has a signature that is not base64", cause);
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw malformed("is not UTF-8", cause);
  }
}

/** UTF-8 bytes of a note's text: the message of a plain Ed25519 signature. */
export function noteMessage(note: SignedNote): Uint8Array {
  return utf8(note.text);
}

function malformed(what: string, cause?: unknown): Failure {
  return new Failure("ledger-invalid", `The signed note ${what}.`, { cause });
}
