import { describe, expect, it } from "vitest";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry, newFacts } from "../../../core/promotion/ledger-record.ts";
import { advance, hasEnded, isOpen } from "../../../core/promotion/life-cycle.ts";
import { type Status, statuses } from "../../../core/promotion/promotion.ts";
import { codeOf } from "../refusal.ts";
import { id, now, promotionInReview } from "./promotion-in-review.ts";

const fact: Omit<Fact, "id" | "promotion"> = {
  type: "gates",
  at: now,
  summary: "Something.",
  body: {},
  attachments: [],
};
const ends: readonly Status[] = ["blocked", "rejected", "expired", "withdrawn", "superseded", "rolled-back", "failed"];

describe("the life cycle", () => {
  it.each(statuses)("knows whether %s is an end, and lets nothing follow it if so", (status) => {
    expect(hasEnded(status)).toBe(ends.includes(status));
    if (!ends.includes(status)) return;
    for (const next of statuses.filter((each) => each !== status)) {
      expect(codeOf(() => advance(promotionInReview({ status }), { status: next }, fact)).code).toBe("conflict");
    }
  });

  it("finds an open promotion again, and makes a new attempt of one that ended or runs", () => {
    expect(statuses.filter(isOpen)).toEqual(["gating", "shadowing", "in-review", "approved", "deploying", "loaned"]);
  });

  it.each<[Status, Status]>([
    ["gating", "approved"],
    ["gating", "deploying"],
    ["in-review", "deploying"],
    ["in-review", "deployed"],
    ["approved", "deployed"],
    ["deploying", "approved"],
    ["deploying", "withdrawn"],
    ["deployed", "deploying"],
    ["restricted", "deployed"],
  ])("lets nobody go from %s straight to %s", (before, after) => {
    expect(codeOf(() => advance(promotionInReview({ status: before }), { status: after }, fact))).toEqual({
      code: "conflict",
      sentence: `A promotion that is ${before} cannot become ${after}.`,
    });
  });

  it("counts the revision and numbers the facts", () => {
    const once = advance(promotionInReview(), {}, fact);
    const twice = advance(once, { status: "approved" }, fact);
    expect(twice.revision).toBe(promotionInReview().revision + 2);
    expect(twice.history.map((each) => [each.id, each.promotion])).toEqual([
      [`${id}/0`, id],
      [`${id}/1`, id],
    ]);
  });

  it("takes a part away where the change says undefined", () => {
    expect("stage" in advance(promotionInReview(), { stage: undefined }, fact)).toBe(false);
  });
});

describe("the ledger's records", () => {
  it("are the facts that a change added", () => {
    const before = advance(promotionInReview(), {}, fact);
    const after = advance(before, {}, { ...fact, summary: "Something else." });
    expect(newFacts(before, after).map(({ summary }) => summary)).toEqual(["Something else."]);
    expect(newFacts(undefined, after)).toHaveLength(2);
  });

  it("are canonical JSON with their version", () => {
    const [first] = advance(promotionInReview(), {}, fact).history;
    expect(new TextDecoder().decode(ledgerEntry(first ?? expect.unreachable()))).toBe(
      `{"at":"${now}","attachments":[],"body":{},"id":"${id}/0","promotion":"${id}","recordVersion":1,"summary":"Something.","type":"gates"}`,
    );
  });
});
