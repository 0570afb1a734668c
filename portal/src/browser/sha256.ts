import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
// Only the type: the rest of that file is what this one stands in for.
import type { Sha256 } from "../../../core/encoding/sha256.ts";

export type { Sha256 };

/** The 32 bytes of SHA-256 (FIPS 180-4) over `parts` in order. In a browser: Web Crypto has no synchronous hash. */
export function sha256Bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = sha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 over `parts` in order, as 64 lower-case hexadecimal digits. */
export function sha256Hex(...parts: readonly Uint8Array[]): Sha256 {
  return bytesToHex(sha256Bytes(...parts)) as Sha256;
}

/** Narrows a string to a digest: exactly 64 lower-case hexadecimal digits. */
export function isSha256(text: unknown): text is Sha256 {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}
