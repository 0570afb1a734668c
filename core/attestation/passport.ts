import { base64url, fromBase64 } from "../encoding/base64.ts";
import { utf8 } from "../encoding/bytes.ts";
import { addSeconds, type Instant, msOfInstant } from "../encoding/instant.ts";
import { type Sha256, sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { FreezeManifest } from "../promotion/freeze-manifest.ts";
import { isPromotionId, type PromotionId } from "../promotion/promotion-id.ts";
import type { VerifyingKey } from "./dsse.ts";
import { clockSkewSeconds, type Jwk, type Jwks, readToken, type VerifyJws } from "./id-token.ts";

/** A passport is good for so long: enough to exchange it for a credential, and for nothing else. */
const passportLifetimeSeconds = 300;

/** A pipeline that lost an answer may ask again; one that asks for ever is at fault. */
export const mostPassports = 5;

/** The claim from which AWS STS takes session tags (IAM User Guide, 'Pass session tags using AssumeRoleWithWebIdentity'). */
const sessionTagsClaim = "https://aws.amazon.com/tags";

/**
 * What a passport says (RFC 7519): this candidate may be deployed to this target, by whoever can exchange the token at
 * `aud` before `exp`. Digests are hex SHA-256.
 */
export interface PassportClaims {
  readonly iss: string;
  /** `model:<name>:target:<target>`: the one claim of another issuer that AWS can hold a condition against. */
  readonly sub: string;
  readonly aud: string;
  readonly iat: number;
  readonly nbf: number;
  readonly exp: number;
  readonly jti: string;
  readonly promotion: PromotionId;
  readonly model: string;
  readonly model_version: string;
  readonly target: string;
  readonly freeze_sha256: Sha256;
  readonly verdict_sha256: Sha256;
  readonly [sessionTagsClaim]: {
    readonly principal_tags: Readonly<Record<string, readonly [string]>>;
    readonly transitive_tag_keys: readonly string[];
  };
}

/** The issuer of passports: discovery document and keys are below it (OpenID Connect Discovery 1.0 section 4). */
export function passportIssuer(portalUrl: string): string {
  return `${portalUrl}/v1/passports`;
}

/** The id of the n-th passport of a promotion, from 1. */
export function passportId(promotion: PromotionId, number: number): string {
  return `${promotion}.${number}`;
}

/** The claims of a promotion's n-th passport. */
export function passportClaims(given: {
  readonly issuer: string;
  readonly audience: string;
  readonly promotion: PromotionId;
  readonly manifest: Pick<FreezeManifest, "model" | "target">;
  readonly freezeDigest: Sha256;
  readonly verdict: Sha256;
  readonly number: number;
  readonly at: Instant;
}): PassportClaims {
  const { promotion, manifest, freezeDigest } = given;
  const { model, target } = manifest;
  const seconds = Math.floor(msOfInstant(given.at) / 1000);
  return {
    iss: given.issuer,
    sub: `model:${model.name}:target:${target.name}`,
    aud: given.audience,
    iat: seconds,
    nbf: seconds,
    exp: seconds + passportLifetimeSeconds,
    jti: passportId(promotion, given.number),
    promotion,
    model: model.name,
    model_version: model.version,
    target: target.name,
    freeze_sha256: freezeDigest,
    verdict_sha256: given.verdict,
    [sessionTagsClaim]: {
      principal_tags: { promotion: [promotion], target: [target.name], freeze: [freezeDigest] },
      // A role that the pipeline takes on from there still says for which promotion.
      transitive_tag_keys: ["promotion"],
    },
  };
}

/** When a passport that was issued at an instant is over; the instant itself no longer counts. */
export function passportEnd(issuedAt: Instant): Instant {
  return addSeconds(issuedAt, passportLifetimeSeconds);
}

/**
 * Signs claims as a JWS in compact form (RFC 7515 section 3.1) with ES256 (RFC 7518 section 3.4): `sign` gets the
 * SHA-256 of the signing input and answers R and S, 32 bytes each.
 */
export async function signPassport(
  claims: PassportClaims,
  keyId: Sha256,
  sign: (digest: Uint8Array) => Promise<Uint8Array>,
): Promise<string> {
  const header = { alg: "ES256", kid: keyId, typ: "JWT" };
  const input = [header, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  return `${input}.${base64url(await sign(sha256Bytes(utf8(input))))}`;
}

/**
 * Verifies a passport of this deployment's: signature, issuer and time. Throws `token-invalid` or `token-expired`.
 * Whether it was used before is not in the token.
 */
export function verifyPassport(
  token: string,
  expected: { readonly issuer: string; readonly now: Instant; readonly jwks: Jwks; readonly verify: VerifyJws },
): Pick<PassportClaims, "aud" | "exp" | "jti" | "promotion"> {
  const { algorithm, keyId, claims, signingInput, signature } = readToken(token);
  const jwk = expected.jwks.keys.find(({ kid }) => kid !== undefined && kid === keyId);
  if (algorithm !== "ES256" || jwk === undefined || !expected.verify(algorithm, jwk, signingInput, signature)) {
    throw new Failure("token-invalid", "The passport was not signed here, or was altered.");
  }
  const { iss, aud, exp, nbf, jti, promotion } = claims;
  if (iss !== expected.issuer || typeof aud !== "string" || typeof jti !== "string" || !isPromotionId(promotion))
    throw new Failure("token-invalid", "The token is no passport of this service.");
  const seconds = msOfInstant(expected.now) / 1000;
  if (typeof nbf !== "number" || nbf > seconds + clockSkewSeconds)
    throw new Failure("token-invalid", "The passport is from the future.");
  if (typeof exp !== "number" || exp <= seconds)
    throw new Failure("token-expired", "The passport has expired; ask for another one.");
  return { aud, exp, jti, promotion };
}

/**
 * The discovery document of the issuer (OpenID Connect Discovery 1.0 section 3), as AWS, Vault and Kubernetes read it
 * to find the keys. Nobody signs in here, so what a person's login needs is left out.
 */
export function passportDiscovery(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/jwks.json`,
    response_types_supported: ["id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["ES256"],
    claims_supported: [
      "iss",
      "sub",
      "aud",
      "iat",
      "nbf",
      "exp",
      "jti",
      "promotion",
      "model",
      "model_version",
      "target",
      "freeze_sha256",
      "verdict_sha256",
    ],
  };
}

/** A key of P-256 as it is published (RFC 7517): for signatures, with its id. */
export function passportJwk({ keyid, pem }: VerifyingKey): Jwk {
  const spki = fromBase64(pem.replace(/-----[A-Z ]+-----|\n/g, ""));
  // RFC 5480: an uncompressed point of P-256 ends the SPKI, 0x04 and both coordinates.
  const point = spki.slice(-65);
  if (spki.length !== 91 || point[0] !== 4) throw new Failure("internal", "The key of passports is not one of P-256.");
  return {
    kty: "EC",
    crv: "P-256",
    x: base64url(point.slice(1, 33)),
    y: base64url(point.slice(33)),
    kid: keyid,
    alg: "ES256",
    use: "sig",
  };
}
