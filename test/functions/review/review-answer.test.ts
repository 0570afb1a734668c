import { describe, expect, it } from "vitest";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import { reviewAnswer } from "../../../functions/review/review-answer.ts";
import {
  digestOf,
  expiresAt,
  matrix,
  now,
  openStage,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";

const [rule = expect.unreachable()] = matrix.rules;
const answer = (over: Partial<Promotion>, judgedBy: typeof rule | undefined = rule) =>
  reviewAnswer(promotionInReview(over), judgedBy, now);
const between = openStage(0, { open: false });
const settledFirst = [{ index: 0, seats: [] }];
const settled = [...settledFirst, { index: 1, seats: [] }];

describe("what the waiting machine is told", () => {
  it("is nothing while a stage is open, and the next stage's time between two", () => {
    expect(answer({})).toBeUndefined();
    expect(answer({ stage: between, settled: settledFirst })).toEqual({ outcome: "next-stage", seconds: 46 * 3600 });
  });

  it.each<[Status, string | undefined]>([
    ["approved", "quorum"],
    ["deploying", "quorum"],
    ["deployed", "quorum"],
    ["rolled-back", "quorum"],
    ["restricted", "quorum"],
    ["rejected", "rejected"],
    ["withdrawn", "withdrawn"],
    ["superseded", "withdrawn"],
    ["blocked", undefined],
    ["shadowing", undefined],
    ["expired", undefined],
    ["failed", undefined],
  ])("of one that is %s is %s", (status, outcome) => {
    expect(answer({ status })).toEqual(outcome === undefined ? undefined : { outcome });
  });

  it("is that the requirements changed once a review was sent back, and nothing before there was one", () => {
    expect(answer({ status: "gating", review: 1 })).toBeUndefined();
    expect(answer({ status: "gating", review: 2 })).toEqual({ outcome: "requirements-changed" });
  });

  describe("of one that is lent", () => {
    const loan: Loan = {
      ...{ terms: { seconds: 3600, incident: "" }, lenders: [], at: now, until: expiresAt },
      verdict: { sha256: digestOf("v"), at: now },
    };
    const lent = { status: "loaned", loan } as const;
    const deployment: NonNullable<Promotion["deployment"]> = {
      startedAt: now,
      serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
      release: { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 300 } },
    };

    it("is that it is lent, until its deployment begins, whatever is signed meanwhile", () => {
      for (const over of [{}, { stage: between, settled }])
        expect(answer({ ...lent, ...over })).toEqual({ outcome: "loaned" });
    });

    it("is nothing while a stage is open, then the next one, then its quorum", () => {
      expect(answer({ ...lent, deployment })).toBeUndefined();
      const next = answer({ ...lent, deployment, stage: between, settled: settledFirst });
      expect(next).toEqual({ outcome: "next-stage", seconds: 46 * 3600 });
      expect(answer({ ...lent, deployment, stage: between, settled })).toEqual({ outcome: "quorum" });
    });

    it("goes to its verification where the requirements changed, which says that nobody can ratify it any more", () => {
      const changed = reviewAnswer(
        promotionInReview({ ...lent, deployment, stage: between, settled: settledFirst }),
        undefined,
        now,
      );
      expect(changed).toEqual({ outcome: "quorum" });
    });
  });
});
