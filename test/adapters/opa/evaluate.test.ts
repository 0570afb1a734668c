import { describe, expect, it } from "vitest";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import type { Facts } from "../../../core/gates/facts.ts";
import { gatherFacts } from "../../../core/gates/gather-facts.ts";
import { judge } from "../../../core/gates/judge.ts";
import { goodCandidate, judgementOf, shippedThresholds, shippedWasm } from "../../core/gates/candidate.ts";

const judgement = judgementOf(goodCandidate);
const { facts } = gatherFacts(judgement.manifest, judgement, judgement);
const [thresholds] = shippedThresholds.rules;

describe("compiledPolicy", () => {
  it("gives one finding for every rule", () => {
    const evaluation = compiledPolicy(shippedWasm).evaluate(facts, thresholds === undefined ? {} : { thresholds });
    expect(evaluation).toMatchObject({ kind: "evaluated", result: expect.arrayContaining([expect.anything()]) });
  });

  it("answers the same when it is warm, whatever it judged in between", () => {
    const policy = compiledPolicy(shippedWasm);
    const data = thresholds === undefined ? {} : { thresholds };
    const first = JSON.stringify(policy.evaluate(facts, data));
    policy.evaluate({ ...facts, metrics: [] }, {});
    policy.evaluate(facts, { thresholds: { ...shippedThresholds.rules[1], modelType: "x" } as never });
    expect(JSON.stringify(policy.evaluate(facts, data))).toBe(first);
  });

  it("carries text beyond the basic plane and quotes through the engine", () => {
    const strange = { ...facts, model: { ...facts.model, type: 'a "b" \u0000 \u{1F600} ü' } };
    const evaluation = compiledPolicy(shippedWasm).evaluate(strange, {});
    expect(JSON.stringify(evaluation)).toContain("\u{1F600}");
  });

  it.each<[string, Uint8Array]>([
    ["no wasm at all", new Uint8Array([1, 2, 3])],
    ["wasm without a policy", new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])],
    ["half of the policy", shippedWasm.subarray(0, shippedWasm.length / 2)],
  ])("answers 'failed' for %s, and the report is blocked with a sentence", (_name, wasm) => {
    const policy = compiledPolicy(wasm);
    expect(policy.evaluate(facts, {})).toEqual({
      kind: "failed",
      sentence: expect.stringMatching(/^The policy engine stopped/),
    });
    const report = judge({ ...judgement, evaluate: policy.evaluate }).report;
    expect(report.outcome).toBe("blocked");
    expect(report.findings).toMatchObject([{ rule: "policy.result", status: "failed" }]);
  });

  it("does not load a policy that is too large", () => {
    expect(compiledPolicy(new Uint8Array(16 * 1024 * 1024 + 1)).evaluate(facts, {})).toEqual({
      kind: "failed",
      sentence: "The policy has 16777217 bytes; at most 16777216 are loaded.",
    });
  });

  it("works again after an input that it could not take", () => {
    const policy = compiledPolicy(shippedWasm);
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    expect(policy.evaluate(circular as unknown as Facts, {}).kind).toBe("failed");
    expect(policy.evaluate(facts, {}).kind).toBe("evaluated");
  });

  it("stops at its memory limit instead of taking the machine's", () => {
    const long = "x".repeat(1_000_000);
    const metrics = Array.from({ length: 60 }, () => ({ name: long, value: 1, where: long }));
    const policy = compiledPolicy(shippedWasm);
    expect(policy.evaluate({ ...facts, metrics }, {}).kind).toBe("failed");
    expect(policy.evaluate(facts, {}).kind).toBe("evaluated");
  });

  it("names the digest of the bytes that it runs", () => {
    expect(compiledPolicy(shippedWasm).digest).toMatch(/^[0-9a-f]{64}$/);
  });
});
