import { describe, expect, it } from "vitest";
import { loanStatement } from "../../../core/attestation/loan-statement.ts";
import { readLoanRequest, requireLoanStatement } from "../../../core/attestation/read-loan-request.ts";
import { digestOf, now, sam } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { authenticator } from "./authenticator.ts";
import { loanChoice as choice, loanContext as context } from "./given-loan.ts";

const statement = loanStatement(context, choice);
const base = { statement, idToken: "a.b.c" };
const passkey = { id: digestOf("key"), ...authenticator().assertion("challenge") };
const withPredicate = (over: object) => ({
  ...base,
  statement: { ...statement, predicate: { ...statement.predicate, ...over } },
});
const withIncident = (incident: unknown) => withPredicate({ terms: { seconds: 3600, incident } });

describe("the body of a loan", () => {
  it("gives the lender's own part, and the whole statement to compare", () => {
    expect(readLoanRequest(base)).toEqual({ choice, statement, idToken: "a.b.c" });
    const confirms = { sha256: digestOf("first") };
    expect(readLoanRequest(withPredicate({ confirms })).choice).toEqual({ ...choice, confirms });
    expect(readLoanRequest({ ...base, passkey }).passkey).toEqual(passkey);
  });

  it.each([
    "https://incidents.example",
    "https://incidents.example:8443/7?a=b#c",
    "https://Incidents-1.example?x",
    `https://x.example/${"p".repeat(482)}`,
  ])("takes the address %s of an incident", (incident) => {
    expect(readLoanRequest(withIncident(incident)).choice.terms.incident).toBe(incident);
  });

  it.each([
    "http://incidents.example",
    "javascript:alert(1)//https://x.example",
    " https://incidents.example",
    "https://",
    "https://user@incidents.example",
    "https://incidents.example:123456",
    "https://incidents.example:/x",
    "https://incidents.example/a b",
    "https://incidents.example/\u202e",
    "https://incidents.example\\x",
  ])("takes no address such as %j", (incident) => {
    expect(codeOf(() => readLoanRequest(withIncident(incident)))).toEqual({
      code: "invalid-request",
      sentence: "The loan cannot be read: statement.predicate.terms.incident must be an https address.",
    });
  });

  it.each<[string, unknown, string]>([
    ["nothing", null, "the body "],
    ["a field nobody knows", { ...base, note: "x" }, "note "],
    ["an empty token", { ...base, idToken: "" }, "idToken "],
    ["an endless token", { ...base, idToken: "x".repeat(16_385) }, "idToken must be at most 16384 characters"],
    [
      "an endless address",
      withIncident(`https://x.example/${"p".repeat(483)}`),
      "incident must be at most 500 characters",
    ],
    ["half a second", withPredicate({ terms: { ...choice.terms, seconds: 0.5 } }), "seconds must be whole seconds"],
    ["no second", withPredicate({ terms: { ...choice.terms, seconds: 0 } }), "seconds must be at least one second"],
    ["a term nobody knows", withPredicate({ terms: { ...choice.terms, more: 1 } }), "terms.more "],
    ["no reason", withPredicate({ reason: " \n" }), "reason must say why"],
    ["an endless reason", withPredicate({ reason: "x".repeat(4001) }), "reason must be at most 4000 characters"],
    ["half a surrogate pair in the reason", withPredicate({ reason: "\ud800" }), "reason must be well-formed text"],
    ["a role that is none", withPredicate({ role: "SRE" }), "predicate.role "],
    ["an endless role", withPredicate({ role: "r".repeat(64) }), "predicate.role "],
    ["a role with more before it", withPredicate({ role: "-sre" }), "predicate.role "],
    ["a role with more behind it", withPredicate({ role: "sre " }), "predicate.role "],
    ["a lender with a name", withPredicate({ lender: { ...sam.identity, name: "Sam" } }), "lender.name "],
    ["what confirms no digest", withPredicate({ confirms: { sha256: "x" } }), "confirms.sha256 "],
    ["a short salt", withPredicate({ salt: "abc" }), "salt must be 16 random bytes in base64url"],
    [
      "a time without milliseconds",
      withPredicate({ issuedAt: "2026-11-23T12:00:00Z" }),
      "issuedAt must be a time such as 2026-11-22T17:03:00.000Z",
    ],
    ["a passkey's answer of another form", { ...base, passkey: { ...passkey, id: "x" } }, "passkey.id "],
  ])("with %s is refused by the field's name", (_, body, place) => {
    const { code, sentence } = codeOf(() => readLoanRequest(body));
    expect(code).toBe("invalid-request");
    expect(sentence).toMatch(/^The loan cannot be read: .*\.$/);
    expect(sentence).toContain(place);
  });
});

describe("the statement of a loan", () => {
  it("is the one that is derived, within its time", () => {
    expect(requireLoanStatement({ choice, statement }, context, now)).toEqual(statement);
    expect(told(codeOf(() => requireLoanStatement({ choice, statement }, { ...context, review: 2 }, now)))).toBe(
      "statement-mismatch: The statement does not fit the promotion as it is now: reload it and decide again.",
    );
    expect(told(codeOf(() => requireLoanStatement({ choice, statement }, context, choice.expiresAt)))).toBe(
      "statement-expired: The statement has expired, or would be valid for too long: reload the page and decide again.",
    );
  });
});
