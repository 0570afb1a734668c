import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { p256 } from "@noble/curves/nist.js";
import { pemOfSpki, type SignDigest, type VerifyingKey, verifyingKey } from "../../../core/attestation/dsse.ts";
import type { Jwks } from "../../../core/attestation/id-token.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";

export const issuer = "https://login.example/pool";
export const clientId = "portal-client";
export const attestationBase = "https://countersign.example";

/** An identity provider with an RSA key of its own. */
export interface IdentityProvider {
  readonly jwks: Jwks;
  /** Where it stands for several: those of one, by the `iss` of a token. */
  readonly keysOf?: (iss: unknown) => Jwks;
  /** An ID token that signs `nonce` for a person who signed in at `at`. */
  token(member: Member, nonce: string, at: Instant, over?: Readonly<Record<string, unknown>>): string;
}

export function identityProvider(kid = "key-1", iss = issuer): IdentityProvider {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const { n = "", e = "" } = publicKey.export({ format: "jwk" });
  return {
    jwks: { keys: [{ kty: "RSA", kid, alg: "RS256", use: "sig", n, e }] },
    token: (member, nonce, at, over = {}) => {
      const seconds = Math.floor(msOfInstant(at) / 1000);
      const claims = {
        iss,
        aud: clientId,
        sub: member.identity.subject,
        name: member.name,
        email: member.address,
        "cognito:groups": member.groups,
        token_use: "id",
        nonce,
        auth_time: seconds,
        iat: seconds,
        exp: seconds + 3600,
        ...over,
      };
      return compact({ alg: "RS256", kid }, claims, privateKey);
    },
  };
}

/** A P-256 key that signs digests, as KMS does, and its public half. */
export function attestationKey(): { readonly sign: SignDigest; readonly key: VerifyingKey } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const scalar = Buffer.from(privateKey.export({ format: "jwk" }).d ?? "", "base64url");
  return {
    sign: async (digest) => p256.sign(digest, scalar, { prehash: false, format: "der" }),
    key: verifyingKey(pemOfSpki(publicKey.export({ format: "der", type: "spki" }))),
  };
}

export function salt(): string {
  return base64url(randomBytes(16));
}

export function member(name: string, ...groups: string[]): Member {
  const identity = { issuer, subject: `sub-${name.toLowerCase()}` };
  return { identity, name, address: `${name.toLowerCase()}@example.com`, groups, enabled: true };
}

function compact(header: object, claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part(header)}.${part(claims)}`;
  return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
}
