import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Jwk } from "../../core/attestation/id-token.ts";
import { isStrongKey } from "../../core/attestation/strong-key.ts";
import { isPointOfLargeOrder, isSoundEd25519 } from "../../core/encoding/ed25519-point.ts";

// Taking a key apart costs a third of a verification with it, and few keys sign everything. Bounded, since keys come
// with what is verified.
const keys = new Map<string, KeyObject>();
const mostKeys = 256;

/** Verifies an ECDSA P-256 signature in DER over `message`, hashed with SHA-256, by an SPKI key in PEM. A key that is none signed nothing. */
export function verifyEcdsa(pem: string, message: Uint8Array, signature: Uint8Array): boolean {
  const key = keyOf(pem, () => createPublicKey(pem));
  return key !== undefined && isP256(key) && verify("sha256", message, key, signature);
}

// What a key says of itself is put together anew each time.
let latestP256: KeyObject | undefined;

function isP256(key: KeyObject): boolean {
  if (key === latestP256) return true;
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return false;
  latestP256 = key;
  return true;
}

/**
 * Verifies a JWS signature for the algorithms that identity providers and passkeys use here: RS256 and ES256 (RFC 7518
 * section 3), EdDSA over Ed25519 (RFC 8037 section 3.1). Any other algorithm is no signature, and a key that is none signed nothing.
 */
export function verifyJws(algorithm: string, jwk: Jwk, signingInput: Uint8Array, signature: Uint8Array): boolean {
  if (!isOfAlgorithm(algorithm, jwk, signature)) return false;
  const key = keyOfJwk(jwk);
  if (key === undefined) return false;
  if (algorithm === "EdDSA") return verify(null, signingInput, key, signature);
  // Where more is said than the key, Node looks at it anew each time, which is a quarter of what the signature takes.
  return verify("sha256", signingInput, algorithm === "RS256" ? key : { key, dsaEncoding: "ieee-p1363" }, signature);
}

function isOfAlgorithm(algorithm: string, jwk: Jwk, signature: Uint8Array): boolean {
  switch (algorithm) {
    case "RS256":
      return jwk.kty === "RSA";
    case "ES256":
      return jwk.kty === "EC" && jwk.crv === "P-256";
    case "EdDSA":
      return (
        jwk.kty === "OKP" && jwk.crv === "Ed25519" && isStrongKey(jwk) && isPointOfLargeOrder(signature.subarray(0, 32))
      );
    default:
      return false;
  }
}

/** Verifies an Ed25519 signature (RFC 8032) by a raw 32-byte public key. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (!isSoundEd25519(publicKey, signature)) return false;
  const x = Buffer.from(publicKey).toString("base64url");
  const key = keyOf(x, () => createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }));
  return key !== undefined && verify(null, message, key, signature);
}

// Mostly the very same one as before: then its parts need not be put together and looked up.
let latest: { readonly jwk: Jwk; readonly key: KeyObject } | undefined;

function keyOfJwk(jwk: Jwk): KeyObject | undefined {
  if (latest !== undefined && parts.every((part) => latest?.jwk[part] === jwk[part])) return latest.key;
  // Whatever else a set says beside them bears on no signature.
  const own = Object.fromEntries(parts.map((part) => [part, jwk[part]]));
  const key = keyOf(JSON.stringify(own), () => createPublicKey({ key: own, format: "jwk" }));
  if (key !== undefined) latest = { jwk: { ...jwk }, key };
  return key;
}

const parts = ["kty", "n", "e", "crv", "x", "y"] as const;

/** Nothing where it is none: whoever makes a pack chooses its keys, and each library has words of its own for what it cannot read. */
function keyOf(name: string, make: () => KeyObject): KeyObject | undefined {
  const known = keys.get(name);
  if (known !== undefined) return known;
  if (keys.size >= mostKeys) keys.clear();
  try {
    const key = make();
    keys.set(name, key);
    return key;
  } catch {
    return undefined;
  }
}
