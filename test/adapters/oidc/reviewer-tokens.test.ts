import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { reviewerTokens } from "../../../adapters/oidc/reviewer-tokens.ts";
import { type Instant, instantFromMs } from "../../../core/encoding/instant.ts";
import { refused } from "../../core/refusal.ts";

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

let configuration: object = {};
let keysAt = "";
/** What is answered at each of these paths in the place of what belongs there. */
let inPlace: ReadonlyMap<string, string> = new Map();
let published: readonly string[] = [];
const server = createServer(({ url = "" }, response) => {
  const page = inPlace.get(url);
  if (page !== undefined) return void response.setHeader("content-type", "text/html").end(page);
  if (url === "/.well-known/openid-configuration") return void response.end(JSON.stringify(configuration));
  // As Okta has it; Entra ID's are at /discovery/v2.0/keys, Cognito's at /.well-known/jwks.json.
  if (url !== keysAt) return void response.writeHead(404).end();
  const jwks = Object.entries(algorithms)
    .filter(([alg]) => published.includes(alg))
    .map(([alg, { key }]) => ({
      ...keys[key]?.publicKey.export({ format: "jwk" }),
      ...{ kid: alg, alg, use: "sig" },
    }));
  response.setHeader("content-type", "application/json");
  return void response.end(JSON.stringify({ keys: jwks }));
});
const now = new Date();
let issuer = "";

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  keysAt = "/v1/keys";
  configuration = { issuer, jwks_uri: `${issuer}${keysAt}` };
  published = Object.keys(algorithms);
  inPlace = new Map();
});
afterAll(() => server.close());

