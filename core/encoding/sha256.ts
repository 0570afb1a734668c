import { createHash, hash as hashOnce } from "node:crypto";

declare const sha256Brand: unique symbol;

/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly [sha256Brand]: true };

// One call into OpenSSL costs a third less than create, update and digest (measured): a Merkle tree makes two per record.
const joined = new Uint8Array(65_536 + 64);

/** The 32 bytes of SHA-256 (FIPS 180-4) over `parts` in order. The portal's build swaps this file's `node:crypto` for a browser hash. */
export function sha256Bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const message = join(parts);
  // As text of one byte a character it comes at two thirds of what a buffer of its own costs (measured).
  const digest = message === undefined ? hashAll(parts).digest("binary") : hashOnce("sha256", message, "binary");
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) bytes[i] = digest.charCodeAt(i);
  return bytes;
}

/** SHA-256 over `parts` in order, as 64 lower-case hexadecimal digits. */
export function sha256Hex(...parts: readonly Uint8Array[]): Sha256 {
  const message = join(parts);
  return (message === undefined ? hashAll(parts).digest("hex") : hashOnce("sha256", message, "hex")) as Sha256;
}

/** Narrows a string to a digest: exactly 64 lower-case hexadecimal digits. */
export function isSha256(text: unknown): text is Sha256 {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}

/** The parts as one run of bytes, valid until the next call; `undefined` where that would need a large copy. */
function join(parts: readonly Uint8Array[]): Uint8Array | undefined {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > joined.length) return undefined;
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined.subarray(0, length);
}

function hashAll(parts: readonly Uint8Array[]): ReturnType<typeof createHash> {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash;
}
