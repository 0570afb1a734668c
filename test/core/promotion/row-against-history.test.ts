import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { authorJson } from "../../../core/promotion/reapproval.ts";
import { rowAgainstHistory } from "../../../core/promotion/row-against-history.ts";
import { cora, digestOf, expiresAt, id, now, openStage, promotionInReview } from "./promotion-in-review.ts";

const told = (type: Fact["type"], body: Fact["body"], at = now): Fact => ({
  ...{ id: `${id}/0`, promotion: id, type, at, summary: "", body, attachments: [] },
});
const startedBy = { identity: cora.identity };
const fell = digestOf("fell");
const stage = openStage(0);
const { open: _, openedAt, ...place } = stage;
const opened = told("stage-opened", { ...place, stage: place.index, review: 1 }, openedAt);
const request = told("request", { startedBy: authorJson(startedBy), release: "update", expiresAt });
const reopened = told("seat-reopened", { fallen: [{ signOff: fell, why: "lost the role" }] });
const row: Promotion = promotionInReview({
  startedBy,
  facts: { release: "update" },
  expiresAt,
  stage,
  invalidated: [{ signOff: fell, why: "lost the role" }],
  history: [request, opened, reopened],
});

describe("a promotion's row says what its history does", () => {
  it("as it was written", () => {
    expect(rowAgainstHistory(row)).toBeUndefined();
    expect(rowAgainstHistory({ ...row, stage: { ...stage, open: false } })).toBeUndefined();
  });

  it("of one that no person started, and whose stage is not open yet", () => {
    const request = told("request", { release: "first", expiresAt });
    expect(
      rowAgainstHistory({ history: [request], facts: { release: "first" }, expiresAt, review: 1, invalidated: [] }),
    ).toBeUndefined();
  });

  it("of one that went back to its gates, whose review is the second", () => {
    const back = told("seat-reopened", { from: digestOf("before"), to: digestOf("after"), fallen: [] });
    const history = [...row.history, back];
    expect(rowAgainstHistory({ ...row, review: 2, history })).toBeUndefined();
    // So that what was signed in the first would count again.
    expect(rowAgainstHistory({ ...row, review: 1, history })).toBe("which review it is in");
  });

  it("of what is lent, which is over with its loan, and its open stage with it", () => {
    const until = addSeconds(now, 60);
    const lent = { ...row, expiresAt: until, stage: { ...stage, deadline: until } };
    expect(rowAgainstHistory({ ...lent, history: [...row.history, told("loan", { until })] })).toBeUndefined();
    expect(rowAgainstHistory(lent)).toBe("until when it can be signed");
  });
});

describe("a promotion's row says otherwise than its history", () => {
  const { startedBy: __, ...byNobody } = row;
  it.each<[string, Promotion]>([
    ["who started the run", byNobody],
    ["whether the model ran there before", { ...row, facts: { release: "first" } }],
    ["until when it can be signed", { ...row, expiresAt: addSeconds(expiresAt, 60) }],
    ["which review it is in", { ...row, review: 2 }],
    ["which sign-offs fell", { ...row, invalidated: [] }],
    [
      "when its stage was opened, and until when that is",
      { ...row, stage: { ...stage, openedAt: addSeconds(openedAt, -60) } },
    ],
    [
      "when its stage was opened, and until when that is",
      { ...row, stage: { ...stage, deadline: addSeconds(stage.deadline, 60) } },
    ],
  ])("%s", (what, edited) => {
    expect(rowAgainstHistory(edited)).toBe(what);
  });
});
