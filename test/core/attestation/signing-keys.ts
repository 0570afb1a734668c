import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { type SignDigest, type VerifyingKey, verifyingKey } from "../../../core/attestation/dsse.ts";
import type { Jwk } from "../../../core/attestation/id-token.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";

/** A P-256 key that signs as KMS does: prehashed, in DER. */
export interface AttestationKey {
  readonly key: VerifyingKey;
  readonly sign: SignDigest;
}

export function attestationKey(): AttestationKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const scalar = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  return {
    key: verifyingKey(publicKey.export({ format: "pem", type: "spki" }).toString()),
    sign: async (digest) => p256.sign(digest, scalar, { prehash: false, format: "der" }),
  };
}

/** An identity provider's key (ES256: quicker to make than RSA). */
export interface ProviderKey {
  readonly jwk: Jwk;
  /** A compact JWS over claims; `header` replaces members of its header. */
  readonly token: (claims: object, header?: object) => string;
}

export function providerKey(kid = "provider-key-1"): ProviderKey {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = {
    ...createPublicKey(createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" }))).export({ format: "jwk" }),
    kid,
  } as Jwk;
  return {
    jwk,
    token: (claims, header = {}) => {
      const part = (value: object) => base64url(utf8(JSON.stringify(value)));
      const input = `${part({ alg: "ES256", kid, typ: "JWT", ...header })}.${part(claims)}`;
      const signature = sign("sha256", utf8(input), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return `${input}.${base64url(signature)}`;
    },
  };
}

/** The keys that most tests share: making one for each would cost more than the tests themselves. */
export const attestation = attestationKey();
export const provider = providerKey();
