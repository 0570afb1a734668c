import { describe, expect, it } from "vitest";
import type { Instant } from "../../../core/encoding/instant.ts";
import {
  type MeasuredMetric,
  type OutcomeReport,
  outcomeFact,
  outOfBounds,
  parseOutcomeReport,
  ranInProduction,
  reporterMark,
  sameReport,
  speaksAgainst,
} from "../../../core/promotion/outcome.ts";
import { codeOf, told } from "../refusal.ts";
import { digestOf, now, promotionInReview } from "./promotion-in-review.ts";

const monitor = { issuer: "https://ci.example", subject: "machine/monitor" };
const window = { from: "2026-11-20T00:00:00.000Z" as Instant, until: "2026-11-21T00:00:00.000Z" as Instant };
const report: OutcomeReport = {
  id: "r-1",
  kind: "metric",
  window,
  source: "monitor",
  description: "Fewer are right.",
  metric: { name: "auc", value: 0.6, min: 0.7 },
};
const document = {
  name: "report.json",
  mediaType: "application/json",
  size: 5,
  sha256: digestOf("report"),
  uri: "s3://exchange/incoming/report.json",
};

describe("a metric", () => {
  it.each<[Omit<MeasuredMetric, "name">, boolean]>([
    [{ value: 0.7, min: 0.7 }, false],
    [{ value: 0.69, min: 0.7 }, true],
    [{ value: 5, max: 5 }, false],
    [{ value: 5.1, max: 5 }, true],
    [{ value: 3, min: 1, max: 5 }, false],
    [{ value: -3 }, false],
  ])("of %j is out of its bounds: %s", (metric, out) => {
    expect(outOfBounds({ name: "m", ...metric })).toBe(out);
    expect(speaksAgainst({ kind: "metric", metric: { name: "m", ...metric } })).toBe(out);
  });

  it("that is not given speaks against nothing, and whatever else was noticed does", () => {
    expect(speaksAgainst({ kind: "metric" })).toBe(false);
    expect(speaksAgainst({ kind: "complaint" })).toBe(true);
    expect(speaksAgainst({ kind: "drift", metric: { name: "m", value: 1 } })).toBe(true);
  });
});

describe("a report about production", () => {
  it("is read as it was sent", () => {
    expect(parseOutcomeReport({ ...report, report: document })).toEqual({ ...report, report: document });
    const { metric: _, ...complaint } = { ...report, kind: "complaint" };
    expect(parseOutcomeReport(complaint)).toEqual(complaint);
  });

  it.each<[string, object, RegExp]>([
    ["an id of other signs", { id: "-1" }, /id must be 1 to 120 letters/],
    ["an id that is too long", { id: "x".repeat(121) }, /id must be 1 to 120 letters/],
    ["a kind that nobody knows", { kind: "praise" }, /kind/],
    ["a time that is none", { window: { ...window, from: "yesterday" } }, /window\.from must be a time such as/],
    ["a window that is empty", { window: { from: window.from, until: window.from } }, /must begin before it ends/],
    [
      "a window that ends before it begins",
      { window: { from: window.until, until: window.from } },
      /must begin before/,
    ],
    [
      "a document that is called as one that exports without personal data leave out",
      { report: { ...document, name: "People.yaml" } },
      /report must not have a name that Countersign's own documents have/,
    ],
    ["no source", { source: "" }, /source must not be empty/],
    ["an endless description", { description: "x".repeat(2001) }, /description must be at most 2000 characters/],
    ["a metric without a name", { metric: { name: "", value: 1 } }, /metric\.name must be the name of a metric/],
    ["a metric that is no number", { metric: { name: "auc", value: "0.6" } }, /metric\.value/],
    [
      "an endless metric",
      { metric: { name: "auc", value: Number.POSITIVE_INFINITY } },
      /metric\.value must be a number/,
    ],
    ["no metric where it is about one", { metric: undefined }, /must have a 'metric' where its kind is that|metric/],
    ["a field that nobody knows", { note: "x" }, /note/],
  ])("is refused with %s", (_, over, sentence) => {
    const refusal = codeOf(() => parseOutcomeReport(JSON.parse(JSON.stringify({ ...report, ...over }))));
    const sent = codeOf(() => parseOutcomeReport({ ...report, ...over }));
    expect(sent.code).toBe("invalid-request");
    expect([refusal.sentence, sent.sentence].join("\n")).toMatch(sentence);
  });

  it("becomes a fact that says what was noticed, and whether it speaks against the approval", () => {
    const promotion = promotionInReview();
    expect(outcomeFact(promotion, { ...report, report: document }, monitor, now)).toEqual({
      id: `${promotion.id}/outcome/${reporterMark(monitor)}/r-1`,
      type: "outcome",
      at: now,
      promotion: promotion.id,
      summary: "auc 0.6, out of its bounds, was reported of credit-scoring 1.4.0 in production.",
      body: {
        kind: "metric",
        window,
        source: "monitor",
        description: "Fewer are right.",
        by: monitor,
        against: true,
        metric: report.metric,
      },
      attachments: [{ name: "report.json", mediaType: "application/json", sha256: document.sha256 }],
    });
  });

  it.each<[OutcomeReport["kind"], MeasuredMetric | undefined, string]>([
    ["metric", { name: "auc", value: 0.8, min: 0.7 }, "auc 0.8 was"],
    ["metric", undefined, "A metric was"],
    ["complaint", undefined, "A complaint was"],
    ["incident", undefined, "An incident was"],
    ["rollback", undefined, "A rollback was"],
    ["drift", undefined, "Drift was"],
  ])("of the kind %s begins with what it is", (kind, metric, words) => {
    const { metric: _, ...rest } = report;
    const fact = outcomeFact(
      promotionInReview(),
      { ...rest, kind, ...(metric === undefined ? {} : { metric }) },
      monitor,
      now,
    );
    expect(fact.summary).toBe(`${words} reported of credit-scoring 1.4.0 in production.`);
    expect(fact.attachments).toEqual([]);
    expect("metric" in fact.body).toBe(metric !== undefined);
  });

  it("is the same again whenever it is told, and another where it says something else", () => {
    const fact = outcomeFact(promotionInReview(), report, monitor, now);
    const again = outcomeFact(promotionInReview(), report, monitor, "2026-11-24T00:00:00.000Z" as Instant);
    expect(sameReport(fact, again)).toBe(true);
    const other = { ...report, description: "More are right." };
    expect(sameReport(fact, outcomeFact(promotionInReview(), other, monitor, now))).toBe(false);
    const attached = outcomeFact(promotionInReview(), { ...report, report: document }, monitor, now);
    expect(sameReport(fact, attached)).toBe(false);
  });

  it("marks its reporter alike for one identity only", () => {
    expect(reporterMark(monitor)).toMatch(/^[0-9a-f]{16}$/);
    expect(reporterMark({ ...monitor, subject: "machine/other" })).not.toBe(reporterMark(monitor));
  });

  it("is about what was deployed at all", () => {
    const fact = outcomeFact(promotionInReview(), report, monitor, now);
    expect(ranInProduction({ history: [{ ...fact, type: "deployment-started" }, fact] })).toBe(true);
    expect(ranInProduction({ history: [fact] })).toBe(false);
    expect(ranInProduction({ history: [] })).toBe(false);
  });

  it("names every field that is wrong at once", () => {
    expect(told(codeOf(() => parseOutcomeReport({})))).toMatch(/^invalid-request: .*id.*kind/s);
  });
});
