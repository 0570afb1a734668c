import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pae } from "../../../core/attestation/dsse.ts";
import { requireStatement, signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import {
  challengeOf,
  type SignOffChoice,
  signOffId,
  signOffStatement,
  statementBytes,
} from "../../../core/attestation/sign-off-statement.ts";
import { predicateOf, readStatement, statementAbout } from "../../../core/attestation/statement.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import {
  attestationBase,
  cora,
  dana,
  digestOf,
  now,
  openStage,
  promotionAtTheGates,
  promotionInReview,
} from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";
import { choiceOf } from "./given-sign-off.ts";

const promotion = promotionInReview();
const context = signOffContextOf(promotion, attestationBase);
const choice = choiceOf(cora, { reason: "All fine." });
const statement = signOffStatement(context, choice);
const type = `${attestationBase}/attestation/sign-off/v1`;

describe("the statement of a sign-off", () => {
  it("is about the freeze manifest alone, under the deployment's own name", () => {
    expect(statement._type).toBe("https://in-toto.io/Statement/v1");
    expect(statement.subject).toEqual([{ name: "freeze.json", digest: { sha256: promotion.freezeDigest } }]);
    expect(statement.predicateType).toBe(type);
  });

  it("names the roles in one order, however they were ticked", () => {
    const roles = ["sre", "lead-data-scientist"];
    expect(challengeOf(signOffStatement(context, { ...choice, roles }))).toBe(
      challengeOf(signOffStatement(context, { ...choice, roles: roles.toReversed() })),
    );
  });

  it("has a challenge of 43 characters that is its id in other letters", () => {
    const challenge = challengeOf(statement);
    expect(challenge).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(challenge, "base64url").toString("hex")).toBe(signOffId(statement));
    expect(signOffId(statement)).toBe(sha256Hex(pae("application/vnd.in-toto+json", utf8(canonicalJson(statement)))));
  });

  it.each<[string, Partial<SignOffChoice>]>([
    ["result", { result: "reject" }],
    ["reason", { reason: "All fine!" }],
    ["roles", { roles: ["sre"] }],
    ["reviewer", { reviewer: dana.identity }],
    ["salt", { salt: "A".repeat(22) }],
    ["time", { expiresAt: addSeconds(choice.expiresAt, -1) }],
  ])("has another challenge with another %s", (_, over) => {
    expect(challengeOf(signOffStatement(context, { ...choice, ...over }))).not.toBe(challengeOf(statement));
  });
});

describe("reading a statement", () => {
  it("gives back what was written", () => {
    expect(readStatement(statementBytes(statement), type, context.freezeDigest)).toEqual(statement);
  });

  const second = { name: "model.json", digest: { sha256: digestOf("other") } };
  const notJson = "The signed statement is not JSON.";
  const notStatement = "The signed document is not an in-toto Statement v1.";
  const other =
    "The statement is about something else than this promotion's freeze manifest, or not in canonical form.";
  it.each<[string, string, string]>([
    ["what is not JSON", "{", notJson],
    ["null", "null", notStatement],
    [
      "another statement version",
      canonicalJson({ ...statement, _type: "https://in-toto.io/Statement/v0.1" }),
      notStatement,
    ],
    [
      "another predicate",
      canonicalJson({ ...statement, predicateType: `${type}x` }),
      `The statement is of type '${type}x', not '${type}'.`,
    ],
    [
      "another subject",
      canonicalJson({ ...statement, subject: [{ name: "freeze.json", digest: { sha256: digestOf("x") } }] }),
      other,
    ],
    ["a second subject", canonicalJson({ ...statement, subject: [...statement.subject, second] }), other],
    [
      "another name for the subject",
      canonicalJson({ ...statement, subject: [{ ...statement.subject[0], name: "model.json" }] }),
      other,
    ],
    ["a member that nobody knows", canonicalJson({ ...statement, note: "x" }), other],
    ["spaces", JSON.stringify(JSON.parse(canonicalJson(statement)), null, 1), other],
    ["a member given twice", canonicalJson(statement).replace('{"_type"', '{"_type":"x","_type"'), other],
    ["half of a surrogate pair", canonicalJson(statement).replace("All fine.", "\\ud800"), other],
  ])("refuses %s", (_, text, refusal) => {
    expect(told(codeOf(() => readStatement(utf8(text), type, context.freezeDigest)))).toBe(
      `statement-mismatch: ${refusal}`,
    );
  });

  it("says of a later version of its type that it is one", () => {
    const later = utf8(canonicalJson({ ...statement, predicateType: type.replace("/v1", "/v2") }));
    expect(codeOf(() => readStatement(later, type, context.freezeDigest)).code).toBe("newer-version");
    expect(codeOf(() => readStatement(later, type, context.freezeDigest)).sentence).toContain(
      `${type.replace("/v1", "/v2")}`,
    );
    const others = [
      "https://other.example/sign-off/v2",
      `${type.replace("/v1", "/v2")}/more`,
      type.replace("/v1", "/v0"),
    ];
    for (const predicateType of [...others, `x${type.replace("/v1", "/v2")}`, type.replace("/v1", "/v1234567")]) {
      const another = utf8(canonicalJson({ ...statement, predicateType }));
      expect(codeOf(() => readStatement(another, type, context.freezeDigest)).code).toBe("statement-mismatch");
    }
  });

  it("refuses bytes that are no text", () => {
    expect(told(codeOf(() => readStatement(new Uint8Array([0xff]), type, context.freezeDigest)))).toBe(
      `statement-mismatch: ${notJson}`,
    );
  });

  it("refuses what is no statement where only its predicate is asked for", () => {
    expect(predicateOf(statementBytes(statement), type)).toEqual(statement.predicate);
    const wrong = utf8(canonicalJson({ ...statement, predicateType: `${type}x` }));
    expect(codeOf(() => predicateOf(wrong, type)).code).toBe("statement-mismatch");
    expect(told(codeOf(() => predicateOf(utf8('"a text"'), type)))).toBe(`statement-mismatch: ${notStatement}`);
  });

  it("takes back whatever predicate was stated", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (predicate) => {
        fc.pre(isWellFormed(predicate));
        const written = statementAbout(context.freezeDigest, type, predicate);
        expect(fromUtf8(statementBytes(readStatement(statementBytes(written), type, context.freezeDigest)))).toBe(
          canonicalJson(written),
        );
      }),
    );
  });
});

