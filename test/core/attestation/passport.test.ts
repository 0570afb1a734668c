import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { JwtVerifier } from "aws-jwt-verify";
import { describe, expect, it } from "vitest";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyingKey } from "../../../core/attestation/dsse.ts";
import type { Jwk } from "../../../core/attestation/id-token.ts";
import {
  type PassportClaims,
  passportClaims,
  passportDiscovery,
  passportEnd,
  passportIssuer,
  passportJwk,
  signPassport,
  verifyPassport,
} from "../../../core/attestation/passport.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { digestOf, id, manifest, now } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: typeof publicKey) => verifyingKey(key.export({ format: "pem", type: "spki" }).toString());
const { keyid: keyId } = pem(publicKey);
const jwk = passportJwk(pem(publicKey));
const issuer = passportIssuer("https://countersign.bank.example");
const claims = passportClaims({
  issuer,
  audience: "sts.amazonaws.com",
  promotion: id,
  manifest,
  freezeDigest: digestOf("freeze"),
  verdict: digestOf("verdict"),
  number: 1,
  at: now,
});

/** Signs a compact JWS over any header and claims with the passports' key. */
function jws(header: object, payload: object): string {
  const input = [header, payload].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  return `${input}.${base64url(sign("sha256", utf8(input), { key: privateKey, dsaEncoding: "ieee-p1363" }))}`;
}

const honest = { alg: "ES256", kid: keyId, typ: "JWT" };
const expected = { issuer, now, jwks: { keys: [jwk] }, verify: verifyJws };

describe("a passport", () => {
  it("names the candidate, the target and the verdict, where AWS, Vault and Kubernetes look for them", () => {
    expect(claims).toMatchObject({
      iss: "https://countersign.bank.example/v1/passports",
      sub: "model:credit-scoring:target:production",
      aud: "sts.amazonaws.com",
      jti: `${id}.1`,
      promotion: id,
      freeze_sha256: digestOf("freeze"),
      verdict_sha256: digestOf("verdict"),
      "https://aws.amazon.com/tags": {
        principal_tags: { promotion: [id], target: ["production"], freeze: [digestOf("freeze")] },
        transitive_tag_keys: ["promotion"],
      },
    });
    expect(claims.exp - claims.iat).toBe(300);
    expect(passportEnd(now)).toBe(addSeconds(now, 300));
  });

  it("keeps the limits that STS sets for session tags", () => {
    for (const [name, values] of Object.entries(claims["https://aws.amazon.com/tags"].principal_tags)) {
      expect(name).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u);
      expect(values[0]).toMatch(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u);
    }
  });

  it("verifies with a library that knows nothing of Countersign", async () => {
    // The library compares with the machine's own clock.
    const at = new Date().toISOString() as Instant;
    const fresh: PassportClaims = passportClaims({
      issuer,
      audience: "vault",
      promotion: id,
      manifest,
      freezeDigest: digestOf("freeze"),
      verdict: digestOf("verdict"),
      number: 2,
      at,
    });
    const token = await signPassport(fresh, keyId, async (digest) => {
      expect(digest).toHaveLength(32);
      const parts = [honest, fresh].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
      return new Uint8Array(sign("sha256", utf8(parts), { key: privateKey, dsaEncoding: "ieee-p1363" }));
    });
    const verifier = JwtVerifier.create({ issuer, audience: "vault", jwksUri: `${issuer}/jwks.json` });
    verifier.cacheJwks({ keys: [{ ...jwk, kid: keyId, use: "sig", alg: "ES256" }] });
    expect(verifier.verifySync(token)).toMatchObject({ promotion: id, target: "production", jti: `${id}.2` });
  });

  it("is published with the key that Node reads out of the same SPKI", () => {
    expect(jwk).toEqual({ ...(publicKey.export({ format: "jwk" }) as Jwk), kid: keyId, alg: "ES256", use: "sig" });
    expect(createPublicKey({ key: { ...jwk }, format: "jwk" }).equals(publicKey)).toBe(true);
  });

  it("of a key of another kind is not published", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey;
    expect(() => passportJwk(pem(rsa))).toThrow("The key of passports is not one of P-256.");
    const longer = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey;
    expect(() => passportJwk(pem(longer))).toThrow("The key of passports is not one of P-256.");
  });

  it("is found through the discovery document below its issuer", () => {
    expect(passportDiscovery(issuer)).toMatchObject({
      issuer,
      jwks_uri: `${issuer}/jwks.json`,
      id_token_signing_alg_values_supported: ["ES256"],
      response_types_supported: ["id_token"],
      subject_types_supported: ["public"],
      claims_supported: Object.keys(claims).filter((name) => !name.startsWith("https://")),
    });
  });
});

