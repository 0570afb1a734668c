import { describe, expect, it } from "vitest";
import { readLoanRequest, requireLoanStatement } from "../../core/attestation/read-loan-request.ts";
import { signOffContextOf } from "../../core/attestation/sign-off-context.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { composedLoan, fitsLoanContext } from "../../portal/src/loan/compose-loan.ts";
import type { Lending } from "../../portal/src/loan/lending.ts";
import type { LoanDraft } from "../../portal/src/loan/loan-draft.ts";
import { durationWords } from "../../portal/src/ui/number.ts";
import { goodCandidate } from "../core/gates/candidate.ts";
import { inReview } from "./candidate-in-review.ts";

const now = "2026-11-26T10:00:00.000Z" as Instant;
const { promotion } = inReview(goodCandidate, now);
const context = signOffContextOf(promotion, "https://countersign.example");
const lender = { issuer: "https://login.example", subject: "ida" };
const asked = {
  id: "a".repeat(64),
  lender: "Olaf",
  role: "incident-commander",
  seconds: 3600,
  incident: "https://incidents.example/417",
  reason: "It is down.",
  review: 1,
  recordedAt: now,
};
const lending: Lending = {
  roles: [{ name: "incident-commander", title: "Incident commander" }],
  maximumSeconds: 14_400,
  requests: [{ request: asked, until: addSeconds(now, 3600), refused: [] }],
  approved: false,
  confirmed: false,
};
const draft: LoanDraft = {
  wish: "ask",
  duration: "90",
  unit: "minutes",
  incident: " https://incidents.example/417 ",
  role: "",
  reason: " It turns everybody down. \ud800",
};
const composed = (over: Partial<LoanDraft> = {}, given: Partial<Lending> = {}) =>
  composedLoan(
    { ...draft, ...over },
    { lending: { ...lending, ...given }, lender, context },
    { now, random: new Uint8Array(16) },
  );

describe("the statement of a loan", () => {
  it.each([
    ["of one who asks", {}, { terms: { seconds: 5400, incident: "https://incidents.example/417" } }],
    [
      "of one who confirms",
      { wish: asked.id },
      { terms: { seconds: 3600, incident: asked.incident }, confirms: { sha256: asked.id } },
    ],
  ])("is one that the service takes, %s", (_, over, expected) => {
    const statement = composed(over);
    const body = JSON.parse(JSON.stringify({ statement, idToken: "token" })) as unknown;
    const { stage: __, ...loanContext } = context;
    expect(requireLoanStatement(readLoanRequest(body), loanContext, now).predicate).toMatchObject({
      ...expected,
      reason: "It turns everybody down. \ufffd",
      role: "incident-commander",
      lender,
    });
  });

  it.each([
    ["nothing chosen", { wish: "" }, "no-wish"],
    ["a request that is not there any more", { wish: "b".repeat(64) }, "no-wish"],
    ["no time", { duration: " " }, "lasting"],
    ["a time that is none", { duration: "soon" }, "lasting"],
    ["less than a minute", { duration: "0.5" }, "lasting"],
    ["longer than the matrix lets", { duration: "241" }, "lasting"],
    ["a part of a second", { duration: "1.001" }, "lasting"],
    ["an incident that is no address", { incident: "INC-417" }, "incident"],
    ["an incident over plain http", { incident: "http://incidents.example/417" }, "incident"],
    ["an address that does something", { incident: "javascript:alert(1)" }, "incident"],
    ["no reason", { reason: " \n" }, "reason"],
    ["a reason without end", { reason: "x".repeat(4001) }, "reason"],
  ] as const)("is not made of %s", (_, over, flaw) => {
    expect(composed(over)).toBe(flaw);
  });

  it("needs the role to be chosen where there are several", () => {
    const roles = [...lending.roles, { name: "chief", title: "Chief" }];
    expect(composed({}, { roles })).toBe("role");
    expect(composed({ role: "chief" }, { roles })).toMatchObject({ predicate: { role: "chief" } });
    expect(composed({ role: "sre" }, { roles })).toBe("role");
  });

  it("stops fitting when the review moves on, and not when the next stage opens", () => {
    const statement = composed();
    if (typeof statement === "string") throw new Error(statement);
    expect(fitsLoanContext(statement, { ...context, stage: { index: 1, name: "next" } })).toBe(true);
    expect(fitsLoanContext(statement, { ...context, review: 2 })).toBe(false);
    expect(fitsLoanContext(statement, undefined)).toBe(false);
  });

  it("tells durations as people say them", () => {
    expect([60, 5400, 7200, 86_400, 259_200, 61].map(durationWords)).toEqual([
      "1 minute",
      "90 minutes",
      "2 hours",
      "1 day",
      "3 days",
      "61 seconds",
    ]);
  });
});
