import { describe, expect, it } from "vitest";
import { addressOf, checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import { cora, issuer, now } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
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
  subjectClaim: "sub" as const,
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

  it("name the person by the claim that they are known by, and by no other", () => {
    const entra = { ...claims, sub: "another-for-each-application", oid: "8f2c5f0e-0000-4000-8000-000000000001" };
    const byOid = { ...expected, subjectClaim: "oid" as const };
    expect(checkReviewerClaims(entra, byOid).identity).toEqual({ issuer, subject: entra.oid });
    expect(checkReviewerClaims(entra, expected).identity).toEqual({ issuer, subject: entra.sub });
    expect(told(codeOf(() => checkReviewerClaims(claims, byOid)))).toBe("token-invalid: The token names nobody (oid).");
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["without an issuer", without("iss"), "token-invalid: The token comes from another issuer."],
    ["of another issuer", { ...claims, iss: `${issuer}/` }, "token-invalid: The token comes from another issuer."],
    ["without an audience", without("aud"), "token-invalid: The token was issued to another application."],
    [
      "for another application",
      { ...claims, aud: "another" },
      "token-invalid: The token was issued to another application.",
    ],
    [
      "for several applications, ours among them",
      { ...claims, aud: ["portal-client", "another"] },
      "token-invalid: The token was issued to another application.",
    ],
    ["for no application", { ...claims, aud: [] }, "token-invalid: The token was issued to another application."],
    [
      "for another application alone, in a list",
      { ...claims, aud: ["another"] },
      "token-invalid: The token was issued to another application.",
    ],
    [
      "for an application in a list within a list",
      { ...claims, aud: [["portal-client"]] },
      "token-invalid: The token was issued to another application.",
    ],
    ["of an access token", { ...claims, token_use: "access" }, "token-invalid: This is not an ID token."],
    ["without a subject", without("sub"), "token-invalid: The token names nobody (sub)."],
    ["with an empty subject", { ...claims, sub: "" }, "token-invalid: The token names nobody (sub)."],
    ["with a subject that is a number", { ...claims, sub: 5 }, "token-invalid: The token names nobody (sub)."],
    ["with an endless subject", { ...claims, sub: "x".repeat(256) }, "token-invalid: The token names nobody (sub)."],
    ["without an end", without("exp"), "token-expired: The sign-in has expired; please sign in again."],
    [
      "that end at this second",
      { ...claims, exp: nowSeconds },
      "token-expired: The sign-in has expired; please sign in again.",
    ],
    [
      "with an end as text",
      { ...claims, exp: String(nowSeconds + 900) },
      "token-expired: The sign-in has expired; please sign in again.",
    ],
    ["without a time of issue", without("iat"), "token-invalid: The token is from the future."],
    ["issued before 1970", { ...claims, iat: -1 }, "token-invalid: The token says that it was issued before 1970."],
    ["issued never", { ...claims, iat: -Infinity }, "token-invalid: The token says that it was issued before 1970."],
    ["issued in the future", { ...claims, iat: nowSeconds + 61 }, "token-invalid: The token is from the future."],
    [
      "without a nonce",
      without("nonce"),
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "with another decision's nonce",
      { ...claims, nonce: "another-challenge" },
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "with a list as nonce",
      { ...claims, nonce: ["the-challenge"] },
      "nonce-mismatch: The sign-in was made for another decision than the one that was sent.",
    ],
    [
      "without auth_time",
      without("auth_time"),
      "not-fresh: The token does not say when the person signed in (auth_time); it cannot be used.",
    ],
    [
      "with auth_time as text",
      { ...claims, auth_time: String(nowSeconds) },
      "not-fresh: The token does not say when the person signed in (auth_time); it cannot be used.",
    ],
    [
      "with a negative auth_time",
      { ...claims, auth_time: -1 },
      "not-fresh: The token does not say when the person signed in (auth_time); it cannot be used.",
    ],
    [
      "of a login before the decision",
      { ...claims, auth_time: nowSeconds - 91 },
      "not-fresh: The sign-in is older than the decision; a decision needs a fresh sign-in.",
    ],
    [
      "of a login in the future",
      { ...claims, auth_time: nowSeconds + 61 },
      "token-invalid: The sign-in is from the future.",
    ],
    ["of nothing", {}, "token-invalid: The token comes from another issuer."],
  ])("%s are refused", (_, given, refusal) => {
    expect(told(codeOf(() => checkReviewerClaims(given, expected)))).toBe(refusal);
  });

  it.each<[string, Record<string, unknown>]>([
    ["for the command line", { ...claims, aud: "cli-client" }],
    // As Ory Hydra and Zitadel have it: https://github.com/BookStackApp/BookStack/issues/4682
    ["of a provider that has a list of the one application", { ...claims, aud: ["portal-client"] }],
    ["of a provider that does not say what kind of token it is", without("token_use")],
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
    const reading = { issuer, audiences: expected.audiences, subjectClaim: "sub" as const, now };
    expect(checkReviewerClaims({ ...without("nonce"), auth_time: nowSeconds - 80_000 }, reading).name).toBe("Cora");
    expect(codeOf(() => checkReviewerClaims(without("auth_time"), reading)).code).toBe("not-fresh");
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["the name that the provider gives", { name: "Cora C." }, "Cora C."],
    ["Cognito's user name, where there is no other", { name: undefined, "cognito:username": "cora" }, "cora"],
    ["the preferred user name, where there is no other", { name: undefined, preferred_username: "cc" }, "cc"],
    ["the subject, where no name is given", { name: undefined }, cora.identity.subject],
    ["the subject, where the name is empty", { name: "" }, cora.identity.subject],
    ["the subject, where the name is no text", { name: 5 }, cora.identity.subject],
    ["the beginning of an endless name", { name: "C".repeat(300) }, "C".repeat(200)],
  ])("call the person by %s", (_, over, name) => {
    expect(checkReviewerClaims({ ...claims, ...over }, expected).name).toBe(name);
  });

  it("let nobody act where the sign-in signed a deed, which the records hand on", () => {
    const { nonce: _, ...acting } = { ...expected, acts: true as const };
    const signed = { ...claims, nonce: base64url(new Uint8Array(32)) };
    expect(told(codeOf(() => checkReviewerClaims(signed, acting)))).toMatch(/^token-expired: .* sign in again\.$/);
    expect(checkReviewerClaims({ ...claims, nonce: base64url(new Uint8Array(16)) }, acting).name).toBe("Cora");
    const { acts: __, ...reading } = acting;
    expect(checkReviewerClaims(signed, reading).name).toBe("Cora");
  });

  it("keep the groups that a record can hold", () => {
    const groups = ["compliance-officers", "x".repeat(4000), "x".repeat(4001), "half \ud800"];
    const { groups: kept } = checkReviewerClaims({ ...claims, "cognito:groups": groups }, expected);
    expect(kept).toEqual(["compliance-officers", "x".repeat(4000), "half \ufffd"]);
  });

  it("keep how the person signed in, where the provider says it", () => {
    const said = checkReviewerClaims({ ...claims, acr: "urn:mfa", amr: ["pwd", "otp"] }, expected);
    expect([said.acr, said.amr]).toEqual(["urn:mfa", ["pwd", "otp"]]);
    for (const other of [1, "\ud800", "x".repeat(4001)]) {
      const {
        acr: _,
        amr: __,
        ...without
      } = checkReviewerClaims({ ...claims, acr: "urn:mfa", amr: ["pwd"] }, expected);
      expect(checkReviewerClaims({ ...claims, acr: other, amr: ["pwd", other] }, expected)).toEqual(without);
    }
    expect(checkReviewerClaims({ ...claims, acr: 1, amr: "pwd" }, expected)).not.toHaveProperty("acr");
    expect(checkReviewerClaims({ ...claims, acr: 1, amr: "pwd" }, expected)).not.toHaveProperty("amr");
  });
});

