import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";

const keys: Readonly<Record<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>> = {
  rsa: generateKeyPairSync("rsa", { modulusLength: 2048 }),
  p256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  p384: generateKeyPairSync("ec", { namedCurve: "P-384" }),
  ed25519: generateKeyPairSync("ed25519"),
};
const algorithms = {
  RS256: { key: "rsa", hash: "sha256" },
  RS384: { key: "rsa", hash: "sha384" },
  ES256: { key: "p256", hash: "sha256" },
  ES384: { key: "p384", hash: "sha384" },
  EdDSA: { key: "ed25519", hash: null },
} as const;

const server = createServer((_, response) => {
  const jwks = Object.entries(algorithms).map(([alg, { key }]) => ({
    ...keys[key]?.publicKey.export({ format: "jwk" }),
    ...{ kid: alg, alg, use: "sig" },
  }));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ keys: jwks }));
});
const now = new Date();
let issuer = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

function tokenBy(alg: keyof typeof algorithms): string {
  const { key, hash } = algorithms[alg];
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = {
    ...{ iss: issuer, aud: "portal", sub: "sub-dana", name: "Dana", email: "dana@bank.example", nonce: "n" },
    ...{ auth_time: seconds, iat: seconds, exp: seconds + 300, groups: [] },
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg, kid: alg })}.${part(claims)}`;
  const { privateKey } = keys[key] ?? {};
  if (privateKey === undefined) throw new Error(key);
  return `${input}.${sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function verified(alg: keyof typeof algorithms) {
  const verify = reviewerTokens({ issuer, audiences: ["portal"] });
  return verify(tokenBy(alg), { now: instantFromMs(now.getTime()), nonce: "n" });
}

describe("a reviewer's token", () => {
  it.each(["RS256", "ES256", "EdDSA"] as const)("that %s signs comes with the key that verified it", async (alg) => {
    const { identity, jwks } = await verified(alg);
    expect(identity).toEqual({ issuer, subject: "sub-dana" });
    expect(jwks.keys).toMatchObject([{ kid: alg }]);
  });

  it.each(["RS384", "ES384"] as const)(
    "that %s signs is refused, since no pack that holds it verifies",
    async (alg) => {
      await expect(verified(alg)).rejects.toThrow(
        "The identity provider signed the token in a way that cannot be verified later; it has to sign by RS256, ES256, EdDSA.",
      );
    },
  );
});
