import { describe, expect, it } from "vitest";
import { delegationStatement } from "../../../core/attestation/delegation-statement.ts";
import { readDelegationPredicate, readDelegationRequest } from "../../../core/attestation/read-delegation-request.ts";
import { attestationBase, dana, digestOf, sam } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { delegationDocument, delegationPredicate } from "./given-delegation.ts";

const predicate = delegationPredicate("delegate", delegationDocument(sam, dana, "sre"));
const base = { statement: delegationStatement(attestationBase, predicate), idToken: "a.b.c" };
const passkey = { id: digestOf("key"), ...authenticator().assertion("challenge") };
const withPredicate = (over: object) => ({
  ...base,
  statement: { ...base.statement, predicate: { ...predicate, ...over } },
});
const withTerms = (over: object) => withPredicate({ delegation: { ...predicate.delegation, ...over } });

describe("the body of a request about a delegation", () => {
  it("gives what the statement says, and the whole of it to compare", () => {
    expect(readDelegationRequest(base)).toEqual({ predicate, statement: base.statement, idToken: "a.b.c" });
    expect(readDelegationRequest({ ...base, passkey }).passkey).toEqual(passkey);
  });

  const most = {
    person: { issuer: "i".repeat(500), subject: "s".repeat(255) },
    delegation: {
      ...predicate.delegation,
      role: `r${"-".repeat(62)}`,
      scope: { model: "m".repeat(200), modelType: "0", target: "t" },
      reason: "x".repeat(1000),
    },
  };
  it("takes as much as fits", () => {
    expect(readDelegationRequest({ ...withPredicate(most), idToken: "x".repeat(16_384) }).predicate).toEqual({
      ...predicate,
      ...most,
    });
  });

  const role = "must be a name as in the approval matrix";
  it.each<[string, unknown, string]>([
    ["nothing", null, "the body "],
    ["a field nobody knows", { ...base, note: "x" }, "note "],
    ["no token", { statement: base.statement }, "idToken "],
    ["an empty token", { ...base, idToken: "" }, "idToken "],
    ["an endless token", { ...base, idToken: "x".repeat(16_385) }, "idToken must be at most 16384 characters"],
    ["another deed", withPredicate({ deed: "lend" }), "statement.predicate.deed "],
    ["a member nobody knows", withPredicate({ note: "x" }), "statement.predicate.note "],
    [
      "a delegator with a name",
      withTerms({ delegator: { ...sam.identity, name: "Sam" } }),
      "delegation.delegator.name ",
    ],
    ["nobody as the delegate", withTerms({ delegate: { issuer: "x", subject: "" } }), "delegation.delegate.subject "],
    [
      "an endless subject",
      withTerms({ delegate: { issuer: "x", subject: "s".repeat(256) } }),
      "delegation.delegate.subject must be at most 255 characters",
    ],
    [
      "an endless issuer",
      withTerms({ delegate: { issuer: "i".repeat(501), subject: "s" } }),
      "delegation.delegate.issuer must be at most 500 characters",
    ],
    ["a role that is none", withTerms({ role: "SRE" }), `delegation.role ${role}`],
    ["a role with more before it", withTerms({ role: "-sre" }), `delegation.role ${role}`],
    ["a role with more behind it", withTerms({ role: "sre " }), `delegation.role ${role}`],
    ["an endless role", withTerms({ role: "r".repeat(64) }), `delegation.role ${role}`],
    ["no model", withTerms({ scope: { model: "" } }), "delegation.scope.model "],
    [
      "an endless model",
      withTerms({ scope: { model: "m".repeat(201) } }),
      "delegation.scope.model must be at most 200 characters",
    ],
    [
      "half a surrogate pair in the model",
      withTerms({ scope: { model: "\ud800" } }),
      "delegation.scope.model must be well-formed text",
    ],
    ["a model type that is none", withTerms({ scope: { modelType: "X" } }), `delegation.scope.modelType ${role}`],
    ["a target that is none", withTerms({ scope: { target: "X" } }), `delegation.scope.target ${role}`],
    ["a list for a scope, which would be everything", withTerms({ scope: [] }), "delegation.scope.length "],
    ["a scope nobody knows", withTerms({ scope: { stage: "x" } }), "delegation.scope.stage "],
    [
      "a time without milliseconds",
      withTerms({ from: "2026-11-23T12:00:00Z" }),
      "delegation.from must be a time such as 2026-11-22T17:03:00.000Z",
    ],
    ["no end", withTerms({ until: undefined }), "delegation.until "],
    ["an endless reason", withTerms({ reason: "x".repeat(1001) }), "delegation.reason must be at most 1000 characters"],
    [
      "half a surrogate pair in the reason",
      withTerms({ reason: "\udc00" }),
      "delegation.reason must be well-formed text",
    ],
    ["a short salt", withTerms({ salt: "abc" }), "delegation.salt must be 16 random bytes in base64url"],
    ["a passkey's answer of another form", { ...base, passkey: { ...passkey, id: "x" } }, "passkey.id "],
    [
      "a passkey where it is revoked",
      { ...withPredicate({ deed: "revoke" }), passkey },
      "a revocation takes no passkey",
    ],
  ])("with %s is refused by the field's name", (_, body, place) => {
    const { code, sentence } = codeOf(() => readDelegationRequest(body));
    expect(code).toBe("invalid-request");
    expect(sentence).toMatch(/^The request about a delegation cannot be read: .*\.$/);
    expect(sentence).toContain(place);
  });
});

describe("a statement about a delegation", () => {
  it("says what it says, and nothing else is one", () => {
    expect(readDelegationPredicate(predicate)).toEqual(predicate);
    expect(codeOf(() => readDelegationPredicate({ ...predicate, more: 1 }))).toEqual({
      code: "statement-mismatch",
      sentence: "The signed statement says nothing about a delegation that is known here.",
    });
  });
});