describe("what a sign-off must say", () => {
  const request = (over: Partial<SignOffChoice> = {}, sent: unknown = undefined) => {
    const chosen = { ...choice, ...over };
    return { choice: chosen, statement: sent ?? signOffStatement(context, chosen), idToken: "" };
  };

  it("is derived from what is stored", () => {
    expect(context).toEqual({
      attestationBase,
      freezeDigest: promotion.freezeDigest,
      promotion: promotion.id,
      model: promotion.manifest.model,
      target: promotion.manifest.target,
      review: 1,
      stage: { index: 0, name: "compliance" },
      requirements: promotion.requirements.sha256,
      shown: promotion.gates?.summary,
    });
    expect(requireStatement(request(), context, now)).toEqual(statement);
  });

  it("is nothing before the review", () => {
    const early = "not-in-review: The promotion is gating; its review has not begun.";
    expect(told(codeOf(() => signOffContextOf(promotionAtTheGates(), attestationBase)))).toBe(early);
    const { stage: _, ...closed } = promotionInReview();
    const { gates: __, ...ungated } = promotionInReview();
    for (const part of [closed, ungated])
      expect(told(codeOf(() => signOffContextOf(part, attestationBase)))).toBe(
        "not-in-review: The promotion is in-review; its review has not begun.",
      );
  });

  const elsewhere = (over: object) => signOffStatement({ ...context, ...over }, choice);
  it.each<[string, unknown, string]>([
    ["another promotion", elsewhere({ promotion: `${promotion.id}1` }), "promotion"],
    ["another model", elsewhere({ model: { ...context.model, version: "2" } }), "model"],
    ["another target", elsewhere({ target: { ...context.target, endpoint: "x" } }), "target"],
    ["an earlier review", elsewhere({ review: 0 }), "review"],
    ["another stage", elsewhere({ stage: { index: 1, name: "model and operations" } }), "stage"],
    ["other requirements", elsewhere({ requirements: digestOf("x") }), "requirements"],
    ["another summary", elsewhere({ shown: digestOf("x") }), "shown"],
    ["another candidate", elsewhere({ freezeDigest: digestOf("x") }), "type or subject"],
    ["another organisation's names", elsewhere({ attestationBase: "https://x.example" }), "type or subject"],
    ["a field more", { ...statement, predicate: { ...statement.predicate, note: "x" } }, "note"],
    ["roles in another order", { ...statement, predicate: { ...statement.predicate, roles: ["sre", "a"] } }, "roles"],
  ])("refuses a statement about %s, and names what differs", (_, sent, place) => {
    const refusal = codeOf(() => requireStatement(request({}, sent), context, now));
    expect(refusal).toEqual({
      code: "statement-mismatch",
      sentence: `The statement does not fit the promotion as it is now (${place}): reload it and decide again.`,
    });
  });

  it.each<[string, Partial<SignOffChoice>]>([
    ["is over at this instant", { issuedAt: addSeconds(now, -900), expiresAt: now }],
    ["is from the future", { issuedAt: addSeconds(now, 61), expiresAt: addSeconds(now, 600) }],
    ["would be valid for too long", { issuedAt: now, expiresAt: addSeconds(now, 901) }],
  ])("refuses one that %s", (_, over) => {
    expect(told(codeOf(() => requireStatement(request(over), context, now)))).toMatch(
      /^statement-expired: The statement (is from the future; please check the clock of your computer|has expired, or would be valid for too long: reload the page and decide again)\.$/,
    );
  });

  it.each<[string, Partial<SignOffChoice>]>([
    ["in its last millisecond", { issuedAt: addSeconds(now, -899), expiresAt: addSeconds(now, 0.001) }],
    ["from a clock that is a minute ahead", { issuedAt: addSeconds(now, 60), expiresAt: addSeconds(now, 600) }],
  ])("takes one %s", (_, over) => {
    expect(requireStatement(request(over), context, now).predicate.expiresAt).toBe(over.expiresAt);
  });

  it("is for the open stage", () => {
    expect(signOffContextOf(promotionInReview({ stage: openStage(1) }), attestationBase).stage).toEqual({
      index: 1,
      name: "model and operations",
    });
  });
});

function isWellFormed(value: unknown): boolean {
  try {
    canonicalJson(value);
    return true;
  } catch {
    return false;
  }
}
