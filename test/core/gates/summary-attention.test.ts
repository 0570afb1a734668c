import { describe, expect, it } from "vitest";
import type { Facts, Illustrations } from "../../../core/gates/facts.ts";
import type { Finding, GateReport } from "../../../core/gates/gate-report.ts";
import { attentionOf } from "../../../core/gates/summary-attention.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";
import { factsOf } from "./told-facts.ts";

const finding = (over: Partial<Finding> = {}): Finding => ({
  ...{ rule: "quality.auc", title: "AUC", status: "passed", observed: 0.8, required: { min: 0.7 } },
  ...{ where: "q.json#/auc", sentence: "AUC is 0.8; at least 0.7 is required." },
  ...over,
});

function attention(findings: readonly Finding[], facts: Partial<Facts> = {}, more: Partial<Illustrations> = {}) {
  const report: GateReport = {
    ...{ reportVersion: 1, outcome: "passed", evaluatedAt: now, freezeDigest: digestOf("m") },
    ...{ policy: { wasm: digestOf("w"), data: digestOf("d") }, findings, evidence: [] },
  };
  return attentionOf(report, factsOf(facts), { attributions: [], curve: [], calibration: [], ...more });
}

const sentences = (...of: Parameters<typeof attention>) => attention(...of).map(({ sentence }) => sentence);
const metric = (name: string, value: number, where = `q.json#/${name}`) => ({ name, value, where });
const scan = (severity: "critical" | "high" | "medium" | "low", value: number) => ({
  ...{ severity, value, where: `s.json#/${severity}` },
});

describe("what a reviewer is shown first", () => {
  it("is what did not pass, each as it came out, and nothing that did", () => {
    const failed = finding({ status: "failed", sentence: "AUC is too low." });
    const missing = finding({ status: "missing", sentence: "AUC is missing.", where: "q.json#/b" });
    const until = { dryRunUntil: now };
    const onTrial = finding({ ...until, status: "failed", sentence: "It does not block yet.", where: "q.json#/c" });
    expect(attention([failed, missing, onTrial, finding(), finding(until)])).toEqual([
      { kind: "failed", sentence: "AUC is too low.", where: "q.json#/auc" },
      { kind: "missing", sentence: "AUC is missing.", where: "q.json#/b" },
      { kind: "on-trial", sentence: "It does not block yet.", where: "q.json#/c" },
    ]);
  });

  it("is cut where there is more than anybody reads, and says how much more", () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => finding({ status: "failed", where: `q.json#/${at}` }));
    expect(attention(many(30))).toHaveLength(30);
    expect(attention(many(30)).every(({ kind }) => kind === "failed")).toBe(true);
    expect(attention(many(33))).toHaveLength(30);
    expect(attention(many(33)).at(-1)).toEqual({
      kind: "unusual",
      sentence: "And 4 more; the gate report has them all.",
      where: "gate-report.json",
    });
    const long = finding({ status: "failed", sentence: "x".repeat(500), where: "y".repeat(200) });
    expect(attention([long])).toEqual([
      { kind: "failed", sentence: `${"x".repeat(400)}…`, where: `${"y".repeat(160)}…` },
    ]);
  });
});

describe("a confidence interval that reaches beyond its bound", () => {
  const reading = (low: number, high: number, level?: number) => ({
    metrics: [{ ...metric("auc", 0.8), interval: { low, high, ...(level === undefined ? {} : { level }) } }],
  });

  it("is told of a value that passes", () => {
    expect(attention([finding()], reading(0.65, 0.9))).toEqual([
      {
        kind: "unusual",
        sentence: "The confidence interval of AUC is 0.65 to 0.9: it reaches below the required 0.7.",
        where: "q.json#/auc",
      },
    ]);
    expect(sentences([finding({ required: { max: 0.85 } })], reading(0.7, 0.9, 0.95))).toEqual([
      "The 95 % interval of AUC is 0.7 to 0.9: it reaches above the allowed 0.85.",
    ]);
  });

  it("is told of a group too", () => {
    const facets = [
      {
        ...{ facet: "sex", group: "f", metric: "DI", value: 0.8, where: "q.json#/auc" },
        interval: { low: 0, high: 1 },
      },
    ];
    expect(sentences([finding()], { facets })).toHaveLength(1);
  });

  it("is not told where it ends at the bound, or the rule did not pass, has no bound or compares", () => {
    expect(sentences([finding({ required: { min: 0.7, max: 0.9 } })], reading(0.7, 0.9))).toEqual([]);
    expect(sentences([finding({ required: null })], reading(0.1, 0.9))).toEqual([]);
    expect(sentences([finding({ rule: "champion.quality.auc" })], reading(0.1, 0.9))).toEqual([]);
    expect(sentences([finding({ where: "elsewhere" })], reading(0.1, 0.9))).toEqual([]);
    expect(sentences([finding()], { metrics: [metric("auc", 0.8)] })).toEqual([]);
    expect(sentences([finding({ status: "failed" })], reading(0.1, 0.9))).toEqual([finding().sentence]);
  });
});

