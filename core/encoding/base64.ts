import { Failure } from "../failure.ts";

// The portal's build swaps this file, which uses Node's Buffer for speed, for one that needs only a browser.

/** Standard base64 with padding (RFC 4648 section 4). */
export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** base64url without padding (RFC 4648 section 5). */
export function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64url");
}

/**
 * Bytes of standard base64 with padding. Throws `invalid-request` for anything but the one canonical
 * spelling, so that two different texts never stand for the same bytes.
 */
export function fromBase64(text: string): Uint8Array {
  return canonicalOnly(text, "base64");
}

/** Bytes of base64url without padding; throws `invalid-request` for anything but the canonical spelling. */
export function fromBase64url(text: string): Uint8Array {
  return canonicalOnly(text, "base64url");
}

function canonicalOnly(text: string, alphabet: "base64" | "base64url"): Uint8Array {
  const buffer = Buffer.from(text, alphabet);
  if (buffer.toString(alphabet) !== text)
    throw new Failure("invalid-request", `The text is not canonical ${alphabet}.`);
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
