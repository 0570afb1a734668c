import { describe, expect, it } from "vitest";
import { compiledPolicy } from "../../../adapters/opa/evaluate.ts";
import { timedPolicies } from "../../../adapters/opa/timed-policies.ts";
import { gatherFacts } from "../../../core/gates/gather-facts.ts";
import { goodCandidate, judgementOf, shippedWasm } from "../../core/gates/candidate.ts";

const judgement = judgementOf(goodCandidate);
const { facts } = gatherFacts(judgement.manifest, judgement, judgement);

/** A module that begins with a loop without an end; `more` makes it another one. */
function endless(more = 0): Uint8Array {
  const body = [0x00, ...Array.from({ length: more }, () => 0x01), 0x03, 0x40, 0x0c, 0x00, 0x0b, 0x0b];
  return Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[0x01, 4, 1, 0x60, 0, 0],
    ...[0x03, 2, 1, 0],
    ...[0x08, 1, 0],
    ...[0x0a, body.length + 2, 1, body.length, ...body],
  );
}

describe("policies with a limit", () => {
  it("come to what they come to without one", () => {
    const { evaluate } = compiledPolicy(shippedWasm);
    expect(timedPolicies()(shippedWasm)(facts, {})).toEqual(evaluate(facts, {}));
  });

  it("are stopped where they do not end, and not tried again", () => {
    const policies = timedPolicies(50);
    const sentence = "The policy was stopped: it did not come to an end within 0.05 seconds.";
    expect(policies(endless())(facts, {})).toEqual({ kind: "failed", sentence });
    // Had it been run again, it would have cost the limit again; a policy that ends is none the worse.
    const evaluate = policies(endless());
    const began = process.cpuUsage().user;
    for (let tried = 0; tried < 20; tried += 1) expect(evaluate(facts, {})).toEqual({ kind: "failed", sentence });
    expect(process.cpuUsage().user - began).toBeLessThan(20 * 50_000);
  });

  it("are given up altogether after three", () => {
    const policies = timedPolicies(20);
    for (const more of [0, 1, 2]) expect(policies(endless(more))(facts, {})).toMatchObject({ kind: "failed" });
    expect(policies(endless(3))(facts, {})).toEqual({
      kind: "failed",
      sentence: "No policy is run any more: 3 of this pack did not come to an end.",
    });
  });
});
