import { createPublicKey, type JsonWebKeyInput, type KeyObject, verify } from "node:crypto";
import type { Jwk } from "../../core/attestation/id-token.ts";

const keys = new Map<string, KeyObject>();

/** Verifies an ECDSA P-256 signature in DER over `message`, hashed with SHA-256, by an SPKI key in PEM. */
export function verifyEcdsa(pem: string, message: Uint8Array, signature: Uint8Array): boolean {
  let key = keys.get(pem);
  if (key === undefined) {
    key = createPublicKey(pem);
    keys.set(pem, key);
  }
  return key.asymmetricKeyType === "ec" && verify("sha256", message, key, signature);
}

/**
 * Verifies a JWS signature (RFC 7518 section 3) for the two algorithms that identity providers use here: RS256 and
 * ES256. Any other algorithm is no signature.
 */
export function verifyJws(algorithm: string, jwk: Jwk, signingInput: Uint8Array, signature: Uint8Array): boolean {
  const input: JsonWebKeyInput = { key: { ...jwk }, format: "jwk" };
  switch (algorithm) {
    case "RS256":
      return jwk.kty === "RSA" && verify("sha256", signingInput, createPublicKey(input), signature);
    case "ES256":
      return (
        jwk.kty === "EC" &&
        jwk.crv === "P-256" &&
        verify("sha256", signingInput, { key: createPublicKey(input), dsaEncoding: "ieee-p1363" }, signature)
      );
    default:
      return false;
  }
}

/** Verifies an Ed25519 signature (RFC 8032) by a raw 32-byte public key. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, message, key, signature);
}
