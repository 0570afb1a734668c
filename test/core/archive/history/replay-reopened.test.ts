import { describe, expect, it } from "vitest";
import { reopenedChange } from "../../../../core/archive/history/replay-reopened.ts";
import type { Fact, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import {
  cora,
  dana,
  digestOf,
  id,
  now,
  openStage,
  promotionAtTheGates,
  promotionInReview,
  requirements,
} from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const record = (body: LedgerRecord["body"]): LedgerRecord => ({
  ...{
    recordVersion: 1,
    id: `${id}/9`,
    type: "seat-reopened",
    at: now,
    promotion: id,
    summary: "",
    body,
    attachments: [],
  },
});
const rule = requirements.document;
const [fell, stood, earlier] = ["fell", "stood", "earlier"].map(digestOf);
if (fell === undefined || stood === undefined || earlier === undefined) throw new Error("unreachable");
const fallen = [{ signOff: fell, why: "left the team" }];
const invalidated = [{ signOff: earlier, why: "was there before" }];
const settled = [
  { index: 0, seats: [{ role: "compliance-officer", person: cora.identity, signOff: stood }] },
  { index: 1, seats: [{ role: "lead-data-scientist", person: dana.identity, signOff: fell }] },
];
const why = (promotion: Promotion, body: LedgerRecord["body"], asked: typeof rule | undefined = rule) =>
  codeOf(() => reopenedChange(promotion, asked, record(body))).sentence.replace(/^.*cannot stand where it does: /, "");

describe("requirements that changed", () => {
  it("send a promotion back to its gates, into its next review, with nothing decided", () => {
    const [from, to] = [digestOf("from"), digestOf("to")];
    const change = reopenedChange(
      promotionInReview({ settled, invalidated, review: 3 }),
      rule,
      record({ from, to, fallen: [] }),
    );
    expect(change).toEqual({
      status: "gating",
      requirements: { sha256: to },
      review: 4,
      settled: [],
      stage: undefined,
      gates: undefined,
    });
    expect(codeOf(() => reopenedChange(promotionInReview(), rule, record({ from, to, fallen: [fell] })))).toMatchObject(
      {
        code: "pack-invalid",
      },
    );
  });
});

describe("what is kept of the review before", () => {
  const told = { review: 2, kept: [], fallen };
  const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
  const judged = promotionAtTheGates({ review: 2, gates, invalidated });

  it("is told once the gates passed again: what fell counts no more", () => {
    expect(reopenedChange(judged, rule, record(told))).toEqual({ invalidated: [...invalidated, ...fallen] });
  });

  it("is told of the review that begins, at its gates", () => {
    const sentence = "no gates passed again before it.";
    expect(why(promotionInReview({ review: 2 }), told)).toBe(sentence);
    expect(why(promotionAtTheGates({ review: 2 }), told)).toBe(sentence);
    expect(why({ ...judged, gates: { ...gates, outcome: "blocked" } }, told)).toBe(sentence);
    expect(why(judged, { ...told, review: 3 })).toBe(sentence);
  });

  it("is told once", () => {
    const fact: Fact = { ...record(told), type: "seat-reopened" };
    expect(why({ ...judged, history: [fact] }, told)).toBe("what is kept of the review before was told already.");
  });

  it("is told once the candidate has run in shadow, where its rule asks for that", () => {
    const shadow = { durationSeconds: 60, requests: 1, withinSeconds: 60 };
    expect(why(judged, told, { ...rule, rule: { ...rule.rule, shadow } })).toBe(
      "the candidate has not run in shadow as its rule asks.",
    );
    expect(reopenedChange(judged, undefined, record(told))).toHaveProperty("invalidated");
  });
});

describe("seats that fell open", () => {
  it("are open again with their stage; what else was decided stands", () => {
    const change = reopenedChange(
      promotionInReview({ status: "approved", settled, invalidated, stage: { ...openStage(0), open: false } }),
      rule,
      record({ fallen }),
    );
    expect(change).toEqual({
      status: "in-review",
      settled: settled.slice(0, 1),
      invalidated: [...invalidated, ...fallen],
      stage: { ...openStage(0), open: false },
    });
  });

  const closed = { ...openStage(0), open: false };

  it("of what is lent leave it lent", () => {
    const lent = promotionInReview({ status: "loaned", settled, stage: closed });
    expect(reopenedChange(lent, rule, record({ fallen })).status).toBe("loaned");
  });

  it("are none before all have signed, when a stage that is open would only have its time again", () => {
    const none = "no seat of what was approved fell.";
    expect(why(promotionInReview({ settled }), { fallen })).toBe(none);
    expect(why(promotionInReview({ settled, stage: closed }), { fallen })).toBe(none);
    expect(why(promotionInReview({ status: "loaned", settled }), { fallen })).toBe(none);
    expect(why(promotionInReview({ status: "approved", settled, stage: closed }), { fallen: [] })).toBe(none);
    const again = [{ signOff: earlier, why: "was there before" }];
    expect(why(promotionInReview({ status: "approved", settled, stage: closed }), { fallen: again })).toBe(none);
  });

  it("before any stage was open close none", () => {
    const { stage: _, ...promotion } = promotionInReview({ status: "approved", settled });
    expect(reopenedChange(promotion, rule, record({ fallen }))).not.toHaveProperty("stage");
  });

  it("take the verdict with them, with a release that was taken back or before there was one", () => {
    const breach = { forSeconds: 600, errorPercent: 1 };
    const deploying = promotionInReview({ status: "deploying", settled });
    const change = reopenedChange(deploying, rule, record({ breach, fallen }));
    expect(change).toMatchObject({ status: "in-review", settled: settled.slice(0, 1) });
    expect("verdict" in change && change.verdict === undefined).toBe(true);
    const approved = promotionInReview({ status: "approved", settled, stage: closed });
    const again = reopenedChange(approved, rule, record({ fallen }));
    expect("verdict" in again && again.verdict === undefined).toBe(true);
    expect(why(deploying, { fallen })).toBe("the promotion is deploying, so nothing is taken back.");
    expect(why(promotionInReview(), { breach, fallen })).toBe("the promotion is in-review, so nothing is taken back.");
  });

  it("are none while the gates judge", () => {
    expect(why(promotionAtTheGates(), { fallen })).toBe("the promotion is gating.");
  });
});
