import { describe, expect, it } from "vitest";
import { loanBlobs, loanFact, loanSentence, type RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import { digestOf, now, promotionInReview, sam } from "../promotion/promotion-in-review.ts";
import { authenticator } from "./authenticator.ts";
import { documents, json } from "./fact-of-promotion.ts";
import { attestation, provider } from "./signing-keys.ts";

const { id: promotion } = promotionInReview();
const signature: LenderSignature = {
  id: digestOf("statement"),
  promotion,
  review: 2,
  terms: { seconds: 5400, incident: "https://incidents.example/7" },
  reason: "Scores are down.",
  role: "sre",
  reviewer: sam.identity,
  reviewerName: sam.name,
  groups: sam.groups,
  recordedAt: now,
};
const recorded: RecordedLoan = {
  signature,
  envelope: {
    payloadType: "application/vnd.in-toto+json",
    payload: "e30=",
    signatures: [{ keyid: attestation.key.keyid, sig: "AA==" }],
  },
  idToken: "a.b.c",
  jwks: { keys: [provider.jwk] },
};
const body = {
  signature: signature.id,
  review: 2,
  seconds: 5400,
  incident: "https://incidents.example/7",
  reason: "Scores are down.",
  role: "sre",
  lender: sam.identity,
  groups: sam.groups,
};

describe("the record of a lender's signature", () => {
  it("says who asked for what, and holds what it rests on", () => {
    expect(loanFact(recorded)).toEqual({
      id: `${promotion}/loan/${signature.id}`,
      type: "loan-requested",
      at: now,
      promotion,
      summary: "Sam asked for a loan of 90m as sre.",
      body,
      attachments: documents("loan.dsse.json", recorded),
    });
    expect(loanSentence(signature, "SRE")).toMatch(/^Sam asked for a loan of .+ as SRE\.$/);
  });

  it.each<[string, Partial<LenderSignature>, object]>([
    ["that it confirms another's", { confirms: digestOf("first") }, { confirms: digestOf("first") }],
    ["a kind of sign-in", { acr: "urn:mfa" }, { signIn: { acr: "urn:mfa" } }],
    ["ways to sign in", { amr: ["otp"] }, { signIn: { amr: ["otp"] } }],
    ["a passkey", { passkey: { id: digestOf("key"), counter: 3 } }, { passkey: { id: digestOf("key"), counter: 3 } }],
  ])("says %s", (_, over, said) => {
    expect(loanFact({ ...recorded, signature: { ...signature, ...over } }).body).toEqual({ ...body, ...said });
  });

  it("says so in a sentence where it confirms another's", () => {
    expect(loanSentence({ ...signature, confirms: digestOf("first") }, "SRE")).toMatch(
      /^Sam confirmed a loan of .+ as SRE\.$/,
    );
  });

  it("holds a passkey's answer beside the others", () => {
    const assertion = authenticator().assertion("challenge");
    expect(loanBlobs({ ...recorded, passkey: assertion }).map(({ name }) => name)).toEqual([
      "loan.dsse.json",
      "id-token.jwt",
      "jwks.json",
      "passkey.json",
    ]);
    expect(loanFact({ ...recorded, passkey: assertion }).attachments.at(-1)?.sha256).toBe(json({ ...assertion }));
  });
});
