import { describe, expect, it } from "vitest";
import { passkeyStatement } from "../../../core/attestation/passkey-statement.ts";
import {
  readAssertion,
  readPasskeyPredicate,
  readPasskeyRequest,
} from "../../../core/attestation/read-passkey-request.ts";
import { attestationBase, cora } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { passkeyPredicate } from "./given-passkey.ts";

const device = authenticator();
const predicate = passkeyPredicate("enrol", device, cora);
const base = { statement: passkeyStatement(attestationBase, predicate), idToken: "a.b.c" };
const registration = device.registration(predicate.salt);
const assertion = device.assertion("challenge");
const withPredicate = (over: object) => ({
  ...base,
  statement: { ...base.statement, predicate: { ...predicate, ...over } },
});
const withPasskey = (over: object) => withPredicate({ passkey: { ...predicate.passkey, ...over } });

describe("the body of a request about a passkey", () => {
  it("gives what the statement says, the whole of it to compare, and what the authenticator answered", () => {
    expect(readPasskeyRequest(base)).toEqual({ predicate, statement: base.statement, idToken: "a.b.c" });
    expect(readPasskeyRequest({ ...base, registration, assertion })).toEqual({
      predicate,
      statement: base.statement,
      idToken: "a.b.c",
      registration,
      assertion,
    });
  });

  it("takes as much as fits", () => {
    const passkey = {
      ...predicate.passkey,
      owner: { issuer: "i".repeat(500), subject: "s".repeat(255) },
      name: "n".repeat(80),
      credentialId: "c".repeat(1364),
      rpId: "r".repeat(253),
      origin: "o".repeat(300),
    };
    const most = { ...predicate, passkey, reason: "x".repeat(1000) };
    const long = { clientDataJSON: "c".repeat(4096), attestationObject: "a".repeat(16_384) };
    const body = { ...withPredicate(most), idToken: "x".repeat(16_384), registration: long };
    expect(readPasskeyRequest(body)).toMatchObject({ predicate: most, registration: long });
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "the body "],
    ["a field nobody knows", { ...base, note: "x" }, "note "],
    ["an empty token", { ...base, idToken: "" }, "idToken "],
    ["an endless token", { ...base, idToken: "x".repeat(16_385) }, "idToken must be at most 16384 characters"],
    ["another deed", withPredicate({ deed: "lend" }), "predicate.deed "],
    ["a member nobody knows", withPredicate({ note: "x" }), "predicate.note "],
    ["an owner with a name", withPasskey({ owner: { ...cora.identity, name: "Cora" } }), "passkey.owner.name "],
    [
      "an endless subject",
      withPasskey({ owner: { issuer: "x", subject: "s".repeat(256) } }),
      "passkey.owner.subject must be at most 255 characters",
    ],
    ["no name", withPasskey({ name: "" }), "passkey.name must be named"],
    ["an endless name", withPasskey({ name: "n".repeat(81) }), "passkey.name must be at most 80 characters"],
    ["half a surrogate pair in its name", withPasskey({ name: "\ud800" }), "passkey.name must be well-formed text"],
    ["an empty credential", withPasskey({ credentialId: "" }), "passkey.credentialId must be base64url"],
    [
      "a credential in the alphabet of mail",
      withPasskey({ credentialId: "+a" }),
      "passkey.credentialId must be base64url",
    ],
    ["a padded credential", withPasskey({ credentialId: "aa==" }), "passkey.credentialId must be base64url"],
    ["an endless credential", withPasskey({ credentialId: "c".repeat(1365) }), "passkey.credentialId must be at most"],
    ["a secret for a key", withPasskey({ publicKey: { kty: "oct", k: "AA" } }), "passkey.publicKey"],
    ["no host", withPasskey({ rpId: "" }), "passkey.rpId "],
    ["no page", withPasskey({ origin: "" }), "passkey.origin "],
    ["an endless reason", withPredicate({ reason: "x".repeat(1001) }), "reason must be at most 1000 characters"],
    ["half a surrogate pair in the reason", withPredicate({ reason: "\udc00" }), "reason must be well-formed text"],
    ["a short salt", withPredicate({ salt: "abc" }), "salt must be 16 random bytes in base64url"],
    [
      "a time without milliseconds",
      withPredicate({ issuedAt: "2026-11-23T12:00:00Z" }),
      "issuedAt must be a time such as 2026-11-22T17:03:00.000Z",
    ],
    ["more in a registration", { ...base, registration: { ...registration, id: "x" } }, "registration.id "],
    [
      "an endless registration",
      { ...base, registration: { ...registration, attestationObject: "a".repeat(16_385) } },
      "registration.attestationObject must be at most 16384 characters",
    ],
    ["an answer of another form", { ...base, assertion: { ...assertion, signature: "+" } }, "assertion.signature "],
  ])("with %s is refused by the field's name", (_, body, place) => {
    const { code, sentence } = codeOf(() => readPasskeyRequest(body));
    expect(code).toBe("invalid-request");
    expect(sentence).toMatch(/^The request about a passkey cannot be read: .*\.$/);
    expect(sentence).toContain(place);
  });
});

describe("what is recorded about a passkey", () => {
  it("is read in its form, and nothing else is taken for it", () => {
    expect(readPasskeyPredicate(predicate)).toEqual(predicate);
    expect(codeOf(() => readPasskeyPredicate({ ...predicate, more: 1 }))).toEqual({
      code: "statement-mismatch",
      sentence: "The signed statement says nothing about a passkey that is known here.",
    });
    expect(readAssertion(assertion)).toEqual(assertion);
    expect(codeOf(() => readAssertion({ ...assertion, more: 1 }))).toEqual({
      code: "passkey-invalid",
      sentence: "The recorded answer of a passkey is not in its form.",
    });
  });
});
