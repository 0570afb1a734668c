import { describe, expect, it } from "vitest";
import type { KeptInReview } from "../../../core/approval/carry-over.ts";
import {
  asInReview,
  judgedBeside,
  keptIsTold,
  reviewBefore,
  withReviewKept,
} from "../../../core/approval/earlier-review.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { CarriedSignOff, Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { cora, digestOf, id, now, promotionInReview, sam } from "../promotion/promotion-in-review.ts";

const file = (name: string, content = name) => ({ name, mediaType: "application/json", sha256: digestOf(content) });
const fact = (type: Fact["type"], over: Partial<Fact> = {}): Fact => ({
  ...{ id: `${id}/1`, type, at: now, promotion: id, summary: "", body: {}, attachments: [] },
  ...over,
});
/** The record of gates that were judged by these, told apart by a word. */
const gates = (word: string, ...beside: readonly string[]): Fact =>
  fact("gates", {
    attachments: [
      ...["gate-report.json", "evidence-summary.json", "requirements.json", "policies.json", "people.yaml"],
      ...["channels.yaml", "gates.wasm", ...beside],
    ].map((name) => file(name, `${name} ${word}`)),
  });
const another = fact("seat-reopened", { body: { from: 1 } });
const fell = fact("seat-reopened", { body: { review: 1, kept: [] } });
const judgedBy = (word: string) => ({
  requirements: { sha256: digestOf(`requirements.json ${word}`) },
  gates: {
    outcome: "passed",
    report: digestOf(`gate-report.json ${word}`),
    summary: digestOf(`evidence-summary.json ${word}`),
  },
});

describe("what gates were judged by", () => {
  it("beside the manifest and the policies is whatever else their record brings", () => {
    expect(judgedBeside(gates("one", "earlier-releases.json", "_shadow-run.json"))).toEqual(
      new Map([
        ["earlier-releases.json", digestOf("earlier-releases.json one")],
        ["_shadow-run.json", digestOf("_shadow-run.json one")],
      ]),
    );
    expect(judgedBeside(gates("one"))).toEqual(new Map());
  });
});

describe("a promotion as it was in a review", () => {
  const history = [gates("one"), fell, another, gates("two", "earlier-releases.json"), gates("again"), another];
  const promotion = promotionInReview({ review: 3, history });

  it("is pinned to what that review was judged by last", () => {
    expect(asInReview(promotion, 1)).toEqual({
      promotion: { ...promotion, review: 1, ...judgedBy("one") },
      beside: new Map(),
    });
    expect(asInReview(promotion, 2)).toEqual({
      promotion: { ...promotion, review: 2, ...judgedBy("again") },
      beside: new Map(),
    });
    const shown = asInReview(promotionInReview({ history: history.slice(0, 4) }), 2);
    expect(shown?.beside).toEqual(new Map([["earlier-releases.json", digestOf("earlier-releases.json two")]]));
  });

  it("is not known of a review whose gates never passed, or whose record lacks what was signed", () => {
    expect(asInReview(promotion, 3)).toBeUndefined();
    for (const name of ["gate-report.json", "evidence-summary.json", "requirements.json"]) {
      const { attachments, ...rest } = gates("one");
      const lacking = { ...rest, attachments: attachments.filter((each) => each.name !== name) };
      expect(asInReview(promotionInReview({ history: [lacking] }), 1)).toBeUndefined();
    }
  });

  it("before the one that it is in is the last whose gates passed", () => {
    expect(reviewBefore(promotion)?.promotion.review).toBe(2);
    const failed = [gates("one"), another, another];
    expect(reviewBefore(promotionInReview({ review: 3, history: failed }))?.promotion).toMatchObject(judgedBy("one"));
    expect(reviewBefore(promotionInReview({ review: 1, history: [gates("one")] }))).toBeUndefined();
    expect(reviewBefore(promotionInReview({ review: 2, history: [another] }))).toBeUndefined();
  });
});

