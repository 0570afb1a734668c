import { isPointOfLargeOrder } from "../encoding/ed25519-point.ts";
import { keyNumberBytes } from "./key-number.ts";

/** Why a sign-in under another is none. */
export const weakSignInKey =
  "The identity provider signed with a key that others could sign with: RSA counts from 2,048 bits, with the exponent 65537, and Ed25519 with a point of large order.";

const leastBits = 2048;

// Mostly the very same one as before.
let latest: { readonly n: unknown; readonly e: unknown; readonly strong: boolean } | undefined;

/**
 * Whether nobody but its owner signs with a key: RSA from 2,048 bits, with the exponent 65,537 that everybody uses. With the
 * exponent 1 whoever likes has signed everything, and so with a point of small order. The curves that are taken here have but one size.
 * Numbers are in base64url, which a provider may have padded.
 */
export function isStrongKey({
  kty,
  n,
  e,
  x,
  y,
}: {
  readonly kty: string;
  readonly n?: string;
  readonly e?: string;
  readonly x?: string;
  readonly y?: string;
}): boolean {
  if (kty === "OKP") return isPointOfLargeOrder(keyNumberBytes(x) ?? new Uint8Array());
  // Libraries read other spellings than RFC 7518's in ways of their own.
  if (kty === "EC") return keyNumberBytes(x) !== undefined && keyNumberBytes(y) !== undefined;
  if (kty !== "RSA") return false;
  if (latest === undefined || latest.n !== n || latest.e !== e)
    latest = { n, e, strong: numberIn(e) === 65_537n && (numberIn(n) ?? 0n).toString(2).length >= leastBits };
  return latest.strong;
}

function numberIn(text: string | undefined): bigint | undefined {
  return keyNumberBytes(text)?.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
