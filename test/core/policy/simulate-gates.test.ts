import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { simulateGates, sketchedManifest } from "../../../core/policy/simulate-gates.ts";
import { parseRequestSketch } from "../../../core/promotion/request-sketch.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { shippedPolicy, shippedThresholdsFor } from "../gates/candidate.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { bytes, now, policy, request } from "./simulated.ts";

const requester = { issuer: "https://ci.example", subject: "pipeline" };
const target: Target = {
  ...{ name: "production", kind: "sagemaker-endpoint", endpoint: "credit-scoring" },
  ...{ instanceType: "ml.m5.large", instanceCount: 1 },
};

type Input = Parameters<typeof simulateGates>[0];

function judged(over: Partial<Omit<Input, "manifest">> = {}, asked: object = request) {
  const evidence = over.evidence ?? bytes;
  return simulateGates({
    manifest: sketchedManifest(parseRequestSketch(asked), evidence, { target, requester }),
    measured: true,
    evidence,
    thresholds: shippedThresholdsFor("credit-scoring", "production"),
    releases: [],
    wasmDigest: policy.wasmDigest,
    evaluate: shippedPolicy.evaluate,
    now,
    ...over,
  });
}

const without = (...names: readonly string[]) => new Map([...bytes].filter(([name]) => !names.includes(name)));

describe("the manifest that a sketch would freeze to", () => {
  it("takes what the request says, and fills in what it leaves out", () => {
    const sketch = parseRequestSketch({
      model: { name: "credit-scoring", type: "credit-scoring" },
      target: "production",
      artifacts: [
        { role: "model", name: "model.bin" },
        { role: "environment", name: "lock.json", size: 7, sha256: digestOf("lock") },
      ],
      evidence: [
        { kind: "bias", format: "plain", name: "given.json" },
        { kind: "bias", format: "plain", name: "declared.json", size: 3, sha256: digestOf("declared") },
        { kind: "bias", format: "plain", name: "missing.json" },
      ],
      classification: { riskTier: "high" },
    });
    const given = utf8("{}");
    const mediaType = "application/octet-stream";
    const unknown = "0".repeat(64);
    expect(sketchedManifest(sketch, new Map([["given.json", given]]), { target, requester })).toEqual({
      manifestVersion: 1,
      model: { name: "credit-scoring", type: "credit-scoring", version: "unnamed" },
      target,
      artifacts: [
        { role: "model", name: "model.bin", mediaType, size: 0, sha256: unknown },
        { role: "environment", name: "lock.json", mediaType, size: 7, sha256: digestOf("lock") },
      ],
      evidence: [
        { kind: "bias", format: "plain", name: "given.json", mediaType, size: 2, sha256: sha256Hex(given) },
        { kind: "bias", format: "plain", name: "declared.json", mediaType, size: 3, sha256: digestOf("declared") },
        { kind: "bias", format: "plain", name: "missing.json", mediaType, size: 0, sha256: unknown },
      ],
      requester,
      lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
      classification: { riskTier: "high" },
    });
  });

  it("keeps the version that the request names, and leaves out a class that it does not", () => {
    const manifest = sketchedManifest(parseRequestSketch(request), bytes, { target, requester });
    expect(manifest.model.version).toBe("2.0.0");
    expect(manifest).not.toHaveProperty("classification");
  });
});

describe("judging what is at hand", () => {
  it("passes with all of it, and tells the facts that the matrix may ask for", () => {
    const { gates, facts } = judged();
    expect(gates).toMatchObject({ outcome: "passed", undecided: [], notGiven: [] });
    expect(facts).toMatchObject({ metrics: { accuracy: [0.76], auc: [0.79] }, infrastructureChanges: 3 });
  });

  it("says nothing where nothing is at hand", () => {
    expect(judged({ evidence: new Map() })).toEqual({
      gates: { outcome: "not-judged", findings: [], undecided: [], notGiven: [...bytes.keys()] },
    });
    expect(judged({}, { ...request, evidence: [] })).toEqual({
      gates: { outcome: "not-judged", findings: [], undecided: [], notGiven: [] },
    });
  });

  it("leaves open what a document says that nobody gave, and tells no facts", () => {
    const { gates, facts } = judged({ evidence: without("bias.json", "security-scan.json") });
    expect(gates).toMatchObject({ outcome: "undecided", notGiven: ["bias.json", "security-scan.json"] });
    expect(gates.undecided).toEqual(
      expect.arrayContaining(["evidence.bias", "digest.bias.json", "evidence.security-scan", "fairness.age.RD"]),
    );
    expect(gates.undecided.filter((rule) => rule.startsWith("quality."))).toEqual([]);
    expect(facts).toBeUndefined();
  });

  it("blocks by what is at hand, whatever else is not", () => {
    const evidence = new Map([...without("bias.json"), ["model-quality.json", utf8('{"metrics":{"accuracy":0.7}}')]]);
    const { gates } = judged({ evidence });
    expect(gates.outcome).toBe("blocked");
    expect(gates.undecided).toContain("quality.auc");
    expect(gates.undecided).not.toContain("quality.accuracy");
  });

  it("blocks by what is missing in a document that was given, where all were", () => {
    const evidence = new Map([...bytes, ["model-quality.json", utf8('{"metrics":{"accuracy":0.76}}')] as const]);
    expect(judged({ evidence }).gates).toMatchObject({ outcome: "blocked", undecided: [] });
  });

  it("blocks by a document that is not the one that the request declares", () => {
    const declared = request.evidence.map((each) =>
      each.name === "bias.json" ? { ...each, sha256: digestOf("another") } : each,
    );
    const { gates } = judged({}, { ...request, evidence: declared });
    expect(gates).toMatchObject({ outcome: "blocked", undecided: [] });
    expect(gates.findings).toContainEqual(expect.objectContaining({ rule: "digest.bias.json", status: "failed" }));
  });

  it("compares with nothing where nobody knows what was released before", () => {
    const { gates, facts } = judged({ releases: undefined });
    expect(gates.outcome).toBe("undecided");
    expect(gates.undecided.length).toBeGreaterThan(0);
    expect(gates.undecided.every((rule) => rule.startsWith("champion."))).toBe(true);
    expect(facts).toBeDefined();
  });

  it("does not tell whether a model fits whose size nobody gave", () => {
    expect(judged({ measured: false }).gates.outcome).toBe("undecided");
    const thresholds = shippedThresholdsFor("credit-scoring", "production");
    if (thresholds?.capacity === undefined) throw new Error("The shipped thresholds weigh no model.");
    const { capacity, ...weighingNothing } = thresholds;
    expect(judged({ measured: false, thresholds: weighingNothing }).gates.outcome).toBe("passed");
    const tooLarge = { ...thresholds, capacity: { ...capacity, reserveGib: 100 } };
    expect(judged({ thresholds: tooLarge }).gates.outcome).toBe("blocked");
    expect(judged({ measured: false, thresholds: tooLarge }).gates).toMatchObject({
      outcome: "undecided",
      undecided: [expect.stringMatching(/^capacity\./)],
    });
  });

  it("blocks a model type without thresholds", () => {
    expect(judged({ thresholds: undefined }).gates.outcome).toBe("blocked");
    expect(judged({ thresholds: undefined, measured: false }).gates.outcome).toBe("blocked");
  });
});