function tokenBy(alg: keyof typeof algorithms, more: object = {}): string {
  const { key, hash } = algorithms[alg];
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = {
    ...{ iss: issuer, aud: "portal", sub: "sub-dana", name: "Dana", email: "dana@bank.example", nonce: "n" },
    ...{ auth_time: seconds, iat: seconds, exp: seconds + 300, groups: [], ...more },
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const input = `${part({ alg, kid: alg })}.${part(claims)}`;
  const { privateKey } = keys[key] ?? {};
  if (privateKey === undefined) throw new Error(key);
  return `${input}.${sign(hash, Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function verified(alg: keyof typeof algorithms) {
  const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
  return verify(tokenBy(alg), { now: instantFromMs(now.getTime()), nonce: "n" });
}

describe("a reviewer's token", () => {
  it.each(["RS256", "ES256", "EdDSA"] as const)("that %s signs comes with the key that verified it", async (alg) => {
    const { identity, jwks } = await verified(alg);
    expect(identity).toEqual({ issuer, subject: "sub-dana" });
    expect(jwks.keys).toMatchObject([{ kid: alg }]);
  });

  it("of a pipeline, or of another provider, is told from one that was altered, and where people sign in", async () => {
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const failed = (token: string) => refused(verify(token, { now: instantFromMs(now.getTime()), nonce: "n" }));
    expect(await failed(tokenBy("RS256", { iss: "https://ci.example" }))).toMatchObject({
      code: "token-invalid",
      sentence: `The token's issuer is not taken here. People sign in at ${issuer}; a pipeline's token is taken only where the API's description says so.`,
    });
    expect(await failed(`${tokenBy("RS256").slice(0, -8)}AAAAAAAA`)).toMatchObject({
      sentence: expect.stringMatching(/or was altered\.$/),
    });
  });

  it.each(["RS384", "ES384"] as const)(
    "that %s signs is refused, since no pack that holds it verifies",
    async (alg) => {
      await expect(verified(alg)).rejects.toThrow(
        "The identity provider signed the token in a way that cannot be verified later; it has to sign by RS256, ES256, EdDSA.",
      );
    },
  );

  it.each([
    ["is another issuer's", () => ({ ...configuration, issuer: "https://elsewhere.example" })],
    ["names no keys", () => ({ issuer })],
    ["has its keys fetched where anybody could put others", () => ({ issuer, jwks_uri: "http://keys.example/v1" })],
  ])("is refused where the provider's configuration %s", async (_, told) => {
    configuration = told();
    await expect(verified("RS256")).rejects.toMatchObject({
      code: expect.stringMatching(/^(token-invalid|invalid-policy)$/),
    });
  });

  it("of Entra ID names the person by the id that all applications are told, and not by its own for each", async () => {
    // https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    const claims = {
      ver: "2.0",
      tid: "t",
      sub: "AAAA-of-this-application",
      oid: "8f2c5f0e",
      "cognito:groups": undefined,
    };
    const token = tokenBy("RS256", { ...claims, token_use: undefined, groups: ["sre"] });
    const at = { now: instantFromMs(now.getTime()), nonce: "n" };
    const by = (subjectClaim: "sub" | "oid") =>
      reviewerTokens({ issuer, audiences: ["portal"], subjectClaim })(token, at);
    expect(await by("oid")).toMatchObject({ identity: { issuer, subject: "8f2c5f0e" }, groups: ["sre"] });
    expect((await by("sub")).identity.subject).toBe("AAAA-of-this-application");
  });

  it("is verified once the provider answers, which it did not at first", async () => {
    const right = configuration;
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    configuration = {};
    const read = () => verify(tokenBy("RS256"), { now: instantFromMs(now.getTime()) });
    await expect(read()).rejects.toMatchObject({ code: "token-invalid" });
    configuration = right;
    expect((await read()).identity.subject).toBe("sub-dana");
  });

  it("is refused of somebody from a provider behind Cognito, whose time it tells as its own", async () => {
    // https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html
    const identities = [
      { userId: "u", providerName: "Entra", providerType: "OIDC", primary: "true", dateCreated: "1" },
    ];
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const token = tokenBy("RS256", { "cognito:username": "Entra_u", identities });
    await expect(verify(token, { now: instantFromMs(now.getTime()), nonce: "n" })).rejects.toMatchObject({
      code: "not-fresh",
      message: expect.stringContaining("nothing says when you signed in there"),
    });
  });

  it("signs no decision by a sign-in of minutes before, whenever the decision says that it was made", async () => {
    const seconds = Math.floor(now.getTime() / 1000);
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const signedIn = (ago: number, expected: { readonly authenticatedAfter?: Instant }) =>
      verify(tokenBy("RS256", { auth_time: seconds - ago }), {
        now: instantFromMs(now.getTime()),
        nonce: "n",
        ...expected,
      });
    const datedBack = { authenticatedAfter: instantFromMs(now.getTime() - 800_000) };
    await expect(signedIn(301, datedBack)).rejects.toMatchObject({
      code: "not-fresh",
      message: expect.stringContaining("by an earlier sign-in"),
    });
    expect((await signedIn(299, datedBack)).identity.subject).toBe("sub-dana");
    // Who reads goes on with the session that they have.
    expect((await signedIn(800, {})).identity.subject).toBe("sub-dana");
  });

  it.each([
    ["/.well-known/openid-configuration", "<h1>Back soon</h1>"],
    ["/v1/keys", "<h1>Back soon</h1>"],
    ["/v1/keys", '{"error":"temporarily_unavailable"}'],
  ])(
    "is not called bad while the provider answers a page at %s, and holds once it has what belongs there",
    async (path, page) => {
      inPlace = new Map([[path, page]]);
      const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
      const read = () => verify(tokenBy("RS256"), { now: instantFromMs(now.getTime()) });
      await expect(read()).rejects.toMatchObject({ code: "unavailable" });
      inPlace = new Map();
      expect((await read()).identity.subject).toBe("sub-dana");
    },
  );

  // As Entra ID has it, whose tokens begin when they are issued: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
  it.each([
    ["a second", 1],
    ["as much as clocks may differ", 59],
  ])("holds that begins %s from now by the provider's clock", async (_, ahead) => {
    const seconds = Math.floor(now.getTime() / 1000) + ahead;
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const token = tokenBy("RS256", { nbf: seconds, iat: seconds, auth_time: seconds });
    const { identity } = await verify(token, { now: instantFromMs(now.getTime()), nonce: "n" });
    expect(identity.subject).toBe("sub-dana");
  });

  it("is over at its end, to the second, and not as much later as clocks may differ", async () => {
    const seconds = Math.floor(now.getTime() / 1000);
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const refusal = await refused(
      verify(tokenBy("RS256", { exp: seconds }), { now: instantFromMs(now.getTime()), nonce: "n" }),
    );
    expect(refusal.code).toBe("token-expired");
  });

  it("is not called bad while the provider is not reached", async () => {
    const verify = reviewerTokens({ issuer: "http://127.0.0.1:9", audiences: ["portal"], subjectClaim: "sub" });
    await expect(verify(tokenBy("RS256"), { now: instantFromMs(now.getTime()) })).rejects.toMatchObject({
      code: "unavailable",
    });
  });
});

describe("a key that the provider begins to sign with", () => {
  it("is learned, whoever sent a token by a key that nobody has a moment before", async () => {
    published = ["RS256"];
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const expected = { now: instantFromMs(now.getTime()), nonce: "n" };
    await verify(tokenBy("RS256"), expected);
    const [, payload] = tokenBy("RS256").split(".");
    const header = Buffer.from(JSON.stringify({ alg: "RS256", kid: "nobody" })).toString("base64url");
    expect((await refused(verify(`${header}.${payload}.AAAA`, expected))).code).toBe("token-invalid");
    published = ["RS256", "ES256"];
    expect((await verify(tokenBy("ES256"), expected)).identity).toEqual({ issuer, subject: "sub-dana" });
  });
  it("is looked for where the provider has moved its keys to, once they are not where they were", async () => {
    published = ["RS256"];
    const verify = reviewerTokens({ issuer, audiences: ["portal"], subjectClaim: "sub" });
    const expected = { now: instantFromMs(now.getTime()), nonce: "n" };
    await verify(tokenBy("RS256"), expected);
    published = ["RS256", "ES256"];
    keysAt = "/realms/people/keys";
    configuration = { issuer, jwks_uri: `${issuer}${keysAt}` };
    expect((await refused(verify(tokenBy("ES256"), expected))).code).toBe("unavailable");
    expect((await verify(tokenBy("ES256"), expected)).identity).toEqual({ issuer, subject: "sub-dana" });
  });
});