describe("the address of a sign-in", () => {
  const email = "cora@example.com";
  it.each<[string, Record<string, unknown>, string]>([
    ["is what the provider verified", { email, email_verified: true }, email],
    ["is what it verified, as some write it", { email, email_verified: "true" }, email],
    ["is what it names without a word of that", { email }, email],
    ["is none where nobody verified it", { email, email_verified: false }, ""],
    ["is none where nobody verified it, as some write it", { email, email_verified: "false" }, ""],
    ["is none where what it says of that is no answer", { email, email_verified: 1 }, ""],
    ["is none where that is null", { email, email_verified: null }, ""],
    ["is none where none is named", { email_verified: true }, ""],
    ["is none where what is named is no text", { email: [email] }, ""],
  ])("%s", (_, said, address) => {
    expect(addressOf(said)).toBe(address);
  });
});

describe("a token", () => {
  it("is taken apart without being believed", () => {
    const token = provider.token(claims);
    const read = readToken(token);
    expect(read).toMatchObject({ algorithm: "ES256", keyId: "provider-key-1", claims });
    expect(read.signingInput).toEqual(utf8(token.slice(0, token.lastIndexOf("."))));
  });

  it("that names no key is one all the same, as long as it is not endless", () => {
    const short = `${part({ alg: "ES256", kid: 7 })}.${part({})}.AA`;
    expect(readToken(short).keyId).toBeUndefined();
    const longest = `${part({ alg: "ES256" })}.${part({ a: 1 })}.`;
    expect(readToken(`${longest}${"A".repeat(16_384 - longest.length)}`).algorithm).toBe("ES256");
  });

  const part = (value: unknown) => base64url(utf8(JSON.stringify(value)));
  const header = part({ alg: "ES256" });
  it.each<[string, string, string]>([
    ["with two parts", `${header}.${part({})}`, "token-invalid: The token is not a signed JSON Web Token."],
    ["with five parts", `${header}.${part({})}.a.b.c`, "token-invalid: The token is not a signed JSON Web Token."],
    ["that is empty", "", "token-invalid: The token is not a signed JSON Web Token."],
    [
      "that is endless",
      `${header}.${part({ x: "x".repeat(16_384) })}.AA`,
      "token-invalid: The token is not a signed JSON Web Token.",
    ],
    ["without an algorithm", `${part({})}.${part({})}.AA`, "token-invalid: The token's header cannot be used."],
    [
      "with extensions that must be understood",
      `${part({ alg: "ES256", crit: ["b64"] })}.${part({})}.AA`,
      "token-invalid: The token's header cannot be used.",
    ],
    ["whose claims are a list", `${header}.${part([])}.AA`, "token-invalid: The token cannot be read."],
    ["whose claims are not JSON", `${header}.${base64url(utf8("{"))}.AA`, "token-invalid: The token cannot be read."],
    [
      "whose claims are no text",
      `${header}.${base64url(new Uint8Array([0xff]))}.AA`,
      "token-invalid: The token cannot be read.",
    ],
    ["in padded base64", `${header}.${part({})}.AA==`, "token-invalid: The token cannot be read."],
    ["whose last letter has bits to spare", `${header}.${part({})}.ab`, "token-invalid: The token cannot be read."],
  ])("%s is refused", (_, token, refusal) => {
    expect(told(codeOf(() => readToken(token)))).toBe(refusal);
  });
});
