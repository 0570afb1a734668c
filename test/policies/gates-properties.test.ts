import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../core/gates/judge.ts";
import { type Candidate, documents, goodCandidate, judgementOf, reportOf } from "../core/gates/candidate.ts";

const names = Object.keys(documents);
const number = fc.oneof(fc.double({ noNaN: true, min: -2, max: 2 }), fc.constantFrom(0.72, 0.8, 0, "NaN", null));

/** Candidates around the bounds: some pass, most do not. */
const candidate: fc.Arbitrary<Candidate> = fc
  .record({
    auc: number,
    accuracy: number,
    di: number,
    critical: fc.constantFrom(0, 0, 0, 1, null),
    good: fc.boolean(),
  })
  .map(({ auc, accuracy, di, critical, good }) => {
    if (good) return goodCandidate;
    const group = (value: unknown) => ({ disadvantaged: "d", metrics: { DI: value, DPPL: 0, RD: 0 } });
    return {
      ...goodCandidate,
      documents: {
        ...documents,
        "model-quality.json": { ...documents["model-quality.json"], content: { metrics: { auc, accuracy } } },
        "bias.json": { ...documents["bias.json"], content: { facets: { sex: group(di), age: group(1) } } },
        "security-scan.json": { ...documents["security-scan.json"], content: { counts: { critical, high: 0 } } },
      },
    };
  });

describe("whatever the evidence says", () => {
  it("taking required evidence out of the manifest blocks", () => {
    fc.assert(
      fc.property(candidate, fc.subarray(names, { minLength: 1 }), (from, removed) => {
        const left = Object.entries(from.documents).filter(([name]) => !removed.includes(name));
        expect(reportOf({ ...from, documents: Object.fromEntries(left) }).outcome).toBe("blocked");
      }),
      { numRuns: 60 },
    );
  });

  it("losing the bytes of declared evidence blocks", () => {
    fc.assert(
      fc.property(candidate, fc.subarray(names, { minLength: 1 }), (from, removed) => {
        const judgement = judgementOf(from);
        const evidence = new Map([...judgement.evidence].filter(([name]) => !removed.includes(name)));
        expect(judge({ ...judgement, evidence }).report.outcome).toBe("blocked");
      }),
      { numRuns: 60 },
    );
  });

  it("changing one byte of declared evidence blocks", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 1, max: 255 }), (name, at, flip) => {
        const judgement = judgementOf(goodCandidate);
        const bytes = new Uint8Array(judgement.evidence.get(name) ?? []);
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
        expect(judge({ ...judgement, evidence: new Map(judgement.evidence).set(name, bytes) }).report.outcome).toBe(
          "blocked",
        );
      }),
      { numRuns: 60 },
    );
  });

  it("a pass means that every number is a number within its bounds", () => {
    fc.assert(
      fc.property(candidate, (from) => {
        const report = reportOf(from);
        const within = report.findings.every(({ observed, required }) => {
          const { min, max } = (required ?? {}) as { min?: number; max?: number };
          if (min === undefined && max === undefined) return true;
          return typeof observed === "number" && observed >= (min ?? observed) && observed <= (max ?? observed);
        });
        expect(report.outcome === "passed").toBe(within && report.findings.every(({ status }) => status === "passed"));
      }),
      { numRuns: 100 },
    );
  });

  it("the report does not depend on the order of documents, nor on what was judged before", () => {
    fc.assert(
      fc.property(candidate, fc.shuffledSubarray(names, { minLength: names.length }), (from, order) => {
        const shuffled = Object.fromEntries(
          order.map((name) => [name, from.documents[name] ?? documents["bias.json"]]),
        );
        const { findings, outcome } = reportOf({ ...from, documents: shuffled });
        const first = reportOf(from);
        expect(outcome).toBe(first.outcome);
        expect(findings.toSorted((a, b) => (a.rule < b.rule ? -1 : 1))).toEqual(
          first.findings.toSorted((a, b) => (a.rule < b.rule ? -1 : 1)),
        );
      }),
      { numRuns: 40 },
    );
  });
});