describe("a passport that comes back", () => {
  it("is taken until its end", () => {
    const last = addSeconds(now, 299);
    expect(verifyPassport(jws(honest, claims), { ...expected, now: last })).toEqual({
      aud: "sts.amazonaws.com",
      exp: claims.exp,
      jti: `${id}.1`,
      promotion: id,
    });
  });

  it.each([
    ["at its end", jws(honest, claims), addSeconds(now, 300), "token-expired"],
    ["from the future", jws(honest, claims), addSeconds(now, -61), "token-invalid"],
    ["without an end", jws(honest, { ...claims, exp: undefined }), now, "token-expired"],
    ["of another issuer", jws(honest, { ...claims, iss: "https://elsewhere.example" }), now, "token-invalid"],
    ["of an unknown key", jws({ ...honest, kid: digestOf("other") }, claims), now, "token-invalid"],
    ["that names no key", jws({ alg: "ES256", typ: "JWT" }, claims), now, "token-invalid"],
    ["that says it needs no signature", jws({ ...honest, alg: "none" }, claims), now, "token-invalid"],
    ["of another algorithm", jws({ ...honest, alg: "HS256" }, claims), now, "token-invalid"],
    ["for no promotion", jws(honest, { ...claims, promotion: "p-1" }), now, "token-invalid"],
    ["without an id", jws(honest, { ...claims, jti: undefined }), now, "token-invalid"],
    ["without a beginning", jws(honest, { ...claims, nbf: undefined }), now, "token-invalid"],
    ["for several audiences", jws(honest, { ...claims, aud: ["a", "b"] }), now, "token-invalid"],
  ] as const)("%s is refused", (_, token, at, code) => {
    expect(codeOf(() => verifyPassport(token, { ...expected, now: at })).code).toBe(code);
  });

  it("is taken by a clock that is a minute behind", () => {
    expect(verifyPassport(jws(honest, claims), { ...expected, now: addSeconds(now, -60) }).promotion).toBe(id);
  });

  it("is refused in words that say what is wrong with it", () => {
    const why = (token: string, at = now) => codeOf(() => verifyPassport(token, { ...expected, now: at })).sentence;
    expect(why(jws({ ...honest, kid: "x" }, claims))).toBe("The passport was not signed here, or was altered.");
    expect(why(jws(honest, { ...claims, iss: "x" }))).toBe("The token is no passport of this service.");
    expect(why(jws(honest, claims), addSeconds(now, -61))).toBe("The passport is from the future.");
    expect(why(jws(honest, claims), addSeconds(now, 300))).toBe("The passport has expired; ask for another one.");
  });

  it("is ours by one algorithm alone, whatever the key could verify", () => {
    const token = jws({ ...honest, alg: "ES384" }, claims);
    expect(codeOf(() => verifyPassport(token, { ...expected, verify: () => true })).code).toBe("token-invalid");
  });

  it("is of no key that has no name", () => {
    const { kid: _, ...nameless } = jwk;
    const token = jws({ alg: "ES256", typ: "JWT" }, claims);
    expect(codeOf(() => verifyPassport(token, { ...expected, jwks: { keys: [nameless] } })).code).toBe("token-invalid");
  });

  it("is refused with other claims under the same signature", () => {
    const [header, , signature] = jws(honest, claims).split(".");
    const altered = base64url(utf8(JSON.stringify({ ...claims, target: "elsewhere" })));
    expect(codeOf(() => verifyPassport(`${header}.${altered}.${signature}`, expected)).code).toBe("token-invalid");
  });
});