describe("what is kept of a review", () => {
  const signed = (by: typeof cora, over: Partial<SignOff> = {}): SignOff => ({
    ...{ id: digestOf(by.name), promotion: id, review: 1, stage: 0, result: "approve", reason: "Fine." },
    ...{ roles: ["sre"], reviewer: by.identity, reviewerName: by.name, groups: by.groups, recordedAt: now },
    ...over,
  });
  const keeps = (signOff: SignOff, roles = signOff.roles): CarriedSignOff => ({ signOff, stage: 1, roles, review: 2 });
  const promotion = promotionInReview({ review: 2, invalidated: [{ signOff: digestOf("before"), why: "drifted" }] });
  const told = (kept: Partial<KeptInReview>, of: Promotion = promotion) => {
    const after = withReviewKept(of, { kept: [], fallen: [], moved: [], ...kept }, now);
    return { after, last: after.history.at(-1) ?? expect.unreachable() };
  };

  it("is told once for each review", () => {
    const { after } = told({});
    expect(keptIsTold(promotion)).toBe(false);
    expect(keptIsTold(after)).toBe(true);
    expect(keptIsTold({ ...after, review: 3 })).toBe(false);
    expect(keptIsTold({ review: 2, history: [fact("gates", { body: { review: 2, kept: [] } })] })).toBe(false);
    expect(keptIsTold({ review: 2, history: [fact("seat-reopened", { body: { review: 2 } })] })).toBe(false);
  });

  it("counts on, in the roles in which it does, and what falls counts for nothing", () => {
    const kept = keeps(signed(cora), ["a", "b"]);
    const fallen = [{ signOff: signed(sam), why: "judged what changed" }];
    const { after, last } = told({ kept: [kept], fallen });
    expect(after.carried).toEqual([kept]);
    expect(after.invalidated).toEqual([
      { signOff: digestOf("before"), why: "drifted" },
      { signOff: digestOf("Sam"), why: "judged what changed" },
    ]);
    expect(last).toMatchObject({
      type: "seat-reopened",
      at: now,
      summary:
        "The gates passed again. What Cora signed as a, b is kept. What Sam signed falls: Sam judged what changed.",
      attachments: [],
    });
    expect(last.body).toEqual({
      review: 2,
      kept: [{ signOff: digestOf("Cora"), stage: 1, roles: ["a", "b"], review: 2 }],
      fallen: [{ signOff: digestOf("Sam"), why: "judged what changed" }],
    });
  });

  it("stands beside what was kept for this review before, and for no other", () => {
    const [here, before] = [keeps(signed(cora)), { ...keeps(signed(sam)), review: 1 }];
    const next = keeps(signed(sam, { id: digestOf("again") }));
    expect(told({ kept: [next] }, { ...promotion, carried: [here, before] }).after.carried).toEqual([here, next]);
    expect(told({}, { ...promotion, carried: [before] }).after).not.toHaveProperty("carried");
  });

  it("names the promotions that what falls was given to, where it was another", () => {
    const other = id.replace(/1$/, "2") as typeof id;
    const fallen = [signed(cora), signed(sam, { promotion: other })].map((signOff) => ({ signOff, why: "left" }));
    expect(told({ fallen }).last.body["promotions"]).toEqual([{ id }, { id: other }]);
    expect(told({ fallen: fallen.slice(0, 1) }).last.body).not.toHaveProperty("promotions");
  });

  it("says of a rejection that it stands, and where, if its stage is gone", () => {
    const [no, moved] = [signed(cora, { result: "reject" }), signed(sam, { result: "reject" })];
    const { last } = told({
      kept: [keeps(no), keeps(moved)],
      moved: [{ signOff: moved.id, from: "legal", to: "compliance" }],
    });
    expect(last.summary).toBe(
      "The gates passed again. That Cora rejected it stands. That Sam rejected it in the stage 'legal', which is gone, stands in the stage 'compliance'.",
    );
  });

  it("is told in no more than fits", () => {
    const long = { signOff: signed(cora), why: "x".repeat(5000) };
    expect(told({ fallen: [long] }).last.summary.length).toBeLessThanOrEqual(4000);
  });
});
