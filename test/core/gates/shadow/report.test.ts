import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { base64 } from "../../../../core/encoding/base64.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";
import { plainShadowRun } from "../../../../core/gates/readers/plain-measures.ts";
import { answersIn } from "../../../../core/gates/shadow/answers.ts";
import { readCaptures } from "../../../../core/gates/shadow/captures.ts";
import { stabilityIndex } from "../../../../core/gates/shadow/psi.ts";
import {
  comparedAnswers,
  observationsBytes,
  pairedAnswers,
  readObservations,
  type ShadowObservations,
  shadowReportBytes,
} from "../../../../core/gates/shadow/report.ts";
import { digestOf, id } from "../../promotion/promotion-in-review.ts";

/** One line as SageMaker writes it: model-monitor-data-capture-endpoint.html */
function line(input: string, output: string, over: { readonly at?: string; readonly encoding?: string } = {}): string {
  const { at = "2026-11-26T10:00:00Z", encoding = "CSV" } = over;
  return JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: "text/csv", mode: "INPUT", data: input, encoding: "CSV" },
      endpointOutput: { observedContentType: "text/csv", mode: "OUTPUT", data: output, encoding },
    },
    eventMetadata: { eventId: "5bc4d2b5", inferenceTime: at },
    eventVersion: "0",
  });
}
const captured = (...lines: readonly string[]) => readCaptures(utf8(lines.join("\n"))).captures;

describe("captures", () => {
  it("are read line by line, and what was asked is a digest only", () => {
    const { captures, unreadable } = readCaptures(utf8(`${line("34,1", "0.7")}\n\n{"not": "a capture"}\nno JSON\n`));
    expect(captures).toEqual([
      {
        request: digestOf("CSV\n34,1"),
        at: "2026-11-26T10:00:00Z",
        answer: { data: "0.7", encoding: "CSV" },
      },
    ]);
    expect(unreadable).toBe(2);
  });

  it("in base64 are taken apart, and one that is no base64 cannot be read", () => {
    const json = base64(utf8('{"score": 0.7}'));
    expect(captured(line("a", json, { encoding: "BASE64" }))[0]?.answer).toEqual({
      data: '{"score": 0.7}',
      encoding: "JSON",
    });
    expect(readCaptures(utf8(line("a", "%%%", { encoding: "BASE64" })))).toEqual({ captures: [], unreadable: 1 });
  });

  it("of the same request belong together, however the answers came", () => {
    const champion = captured(
      line("a", "0.1", { at: "2026-11-26T10:00:01Z" }),
      line("b", "0.2"),
      line("a", "0.3", { at: "2026-11-26T10:00:03Z" }),
      line("only here", "0.9"),
    );
    const candidate = captured(
      line("a", "0.33", { at: "2026-11-26T10:00:04Z" }),
      line("a", "0.11", { at: "2026-11-26T10:00:02Z" }),
      line("b", "0.22"),
    );
    expect(pairedAnswers(champion, candidate).map((pair) => pair.map(({ answer }) => answer.data))).toEqual([
      ["0.2", "0.22"],
      ["0.1", "0.11"],
      ["0.3", "0.33"],
    ]);
  });
});

describe("answers", () => {
  const json = (value: unknown, places = {}) => answersIn({ encoding: "JSON", data: JSON.stringify(value) }, places);

  it.each([
    ["a number", json(0.7), [{ score: 0.7, decision: "0.7" }]],
    ["a number on a side of the threshold", json(0.7, { threshold: 0.5 }), [{ score: 0.7, decision: "true" }]],
    [
      "rows of a list",
      json({ predictions: [{ p: 0.2, label: "no" }] }, { list: "/predictions", score: "/p", decision: "/label" }),
      [{ score: 0.2, decision: '"no"' }],
    ],
    [
      "a score that is no number",
      json({ p: "0.2", label: "no" }, { score: "/p", decision: "/label" }),
      [{ score: null, decision: '"no"' }],
    ],
    [
      "an answer without the decision",
      json({ p: 0.2 }, { score: "/p", decision: "/label" }),
      [{ score: 0.2, decision: null }],
    ],
    ["a member that every object inherits", json({}, { list: "/constructor" }), undefined],
    ["no list where one is named", json({ predictions: 1 }, { list: "/predictions" }), undefined],
    [
      "lines",
      answersIn({ encoding: "CSV", data: "0.7,good\n-1e-3\nbad\n" }, { threshold: 0.5 }),
      [
        { score: 0.7, decision: "true" },
        { score: -0.001, decision: "false" },
        { score: null, decision: null },
      ],
    ],
    ["something that is no JSON", answersIn({ encoding: "JSON", data: "{" }), undefined],
  ])("%s", (_, found, expected) => {
    expect(found).toEqual(expected);
  });
});

describe("the stability index", () => {
  const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 });

  it("is nought for the same scores, in whatever order, and never below", () => {
    fc.assert(
      fc.property(scores, scores, (a, b) => {
        expect(stabilityIndex(a, a.toReversed(), "common-scores-apart")).toBeCloseTo(0, 12);
        expect(stabilityIndex(a, b, "common-scores-apart")).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is what the formula says: halves of the scores that moved by a tenth", () => {
    // Two bins before and after: 0.5/0.5 becomes 0.6/0.4, so 0.1·ln(1.2) − 0.1·ln(0.8).
    const before = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1];
    const after = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
    const empty = 0; // The bin below the lowest edge has the least share in both.
    expect(stabilityIndex(before, after, "tenths")).toBeCloseTo(0.1 * Math.log(1.2) - 0.1 * Math.log(0.8) + empty, 6);
  });

  it("cannot be told of nothing", () => {
    expect(stabilityIndex([], [1], "tenths")).toBeUndefined();
  });
});

