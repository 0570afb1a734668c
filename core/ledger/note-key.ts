import { base64, fromBase64 } from "../encoding/base64.ts";
import { concatBytes, hex, utf8 } from "../encoding/bytes.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { isKeyName, type NoteSignature, noteMessage, type SignedNote } from "./signed-note.ts";

/**
 * What a signature covers: `ed25519` the note's text (https://c2sp.org/signed-note); `cosignature/v1` the text and the
 * time at which the signer held it for the latest (https://c2sp.org/tlog-cosignature).
 */
export type NoteAlgorithm = "ed25519" | "cosignature/v1";

/** A verifying key: name and id together say which key made a signature. */
export interface NoteKey {
  readonly name: string;
  readonly algorithm: NoteAlgorithm;
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
  /** Eight lower-case hexadecimal digits. */
  readonly keyId: string;
}

/** Signs `message` with Ed25519 (RFC 8032, not prehashed; KMS calls it RAW) and answers the 64 bytes. */
export type SignEd25519 = (message: Uint8Array) => Promise<Uint8Array>;

/** Verifies an Ed25519 signature; WebCrypto answers later, node:crypto at once. Must be false, not throw, for a bad key. */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>;

const typeByte = { ed25519: 0x01, "cosignature/v1": 0x04 } as const satisfies Record<NoteAlgorithm, number>;

/** The key `publicKey` (32 bytes) under `name`. Throws `ledger-invalid` for a name or key that cannot be one. */
export function noteKey(name: string, algorithm: NoteAlgorithm, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) throw badKey("its name is empty or has a space or a plus");
  if (publicKey.length !== 32) throw badKey(`an Ed25519 key has 32 bytes, not ${publicKey.length}`);
  const id = sha256Bytes(utf8(`${name}\n`), Uint8Array.of(typeByte[algorithm]), publicKey).subarray(0, 4);
  return { name, algorithm, publicKey, keyId: hex(id) };
}

/** The key as a line for people and tools: `<name>+<key id>+<base64 of type and key>`. */
export function formatVerifierKey({ name, algorithm, publicKey, keyId }: NoteKey): string {
  return `${name}+${keyId}+${base64(concatBytes([Uint8Array.of(typeByte[algorithm]), publicKey]))}`;
}

/** Reads `<name>+<key id>+<base64>`. Throws `ledger-invalid` where the id is not that of the key, or the type is unknown. */
export function parseVerifierKey(text: string): NoteKey {
  // The base64 may hold a plus; the name never does.
  const match = /^(?<name>[^+]+)\+(?<id>[0-9a-f]{8})\+(?<key>.+)$/u.exec(text);
  const { name, id, key } = match?.groups ?? {};
  if (name === undefined || id === undefined || key === undefined) throw badKey("it is not <name>+<id>+<base64>");
  const bytes = keyBytes(key);
  const algorithm = algorithmOf(bytes[0]);
  if (algorithm === undefined) throw badKey("its type is neither Ed25519 nor cosignature/v1");
  const parsed = noteKey(name, algorithm, bytes.subarray(1));
  if (parsed.keyId !== id) throw badKey("its id is not that of the key");
  return parsed;
}

/** A signature that a known key made over the note. */
interface VerifiedSignature {
  readonly key: NoteKey;
  /** Seconds since the Unix epoch, signed by the key: only for `cosignature/v1`. */
  readonly time?: number;
}

export type NoteCheck =
  | { readonly status: "verified"; readonly signatures: readonly VerifiedSignature[] }
  | { readonly status: "rejected"; readonly code: "no-known-key" | "bad-signature"; readonly why: string };

/**
 * Holds a note against the keys that are trusted. Signatures by other keys are ignored; one bad signature by a known
 * key rejects the whole note (signed-note, 'Signatures').
 */
export async function checkNote(note: SignedNote, keys: readonly NoteKey[], verify: VerifyEd25519): Promise<NoteCheck> {
  const verified: VerifiedSignature[] = [];
  for (const signature of note.signatures) {
    // Two keys may share name and id by accident: then the signature may be either's.
    const candidates = keys.filter((key) => key.name === signature.name && key.keyId === signature.keyId);
    if (candidates.length === 0) continue;
    const found = await firstThatVerifies(note, signature, candidates, verify);
    if (found === undefined) {
      const why = `The signature by ${signature.name} (key ${signature.keyId}) does not verify.`;
      return { status: "rejected", code: "bad-signature", why };
    }
    verified.push(found);
  }
  if (verified.length > 0) return { status: "verified", signatures: verified };
  return { status: "rejected", code: "no-known-key", why: "No key that is trusted has signed the note." };
}

/** Signs the note's text: the line to add to it. */
export async function signNote(text: string, key: NoteKey, sign: SignEd25519): Promise<NoteSignature> {
  const signature = await sign(utf8(text));
  if (signature.length !== 64)
    throw new Failure("signature-invalid", "The signer did not answer an Ed25519 signature.");
  return { name: key.name, keyId: key.keyId, signature };
}

/** Cosigns the note's text as of `time` (whole seconds since the Unix epoch): the line to add to it. */
export async function cosignNote(text: string, key: NoteKey, sign: SignEd25519, time: number): Promise<NoteSignature> {
  const stamp = new Uint8Array(8);
  new DataView(stamp.buffer).setBigUint64(0, BigInt(time));
  const signature = await sign(cosignedMessage(text, time));
  if (signature.length !== 64)
    throw new Failure("signature-invalid", "The signer did not answer an Ed25519 signature.");
  return { name: key.name, keyId: key.keyId, signature: concatBytes([stamp, signature]) };
}

function cosignedMessage(text: string, time: number): Uint8Array {
  return utf8(`cosignature/v1\ntime ${time}\n${text}`);
}

async function firstThatVerifies(
  note: SignedNote,
  { signature }: NoteSignature,
  candidates: readonly NoteKey[],
  verify: VerifyEd25519,
): Promise<VerifiedSignature | undefined> {
  for (const key of candidates) {
    switch (key.algorithm) {
      case "ed25519":
        if (signature.length === 64 && (await verify(key.publicKey, noteMessage(note), signature))) return { key };
        break;
      case "cosignature/v1": {
        const time = cosignatureTime(signature);
        if (time === undefined) break;
        if (await verify(key.publicKey, cosignedMessage(note.text, time), signature.subarray(8))) return { key, time };
        break;
      }
      default:
        key.algorithm satisfies never;
    }
  }
  return undefined;
}

/** The time in the bytes of a cosignature, as yet unverified; `undefined` where they cannot be one. */
export function cosignatureTime(signature: Uint8Array): number | undefined {
  if (signature.length !== 72) return undefined;
  const time = new DataView(signature.buffer, signature.byteOffset, 8).getBigUint64(0);
  // Later than the year 9999: no instant can say it, so it is refused rather than rounded.
  return time <= 253_402_300_799n ? Number(time) : undefined;
}

function algorithmOf(byte: number | undefined): NoteAlgorithm | undefined {
  if (byte === typeByte.ed25519) return "ed25519";
  return byte === typeByte["cosignature/v1"] ? "cosignature/v1" : undefined;
}

function keyBytes(text: string): Uint8Array {
  try {
    return fromBase64(text);
  } catch (cause) {
    throw badKey("its last part is not base64", cause);
  }
}

function badKey(why: string, cause?: unknown): Failure {
  return new Failure("ledger-invalid", `This is no verifying key: ${why}.`, { cause });
}
