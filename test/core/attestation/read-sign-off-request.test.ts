import { describe, expect, it } from "vitest";
import { readSignOffRequest } from "../../../core/attestation/read-sign-off-request.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { signOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import { attestationBase, cora, digestOf, promotionInReview } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { choiceOf } from "./given-sign-off.ts";

const choice = choiceOf(cora, { reason: "All fine." });
const statement = signOffStatement(signOffContextOf(promotionInReview(), attestationBase), choice);
const base = { statement, idToken: "a.b.c" };
const withPredicate = (over: object) => ({
  ...base,
  statement: { ...statement, predicate: { ...statement.predicate, ...over } },
});

describe("the body of a sign-off", () => {
  it("gives the reviewer's own part, and the whole statement to compare", () => {
    expect(readSignOffRequest(base)).toEqual({ choice, statement, idToken: "a.b.c" });
  });

  it("gives the passkey's answer, and what is asked of the release, where there is any", () => {
    const passkey = { id: digestOf("key"), ...authenticator().assertion("challenge") };
    expect(readSignOffRequest({ ...base, passkey }).passkey).toEqual(passkey);
    const conditions = { forSeconds: 60, errorPercent: 1 };
    expect(readSignOffRequest(withPredicate({ conditions })).choice.conditions).toEqual(conditions);
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "the body"],
    ["a field nobody knows", { ...base, note: "x" }, "note is not a field of this request"],
    ["no token", { statement }, "idToken is missing"],
    ["an empty token", { ...base, idToken: "" }, "idToken"],
    ["an endless token", { ...base, idToken: "x".repeat(16_385) }, "idToken"],
    ["nothing that it asks for", {}, "The sign-off cannot be read: statement is missing; idToken is missing."],
    ["no statement", { idToken: "a.b.c" }, "statement is missing"],
    ["another result", withPredicate({ result: "maybe" }), "statement.predicate.result"],
    ["an endless reason", withPredicate({ reason: "x".repeat(4_001) }), "statement.predicate.reason"],
    ["half a surrogate pair in the reason", withPredicate({ reason: "\ud800" }), "statement.predicate.reason"],
    [
      "conditions of a rejection",
      withPredicate({ result: "reject", conditions: { forSeconds: 60, errorPercent: 1 } }),
      "only an approval has conditions",
    ],
    [
      "conditions that ask nothing",
      withPredicate({ conditions: { forSeconds: 60 } }),
      "statement.predicate.conditions",
    ],
    ["no roles", withPredicate({ roles: [] }), "statement.predicate.roles"],
    ["a role that is none", withPredicate({ roles: ["Compliance officer"] }), "statement.predicate.roles.0"],
    [
      "21 roles",
      withPredicate({ roles: Array.from({ length: 21 }, (_, index) => `r${index}`) }),
      "statement.predicate.roles",
    ],
    ["a role named twice", withPredicate({ roles: ["sre", "sre"] }), "a role is named twice"],
    ["no reviewer", withPredicate({ reviewer: undefined }), "statement.predicate.reviewer"],
    [
      "a reviewer with a name",
      withPredicate({ reviewer: { ...cora.identity, name: "Cora" } }),
      "statement.predicate.reviewer.name",
    ],
    ["a short salt", withPredicate({ salt: "abc" }), "statement.predicate.salt"],
    [
      "a time without milliseconds",
      withPredicate({ issuedAt: "2026-11-23T12:00:00Z" }),
      "statement.predicate.issuedAt",
    ],
    [
      "a day that does not exist",
      withPredicate({ expiresAt: "2026-02-30T12:00:00.000Z" }),
      "statement.predicate.expiresAt",
    ],
  ])("with %s is refused by the field's name", (_, body, place) => {
    const { code, sentence } = codeOf(() => readSignOffRequest(body));
    expect(code).toBe("invalid-request");
    expect(sentence).toContain(place);
  });
});