describe("the report of a run in shadow", () => {
  const measured = { invocations: 4, errors4xx: 0, errors5xx: 0, latencyP50Milliseconds: 3, latencyP95Milliseconds: 9 };
  const base: ShadowObservations = {
    observationsVersion: 1,
    promotion: id,
    plan: digestOf("plan"),
    beside: "p-before",
    from: "2026-11-26T10:00:00.000Z" as Instant,
    until: "2026-11-26T11:00:00.000Z" as Instant,
    measured: { champion: measured, candidate: measured },
    captured: { champion: 4, candidate: 4, unreadable: 0 },
    compared: 4,
    answers: [
      [0.1, 0.1, 1],
      [0.9, 0.8, 1],
      [0.4, 0.6, 0],
      [0.7, 0.7, 1],
    ],
  };
  const metrics = (over: Partial<ShadowObservations>) => {
    const reading = plainShadowRun.read(shadowReportBytes({ ...base, ...over }), "_shadow-run.json");
    if (reading.kind !== "read") throw new Error(reading.sentence);
    return Object.fromEntries((reading.facts.measures ?? []).map(({ name, value }) => [name, value]));
  };

  it("says what the gates read: requests, agreement, errors, latency and the shift of the scores", () => {
    expect(metrics({})).toEqual({
      requests: 4,
      agreement: 0.75,
      error_rate: 0,
      latency_p50_ms: 3,
      latency_p95_ms: 9,
      psi: expect.any(Number),
    });
  });

  it("counts what the candidate leaves unanswered, but not what nobody can answer", () => {
    const candidate = { ...measured, errors4xx: 3, errors5xx: 1 };
    const champion = { ...measured, errors4xx: 3 };
    expect(metrics({ measured: { champion: measured, candidate } })["error_rate"]).toBe(1);
    expect(metrics({ measured: { champion, candidate } })["error_rate"]).toBe(0.25);
  });

  it("counts as refused what the candidate refuses more often, where it got fewer requests than what answers", () => {
    const champion = { ...measured, invocations: 1000, errors4xx: 100 };
    const candidate = { ...measured, invocations: 100, errors4xx: 100 };
    expect(metrics({ measured: { champion, candidate } })["error_rate"]).toBe(0.9);
    expect(metrics({ measured: { champion, candidate: { ...candidate, errors4xx: 10 } } })["error_rate"]).toBe(0);
    const none = { invocations: 0, errors4xx: 0, errors5xx: 0 };
    expect(metrics({ measured: { champion: none, candidate } })["error_rate"]).toBe(1);
  });

  it("sees that a candidate finds everything positive, where what answers rarely does", () => {
    const answers = Array.from({ length: 100 }, (_, row) => [row < 95 ? 0 : 1, 1, row < 95 ? 0 : 1] as const);
    expect(metrics({ answers, compared: 100 })["psi"]).toBeGreaterThan(10);
  });

  it("is of the first version as long as that says the same, so that a verifier of before can judge it", () => {
    const version = (over: Partial<ShadowObservations>) =>
      JSON.parse(fromUtf8(shadowReportBytes({ ...base, ...over })))["reportVersion"];
    expect(version({})).toBe(1);
    const rarely = Array.from({ length: 100 }, (_, row) => [row < 95 ? 0 : 1, row < 95 ? 0 : 1, 1] as const);
    expect(version({ answers: rarely })).toBe(1);
    expect(version({ answers: rarely.map(([one]) => [one, 1, one]) })).toBe(2);
    const champion = { ...measured, invocations: 1000, errors4xx: 1 };
    const candidate = { ...measured, errors4xx: 1 };
    expect(version({ measured: { champion, candidate } })).toBe(2);
    expect(version({ measured: { champion: candidate, candidate } })).toBe(1);
  });

  it("of answers that nobody saw counts the candidate's requests, and says nothing of agreement", () => {
    const nothing = { captured: { champion: 0, candidate: 0, unreadable: 0 }, compared: 0, answers: [] };
    expect(metrics({ observationsVersion: 2, ...nothing })).toEqual({
      requests: 4,
      error_rate: 0,
      latency_p50_ms: 3,
      latency_p95_ms: 9,
    });
    expect(metrics(nothing)["requests"]).toBe(0);
  });

  it("leaves out what cannot be told, so that a rule about it finds it missing", () => {
    const none = { invocations: 0, errors4xx: 0, errors5xx: 0 };
    expect(metrics({ answers: [], compared: 0, measured: { champion: none, candidate: none } })).toEqual({
      requests: 0,
    });
    expect(
      metrics({
        answers: [
          [0.1, null, 0],
          [0.1, 0.1, 1],
        ],
      }),
    ).not.toHaveProperty("psi");
  });

  it("follows from the observations, which hold nothing of what was asked", () => {
    const bytes = observationsBytes(base);
    expect(readObservations(bytes)).toEqual(base);
    expect(shadowReportBytes(readObservations(bytes))).toEqual(shadowReportBytes(base));
    expect(() => readObservations(utf8('{"observationsVersion":1}'))).toThrow("not of the form");
  });

  it("takes rows that only one of the two answered as rows in which they differ", () => {
    const pair = pairedAnswers(captured(line("a", "0.1\n0.9")), captured(line("a", "0.1")));
    expect(comparedAnswers(pair, {})).toEqual([
      [0.1, 0.1, 1],
      [0.9, null, 0],
    ]);
    const nothing = pairedAnswers(
      captured(line("a", "{", { encoding: "JSON" })),
      captured(line("a", "{", { encoding: "JSON" })),
    );
    expect(comparedAnswers(nothing, {})).toEqual([[null, null, 0]]);
  });
});
