import { createHash } from "node:crypto";

declare const sha256Brand: unique symbol;

/** A SHA-256 digest as 64 lower-case hexadecimal digits. */
export type Sha256 = string & { readonly [sha256Brand]: true };

/** The 32 bytes of SHA-256 (FIPS 180-4) over `parts` in order. The portal's build swaps this file's `node:crypto` for a browser hash. */
export function sha256Bytes(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** SHA-256 over `parts` in order, as 64 lower-case hexadecimal digits. */
export function sha256Hex(...parts: readonly Uint8Array[]): Sha256 {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex") as Sha256;
}

/** Narrows a string to a digest: exactly 64 lower-case hexadecimal digits. */
export function isSha256(text: unknown): text is Sha256 {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}
