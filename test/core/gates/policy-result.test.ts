import { describe, expect, it } from "vitest";
import { readPolicyResult } from "../../../core/gates/policy-result.ts";
import type { GateThresholds } from "../../../core/gates/thresholds.ts";
import { now } from "../promotion/promotion-in-review.ts";
import { factsOf, findingOf } from "./told-facts.ts";

const thresholds: GateThresholds = {
  ...{ modelType: "scoring", artifacts: [], evidence: [], fairness: {}, security: {} },
  quality: { auc: { min: 0.7 } },
};
const { dryRun: _, ...auc } = findingOf({});
const applies = { rule: "policy.applies", gate: "policy", observed: "thresholds", required: "thresholds" };
const all = [{ ...auc, ...applies }, auc];

function read(result: unknown, over: Partial<GateThresholds> = {}) {
  const { sentence, ...read } = {
    sentence: undefined,
    ...readPolicyResult({ kind: "evaluated", result }, factsOf(), { ...thresholds, ...over }),
  };
  return sentence ?? read;
}

/** The findings with the second changed. */
const changed = (over: object) => read([all[0], { ...auc, ...over }]);

describe("the policy's answer", () => {
  it("is taken where every rule that is asked for is answered once", () => {
    expect(read(all)).toEqual({ kind: "findings", findings: all.map((each) => ({ ...each, dryRun: null })) });
  });

  it("may answer rules that nobody asked for, of any family", () => {
    const own = { ...auc, rule: "house.rule", gate: "house" };
    expect(read([...all, own])).toMatchObject({ findings: [{}, {}, { rule: "house.rule", gate: "other" }] });
  });

  it("is unusable where there is none", () => {
    const facts = factsOf();
    expect(readPolicyResult({ kind: "failed", sentence: "It ran out of memory." }, facts, thresholds)).toEqual({
      kind: "unusable",
      sentence: "It ran out of memory.",
    });
    expect(read(undefined)).toBe("The policy's answer has another form than was expected (as a whole).");
    expect(read({})).toBe("The policy's answer has another form than was expected (as a whole).");
    expect(read([])).toBe("The policy gave no answer.");
  });

  it("is unusable where a rule is answered twice, or not at all", () => {
    expect(read([...all, auc])).toBe("The policy answers more than once for the same rule.");
    expect(read([auc])).toMatch(/^The policy says nothing about policy\.\w+\.$/);
    const many = { quality: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((n) => [`m${n}`, { min: 0 }])) };
    expect(read(all, many)).toBe(
      "The policy says nothing about quality.m1, quality.m2, quality.m3, quality.m4, quality.m5.",
    );
  });

  it.each<[string, unknown]>([
    ["nothing", null],
    ["a word", "passed"],
    ["no rule", { ...auc, rule: undefined }],
    ["an empty rule", { ...auc, rule: "" }],
    ["a rule that is no text", { ...auc, rule: 7 }],
    ["no subject", { ...auc, subject: "auc" }],
    ["a subject that is no text", { ...auc, subject: ["metric", 7] }],
    ["another status", { ...auc, status: "ok" }],
    ["no observed value", { ...auc, observed: undefined }],
    ["an observed value that JSON cannot carry", { ...auc, observed: Number.NaN }],
    ["an observed value that JSON cannot carry, within", { ...auc, observed: { low: [Number.POSITIVE_INFINITY] } }],
    ["no required value", { ...auc, required: undefined }],
    ["a required value that JSON cannot carry", { ...auc, required: { max: () => 1 } }],
    ["no place", { ...auc, where: null }],
    ["a trial until no time", { ...auc, dryRun: "soon" }],
  ])("is unusable with %s for a finding", (_name, finding) => {
    expect(read([all[0], finding])).toBe("The policy's answer has another form than was expected (finding 1).");
  });

  it.each(["passed", "failed", "missing"])("may say of a rule: %s", (status) => {
    expect(changed({ status })).toMatchObject({ findings: [{}, { status }] });
  });

  it.each([[null], [true], ["text"], [1], [[]], [{ low: [1, { high: null }] }]])("may observe %j", (observed) => {
    expect(changed({ observed, status: "failed" })).toMatchObject({ findings: [{}, { observed }] });
  });

  it("is unusable where it lets pass what is not as it says itself that it asks", () => {
    const belied = "The policy lets quality.auc pass, and says itself that it is not as it asks.";
    expect(changed({ status: "passed", observed: 0.1, required: { min: 0.72 } })).toBe(belied);
    expect(changed({ status: "failed", observed: 0.1, required: { min: 0.72 } })).toMatchObject({ kind: "findings" });
  });

  it("takes no rule for a trial that the thresholds do not ask for", () => {
    const until = "2027-01-01T00:00:00.000Z" as typeof now;
    const onTrial = [all[0], { ...auc, dryRun: until }];
    expect(read(onTrial)).toBe("The policy takes quality.auc for a dry run that the thresholds do not ask for.");
    expect(read(onTrial, { dryRun: [{ rule: "quality", until }] })).toMatchObject({
      findings: [{}, { dryRun: until }],
    });
    expect(read(onTrial, { dryRun: [{ rule: "quality", until: now }] })).toMatch(/^The policy takes quality\.auc/);
    // That it enforces what is on trial is safe.
    expect(read(all, { dryRun: [{ rule: "quality", until }] })).toMatchObject({ kind: "findings" });
  });
});
