import { Failure } from "../../../core/failure.ts";

// Stands in for core/encoding/base64.ts, which uses Node's Buffer, in the portal's build.

/** Standard base64 with padding (RFC 4648 section 4). */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** base64url without padding (RFC 4648 section 5). */
export function base64url(bytes: Uint8Array): string {
  return base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Bytes of standard base64 with padding. Throws `invalid-request` for anything but the one canonical
 * spelling, so that two different texts never stand for the same bytes.
 */
export function fromBase64(text: string): Uint8Array {
  const bytes = decoded(text);
  if (bytes === undefined || base64(bytes) !== text) throw notCanonical("base64");
  return bytes;
}

/** Bytes of base64url without padding; throws `invalid-request` for anything but the canonical spelling. */
export function fromBase64url(text: string): Uint8Array {
  const bytes = /[+/=\s]/.test(text) ? undefined : decoded(text.replaceAll("-", "+").replaceAll("_", "/"));
  if (bytes === undefined || base64url(bytes) !== text) throw notCanonical("base64url");
  return bytes;
}

function decoded(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    // Not base64 at all; the caller says so in its own words.
    return undefined;
  }
}

function notCanonical(alphabet: string): Failure {
  return new Failure("invalid-request", `The text is not canonical ${alphabet}.`);
}
