import * as v from "valibot";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";

/** A passkey's public key as a JSON Web Key of its required members alone (RFC 7638 section 3.2). */
export type PasskeyKey =
  | { readonly kty: "EC"; readonly crv: "P-256"; readonly x: string; readonly y: string }
  | { readonly kty: "OKP"; readonly crv: "Ed25519"; readonly x: string }
  | { readonly kty: "RSA"; readonly n: string; readonly e: string };

const coordinate = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));

/** The form of a passkey's key. RSA from 2,048 to 4,096 bits, with an exponent of at most three bytes. */
export const passkeyKeySchema: v.GenericSchema<PasskeyKey> = v.variant("kty", [
  v.strictObject({ kty: v.literal("EC"), crv: v.literal("P-256"), x: coordinate, y: coordinate }),
  v.strictObject({ kty: v.literal("OKP"), crv: v.literal("Ed25519"), x: coordinate }),
  v.strictObject({
    kty: v.literal("RSA"),
    n: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{342,683}$/)),
    e: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{2,4}$/)),
  }),
]);

/** A passkey's id: the thumbprint of its public key (RFC 7638, SHA-256), in hex. */
export function passkeyIdOf(key: PasskeyKey): Sha256 {
  // Canonical JSON of the required members is what RFC 7638 hashes.
  return sha256Hex(canonicalJsonBytes(key));
}

/** The one algorithm that a key is used with here, by its JOSE name. */
export function passkeyAlgorithm(key: PasskeyKey): "ES256" | "EdDSA" | "RS256" {
  switch (key.kty) {
    case "EC":
      return "ES256";
    case "OKP":
      return "EdDSA";
    case "RSA":
      return "RS256";
    default:
      return key satisfies never;
  }
}
