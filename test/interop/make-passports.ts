import { generateKeyPairSync, sign } from "node:crypto";
import { verifyingKey } from "../../core/attestation/dsse.ts";
import {
  type PassportClaims,
  passportClaims,
  passportDiscovery,
  passportJwk,
} from "../../core/attestation/passport.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { utf8 } from "../../core/encoding/bytes.ts";
import { instantFromMs } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import { promotionId } from "../../core/promotion/promotion-id.ts";
import { manifest } from "../core/promotion/promotion-in-review.ts";

// The address at which relying-parties serves the issuer's documents.
const issuer = "https://127.0.0.1:14443/v1/passports";
const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = verifyingKey(keys.publicKey.export({ format: "pem", type: "spki" }).toString());
const others = generateKeyPairSync("ec", { namedCurve: "P-256" });
const freezeDigest = sha256Hex(utf8("freeze"));

function claimsFor(audience: string, secondsAgo = 0): PassportClaims {
  return passportClaims({
    issuer,
    audience,
    promotion: promotionId(freezeDigest, 1),
    manifest,
    freezeDigest,
    verdict: sha256Hex(utf8("verdict")),
    number: 1,
    at: instantFromMs(Date.now() - secondsAgo * 1000),
  });
}

function token(claims: object, by = keys.privateKey, header: object = {}): string {
  const head = { alg: "ES256", kid: key.keyid, typ: "JWT", ...header };
  const text = [head, claims].map((part) => base64url(utf8(JSON.stringify(part)))).join(".");
  return `${text}.${base64url(sign("sha256", utf8(text), { key: by, dsaEncoding: "ieee-p1363" }))}`;
}

/** What test/interop/relying-parties reads: the issuer's documents, and passports that are good or are not. */
export function makePassports() {
  return {
    issuer,
    discovery: JSON.stringify(passportDiscovery(issuer)),
    jwks: JSON.stringify({ keys: [passportJwk(key)] }),
    passports: (["vault", "kubernetes"] as const).flatMap((taker) =>
      passportsFor(taker).map((each) => ({ for: taker, good: false, ...each })),
    ),
  };
}

function passportsFor(taker: "vault" | "kubernetes") {
  const good = claimsFor(taker);
  return [
    { what: "the passport", token: token(good), good: true },
    {
      what: "one for another target",
      token: token({ ...good, sub: good.sub.replace("production", "test"), target: "test" }),
    },
    { what: "one for another audience", token: token(claimsFor("elsewhere")) },
    { what: "one of six minutes ago", token: token(claimsFor(taker, 360)) },
    // Vault has no rule for it: what it gives for a passport ends by the role's own time.
    { what: "one that lasts a day", token: token({ ...good, exp: good.exp + 86_400 }), good: taker === "vault" },
    { what: "one of another issuer", token: token({ ...good, iss: "https://elsewhere.example" }) },
    { what: "one signed by another key", token: token(good, others.privateKey) },
    { what: "one that says it needs no signature", token: token(good, keys.privateKey, { alg: "none" }) },
  ];
}
