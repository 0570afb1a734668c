import { describe, expect, it } from "vitest";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import type { FailureCode } from "../../../core/failure.ts";
import { cora, issuer, now } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { provider } from "./signing-keys.ts";

const nowSeconds = msOfInstant(now) / 1000;
const claims = {
  iss: issuer,
  aud: "portal-client",
  sub: cora.identity.subject,
  name: "Cora",
  "cognito:groups": ["compliance-officers"],
  token_use: "id",
  iat: nowSeconds - 5,
  auth_time: nowSeconds - 10,
  exp: nowSeconds + 900,
  nonce: "the-challenge",
};
const expected = {
  issuer,
  audiences: ["portal-client", "cli-client"],
  now,
  nonce: "the-challenge",
  authenticatedAfter: addSeconds(now, -30),
};
const without = (name: keyof typeof claims) =>
  Object.fromEntries(Object.entries(claims).filter(([each]) => each !== name));

describe("the claims of an ID token", () => {
  it("say who signed in, with which groups, and when", () => {
    expect(checkReviewerClaims(claims, expected)).toEqual({
      identity: cora.identity,
      name: "Cora",
      groups: ["compliance-officers"],
      authenticatedAt: addSeconds(now, -10),
    });
  });

  it.each<[string, Record<string, unknown>, FailureCode]>([
    ["without an issuer", without("iss"), "token-invalid"],
    ["of another issuer", { ...claims, iss: `${issuer}/` }, "token-invalid"],
    ["without an audience", without("aud"), "token-invalid"],
    ["for another application", { ...claims, aud: "another" }, "token-invalid"],
    ["for several applications, ours among them", { ...claims, aud: ["portal-client"] }, "token-invalid"],
    ["of an access token", { ...claims, token_use: "access" }, "token-invalid"],
    ["without a subject", without("sub"), "token-invalid"],
    ["with an empty subject", { ...claims, sub: "" }, "token-invalid"],
    ["with a subject that is a number", { ...claims, sub: 5 }, "token-invalid"],
    ["with an endless subject", { ...claims, sub: "x".repeat(256) }, "token-invalid"],
    ["without an end", without("exp"), "token-expired"],
    ["that end at this second", { ...claims, exp: nowSeconds }, "token-expired"],
    ["with an end as text", { ...claims, exp: String(nowSeconds + 900) }, "token-expired"],
    ["without a time of issue", without("iat"), "token-invalid"],
    ["issued in the future", { ...claims, iat: nowSeconds + 61 }, "token-invalid"],
    ["without a nonce", without("nonce"), "nonce-mismatch"],
    ["with another decision's nonce", { ...claims, nonce: "another-challenge" }, "nonce-mismatch"],
    ["with a list as nonce", { ...claims, nonce: ["the-challenge"] }, "nonce-mismatch"],
    ["without auth_time", without("auth_time"), "not-fresh"],
    ["with auth_time as text", { ...claims, auth_time: String(nowSeconds) }, "not-fresh"],
    ["with a negative auth_time", { ...claims, auth_time: -1 }, "not-fresh"],
    ["of a login before the decision", { ...claims, auth_time: nowSeconds - 91 }, "not-fresh"],
    ["of a login in the future", { ...claims, auth_time: nowSeconds + 61 }, "token-invalid"],
    ["of nothing", {}, "token-invalid"],
  ])("%s are refused", (_, given, code) => {
    expect(codeOf(() => checkReviewerClaims(given, expected)).code).toBe(code);
  });

  it.each<[string, Record<string, unknown>]>([
    ["for the command line", { ...claims, aud: "cli-client" }],
    ["from a clock that is a minute ahead", { ...claims, iat: nowSeconds + 60, auth_time: nowSeconds + 60 }],
    ["of a login within the clocks' difference before the decision", { ...claims, auth_time: nowSeconds - 90 }],
    ["in the last second of the token", { ...claims, exp: nowSeconds + 1 }],
  ])("%s are taken", (_, given) => {
    expect(checkReviewerClaims(given, expected).identity).toEqual(cora.identity);
  });

  it.each<[string, Record<string, unknown>, readonly string[]]>([
    ["Cognito's own claim", { "cognito:groups": ["a"], groups: ["b"] }, ["a"]],
    ["the usual claim", { "cognito:groups": undefined, groups: ["b"] }, ["b"]],
    ["no claim", { "cognito:groups": undefined }, []],
    ["a claim that is no list", { "cognito:groups": "a" }, []],
    ["a list of something else", { "cognito:groups": ["a", 5] }, []],
  ])("give the groups of %s", (_, over, groups) => {
    expect(checkReviewerClaims({ ...claims, ...over }, expected).groups).toEqual(groups);
  });

  it("need no nonce for reading, and a login at all", () => {
    const reading = { issuer, audiences: expected.audiences, now };
    expect(checkReviewerClaims({ ...without("nonce"), auth_time: nowSeconds - 80_000 }, reading).name).toBe("Cora");
    expect(codeOf(() => checkReviewerClaims(without("auth_time"), reading)).code).toBe("not-fresh");
  });

  it("keep how the person signed in, where the provider says it", () => {
    const said = checkReviewerClaims({ ...claims, acr: "urn:mfa", amr: ["pwd", "otp"] }, expected);
    expect([said.acr, said.amr]).toEqual(["urn:mfa", ["pwd", "otp"]]);
  });
});

describe("a token", () => {
  it("is taken apart without being believed", () => {
    const token = provider.token(claims);
    const read = readToken(token);
    expect(read).toMatchObject({ algorithm: "ES256", keyId: "provider-key-1", claims });
    expect(read.signingInput).toEqual(utf8(token.slice(0, token.lastIndexOf("."))));
  });

  const part = (value: unknown) => base64url(utf8(JSON.stringify(value)));
  const header = part({ alg: "ES256" });
  it.each<[string, string]>([
    ["with two parts", `${header}.${part({})}`],
    ["with five parts", `${header}.${part({})}.a.b.c`],
    ["that is empty", ""],
    ["that is endless", `${header}.${part({ x: "x".repeat(16_384) })}.aa`],
    ["without an algorithm", `${part({})}.${part({})}.aa`],
    ["with extensions that must be understood", `${part({ alg: "ES256", crit: ["b64"] })}.${part({})}.aa`],
    ["whose claims are a list", `${header}.${part([])}.aa`],
    ["whose claims are not JSON", `${header}.${base64url(utf8("{"))}.aa`],
    ["whose claims are no text", `${header}.${base64url(new Uint8Array([0xff]))}.aa`],
    ["in padded base64", `${header}.${part({})}.aa==`],
    ["whose last letter has bits to spare", `${header}.${part({})}.ab`],
  ])("%s is refused", (_, token) => {
    expect(codeOf(() => readToken(token)).code).toBe("token-invalid");
  });
});
