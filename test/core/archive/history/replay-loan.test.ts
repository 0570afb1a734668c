import { describe, expect, it } from "vitest";
import { loanChange } from "../../../../core/archive/history/replay-loan.ts";
import type { Fact, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { Loan } from "../../../../core/promotion/loan.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import {
  cora,
  dana,
  deadline,
  digestOf,
  id,
  now,
  openStage,
  promotionInReview,
} from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

function recordOf(type: LedgerRecord["type"], body: LedgerRecord["body"] = {}): LedgerRecord {
  return {
    ...{ recordVersion: 1, id: `${id}/9`, type, at: now, promotion: id, summary: "Why.", body, attachments: [] },
  };
}

const lenders = [cora, dana].map(({ identity }, at) => ({
  role: "sre",
  person: identity,
  signature: digestOf(`${at}`),
}));
const terms = { seconds: 3600, incident: "https://incidents.example/7" };
const given = recordOf("loan", {
  ...terms,
  ...{ lenders: lenders.map((each) => ({ ...each, person: { ...each.person } })), at: now, until: deadline },
  budget: { period: "2026-Q4", number: 1, of: 2 },
});
const loan: Loan = { terms, lenders, at: now, until: deadline };
const started: Fact = {
  ...{ id: `${id}/8`, type: "deployment-started", at: now, promotion: id, summary: "", body: {}, attachments: [] },
};
const lent = promotionInReview({ status: "loaned", loan, history: [started] });
const ended = promotionInReview({ status: "expired", loan, history: [started] });

const why = (promotion: Promotion, record: LedgerRecord) => {
  const { code, sentence } = codeOf(() => loanChange(promotion, record));
  expect(code).toBe("conflict");
  return sentence.replace(/^The record '[^']*' \([a-z-]+\) cannot stand where it does: /, "");
};

describe("a record of a loan", () => {
  it("that gives it lends the seats until its end", () => {
    expect(loanChange(promotionInReview(), given)).toEqual({
      status: "loaned",
      loan,
      expiresAt: deadline,
      stage: { ...openStage(0), deadline },
    });
  });

  it("that gives it stands once, while a stage is open", () => {
    const sentence = "seats are lent once, while a stage is open.";
    expect(why(promotionInReview({ status: "approved" }), given)).toBe(sentence);
    expect(why(promotionInReview({ stage: openStage(0, { open: false }) }), given)).toBe(sentence);
    expect(why(promotionInReview({ loan }), given)).toBe(sentence);
  });

  it("that refuses it changes nothing", () => {
    expect(loanChange(promotionInReview(), recordOf("loan-refused"))).toEqual({});
  });

  it.each(["loan-running", "loan-ratified", "loan-ended", "loan-taken-back", "loan-review-opened"] as const)(
    "stands nowhere where nothing was lent: %s",
    (type) => {
      expect(why(promotionInReview(), recordOf(type))).toBe("nothing was lent.");
    },
  );

  it("that says it runs follows a deployment", () => {
    expect(loanChange(lent, recordOf("loan-running"))).toEqual({ loan: { ...loan, runningSince: now } });
    expect(why({ ...lent, history: [] }, recordOf("loan-running"))).toBe("what is lent was never deployed.");
    const before: Fact = { ...started, type: "loan" };
    expect(why({ ...lent, history: [started, before] }, recordOf("loan-running"))).toBe(
      "what is lent was never deployed.",
    );
  });

  it("that says it runs is the only one, and never comes once the loan is over or ratified", () => {
    const sentence = "what is lent begins to run once, before its loan is over.";
    expect(why({ ...lent, loan: { ...loan, runningSince: now } }, recordOf("loan-running"))).toBe(sentence);
    for (const status of ["expired", "deployed"] as const)
      expect(why({ ...lent, status }, recordOf("loan-running"))).toBe(sentence);
  });

  it("that ratifies it follows a verdict of the quorum", () => {
    const running = { ...lent, loan: { ...loan, runningSince: now } };
    const passed = { ...running, verdict: { sha256: digestOf("v"), result: "PASSED", at: now } } as const;
    const ratified = recordOf("loan-ratified");
    expect(loanChange(passed, ratified)).toEqual({ status: "deployed", loan: { ...running.loan, ratifiedAt: now } });
    const sentence = "no verdict says that the quorum approved it.";
    expect(why(running, ratified)).toBe(sentence);
    expect(why({ ...passed, verdict: { ...passed.verdict, result: "FAILED" } }, ratified)).toBe(sentence);
    for (const other of [
      { ...passed, status: "in-review" as const },
      { ...passed, loan },
    ])
      expect(why(other, ratified)).toBe("what is lent does not run.");
  });

  it("that ends it closes the stage and says why", () => {
    const change = { status: "expired", reason: "Why." };
    expect(loanChange(lent, recordOf("loan-ended"))).toEqual({ ...change, stage: openStage(0, { open: false }) });
    const { stage: _, ...without } = lent;
    expect(loanChange(without, recordOf("loan-ended"))).toEqual(change);
    expect(why({ ...lent, status: "in-review" }, recordOf("loan-ended"))).toBe("the promotion is in-review.");
  });

  it("that takes it back follows its end, once, and not what was ratified", () => {
    const back = recordOf("loan-taken-back");
    expect(loanChange(ended, back)).toEqual({ loan: { ...loan, takenBackAt: now } });
    expect(why(lent, back)).toBe("the loan has not ended.");
    expect(why({ ...ended, loan: { ...loan, ratifiedAt: now } }, back)).toBe("the loan has not ended.");
    expect(why({ ...ended, loan: { ...loan, takenBackAt: now } }, back)).toBe("it was taken back before.");
  });

  it("that opens its review follows its end", () => {
    expect(loanChange(ended, recordOf("loan-review-opened"))).toEqual({});
    expect(why(lent, recordOf("loan-review-opened"))).toBe("the loan has not ended.");
  });

  it.each(["loan-taken-back", "loan-review-opened"] as const)("is no %s of what was never deployed", (type) => {
    expect(why({ ...ended, history: [] }, recordOf(type))).toBe("nothing was deployed.");
  });

  it("says something of a loan", () => {
    expect(why(lent, recordOf("gates"))).toBe("it says nothing of a loan.");
  });
});
