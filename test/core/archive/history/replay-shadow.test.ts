import { describe, expect, it } from "vitest";
import { shadowChange } from "../../../../core/archive/history/replay-shadow.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import { shadowPlanDigest, shadowReportName } from "../../../../core/promotion/shadow.ts";
import { digestOf, id, now, promotionAtTheGates, promotionInReview } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";

const plan = digestOf("plan");
const report = { name: shadowReportName, mediaType: "application/json", sha256: digestOf("report") };
const evidence = { kind: "shadow-run", format: "plain", size: 3, ...report };
const record = (body: LedgerRecord["body"], attachments: LedgerRecord["attachments"] = []): LedgerRecord => ({
  ...{ recordVersion: 1, id: `${id}/9`, type: "shadow-run", at: now, promotion: id, summary: "", body, attachments },
});
const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
const judged = promotionAtTheGates({ gates });
const started = { plan, askedAt: now, beside: "champion" };
const running = promotionAtTheGates({ gates, status: "shadowing", shadow: started });
const over = { ...started, since: now, endedAt: now };

const why = (promotion: Promotion, body: LedgerRecord["body"]) =>
  codeOf(() => shadowChange(promotion, record(body, [report]))).sentence.replace(/^.*cannot stand where it does: /, "");

describe("a run in shadow", () => {
  it("begins once the gates have passed, by its plan and beside what runs", () => {
    const begins = { state: "started", plan, beside: "champion" };
    expect(shadowChange(judged, record(begins))).toEqual({ status: "shadowing", shadow: started });
    const sentence = "only a candidate whose gates passed runs in shadow.";
    expect(why(promotionAtTheGates(), begins)).toBe(sentence);
    expect(why(promotionAtTheGates({ gates: { ...gates, outcome: "blocked" } }), begins)).toBe(sentence);
    expect(why(promotionInReview(), begins)).toBe("the promotion is in-review.");
  });

  it("may have nothing to be compared with", () => {
    const alone = { state: "nothing-to-compare", plan };
    expect(shadowChange(judged, record(alone))).toEqual({ shadow: { plan, askedAt: now } });
    const sentence = "only a candidate whose gates passed runs in shadow.";
    expect(why(promotionInReview(), alone)).toBe("the promotion is in-review.");
    expect(why(promotionAtTheGates(), alone)).toBe(sentence);
  });

  it.each(["started", "nothing-to-compare"])(
    "that came out badly is followed by no other under its plan: %s",
    (state) => {
      const again = { state, plan, beside: "champion" };
      const reported = promotionAtTheGates({ gates, shadow: { ...over, evidence } as Promotion["shadow"] & object });
      for (const ran of [reported, promotionAtTheGates({ gates, shadow: { plan, askedAt: now } })])
        expect(why(ran, again)).toBe("what came of that run in shadow was told before.");
      const other = promotionAtTheGates({ gates, shadow: { ...over, plan: digestOf("other") } });
      expect(shadowChange(other, record(again))).toMatchObject({ shadow: { plan } });
    },
  );

  it("is by the plan that its rule has", () => {
    const asked = { durationSeconds: 60, requests: 3, withinSeconds: 600 };
    const begins = { state: "started", plan: shadowPlanDigest(asked), beside: "champion" };
    expect(shadowChange(judged, record(begins), asked)).toMatchObject({ status: "shadowing" });
    const other = codeOf(() => shadowChange(judged, record({ ...begins, plan }), asked)).sentence;
    expect(other).toMatch(/its rule asks for another plan of the run in shadow\.$/);
  });

  it("runs, and is over, as the records say", () => {
    const later = addSeconds(now, 60);
    const at = (body: LedgerRecord["body"], promotion = running) =>
      shadowChange(promotion, { ...record(body), at: later });
    expect(at({ state: "running" })).toEqual({ shadow: { ...started, since: later } });
    expect(at({ state: "over", requests: 3 })).toEqual({ shadow: { ...started, endedAt: later } });
    for (const state of ["running", "over"]) {
      expect(why(judged, { state, requests: 3 })).toBe("the promotion is gating.");
      expect(why(promotionAtTheGates({ status: "shadowing" }), { state, requests: 3 })).toBe(
        "the promotion is shadowing.",
      );
    }
  });

  it("brings its report once it is over, and goes back to the gates", () => {
    const reported = { state: "reported", evidence };
    const ended = promotionAtTheGates({ gates, status: "shadowing", shadow: over });
    expect(shadowChange(ended, record(reported, [report]))).toEqual({
      status: "gating",
      shadow: { ...over, evidence },
    });
    const sentence = "the run in shadow is not over.";
    expect(why(running, reported)).toBe(sentence);
    for (const part of [
      { ...started, since: now },
      { ...started, endedAt: now },
    ])
      expect(why(promotionAtTheGates({ gates, status: "shadowing", shadow: part }), reported)).toBe(sentence);
    expect(why(judged, reported)).toBe("the promotion is gating.");
  });

  it("names the report that it brings", () => {
    const ended = promotionAtTheGates({ gates, status: "shadowing", shadow: over });
    const other = `The record '${id}/9' names another report than the one that it brings.`;
    for (const wrong of [
      { ...evidence, sha256: digestOf("other") },
      { ...evidence, name: "other.json" },
    ])
      expect(codeOf(() => shadowChange(ended, record({ state: "reported", evidence: wrong }, [report])))).toEqual({
        code: "pack-invalid",
        sentence: other,
      });
  });
});