describe("a model that is no better than always the same answer", () => {
  it.each(["accuracy_best_constant", "accuracy_best_constant_classifier"])("is told: %s", (name) => {
    const of = (accuracy: number) => sentences([], { metrics: [metric(name, 0.7), metric("accuracy", accuracy)] });
    expect(of(0.69)).toEqual([
      "The model is no better than always giving the most frequent answer (0.7): its accuracy is 0.69.",
    ]);
    expect(of(0.7)).toHaveLength(1);
    expect(of(0.71)).toEqual([]);
  });

  it("is told of one document alone", () => {
    const constant = metric("accuracy_best_constant", 0.7);
    expect(sentences([], { metrics: [constant, metric("accuracy", 0.6, "other.json#/accuracy")] })).toEqual([]);
    expect(sentences([], { metrics: [constant, metric("auc", 0.6)] })).toEqual([]);
    expect(sentences([], { metrics: [metric("best_constant", 0.7), metric("accuracy", 0.6)] })).toEqual([]);
    expect(sentences([], { metrics: [metric("accuracy_best_constant_of_all", 0.7), metric("accuracy", 0.6)] })).toEqual(
      [],
    );
    expect(sentences([], { metrics: [metric("my_accuracy_best_constant", 0.7), metric("accuracy", 0.6)] })).toEqual([]);
  });
});

describe("documents that disagree", () => {
  it("are told, with the least and the most, beyond what rounding explains", () => {
    const auc = (...values: readonly number[]) =>
      attention([], { metrics: values.map((value, at) => metric("auc", value, `${at}.json`)) });
    expect(auc(0.8, 0.7, 0.75)).toEqual([
      { kind: "unusual", sentence: "The documents disagree about AUC: 0.7 and 0.8.", where: "0.json, 1.json, 2.json" },
    ]);
    expect(auc(0.8, 0.8000009)).toEqual([]);
    expect(auc(0.8, 0.8000011)).toHaveLength(1);
    expect(auc(5_000_000, 5_000_004)).toEqual([]);
    expect(auc(-5_000_000, -5_000_004)).toEqual([]);
    expect(auc(0.8)).toEqual([]);
  });
});

describe("what no rule asks for", () => {
  const document: Facts["evidence"][number] = {
    ...{ name: "bias.json", kind: "bias", format: "plain", size: 1, readable: false },
    ...{ declared: digestOf("a"), computed: digestOf("a") },
  };
  const problem = { where: "bias.json#/facets", sentence: "It is no object." };

  it("and cannot be read, is told", () => {
    expect(
      sentences([], {
        evidence: [
          { ...document, problem },
          { ...document, readable: true },
        ],
      }),
    ).toEqual(["The bias document bias.json cannot be read, and no rule needs it: It is no object."]);
    expect(sentences([], { evidence: [document] })).toEqual([
      "The bias document bias.json cannot be read, and no rule needs it: ",
    ]);
    for (const where of ["bias.json", "bias.json#/facets"]) {
      const judged = finding({ status: "failed", where, sentence: "judged" });
      expect(sentences([judged], { evidence: [{ ...document, problem }] })).toEqual(["judged"]);
    }
  });

  it("and cannot be judged, is told", () => {
    const gaps = [{ subject: ["metric", "f1"] as const, where: "q.json#/f1", why: "is null" }];
    expect(attention([], { gaps })).toEqual([
      { kind: "unusual", sentence: "metric f1 is null, and no rule needs it.", where: "q.json#/f1" },
    ]);
    const judged = finding({ status: "missing", where: "q.json#/f1", sentence: "judged" });
    expect(sentences([judged], { gaps })).toEqual(["judged"]);
  });

  it("is told of a security scan: grave findings that the rules allow", () => {
    const scans = [scan("critical", 1), scan("high", 2), scan("medium", 3), scan("low", 4)];
    expect(sentences([], { scans })).toEqual([
      "The security scan has 1 critical; the rules allow it.",
      "The security scan has 2 high; the rules allow it.",
    ]);
    expect(sentences([], { scans: [scan("critical", 0), scan("high", 0)] })).toEqual([]);
    const judged = finding({ status: "failed", where: "s.json#/high", sentence: "judged" });
    expect(sentences([judged], { scans: [scan("high", 2)] })).toEqual(["judged"]);
  });
});

describe("one feature that decides nearly everything", () => {
  const of = (...values: readonly number[]) =>
    sentences([], {}, { attributions: values.map((value, at) => ({ feature: `f${at}`, value })) });

  it("is told where it is more than half of at least three", () => {
    expect(of(6, 3, 1)).toEqual(["One feature, f0, accounts for 60 % of what moves the answers."]);
    expect(of(1, -6, 3)).toEqual(["One feature, f1, accounts for 60 % of what moves the answers."]);
    expect(of(5, 4, 1)).toEqual([]);
    expect(of(9, 1)).toEqual([]);
    expect(of(0, 0, 0)).toEqual([]);
  });
});
