import { describe, expect, it } from "vitest";
import { readPolicyFiles } from "../../../adapters/policies/policy-folder.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { loadArchived, loadInForce, loadPolicies, refusedIfNew } from "../../../core/policy/load-policies.ts";
import { bundleDigest } from "../../../core/policy/policy-bundle.ts";
import { policyThresholds } from "../../../core/policy/policy-check-document.ts";
import { codeOf } from "../refusal.ts";
import { refusedToday, takenBefore } from "./taken-before.ts";

const bundle = readPolicyFiles(new URL("../../../policies/", import.meta.url));
const shipped = loadPolicies(bundle);

describe("a version of the policies", () => {
  it("is known by its digest, and has the compiled gates with theirs", () => {
    expect(shipped.digest).toBe(bundleDigest(bundle));
    expect(shipped.wasmDigest).toBe(sha256Hex(bundle.wasm));
    expect(shipped.groups).toEqual(["lead-data-scientists", "compliance-officers", "sre", "incident-commanders"]);
  });

  it("has thresholds by model type and target, with the machine that the target names", () => {
    const production = shipped.thresholds("credit-scoring", "production");
    expect(production?.capacity?.machine).toMatchObject({ memoryGib: 8 });
    const cluster = shipped.thresholds("credit-scoring", "cluster");
    expect(cluster).toMatchObject({ target: "cluster" });
    expect(cluster?.evidence).toEqual(["model-quality", "bias", "security-scan"]);
    expect(shipped.thresholds("recommendation", "production")).toMatchObject({ modelType: "recommendation" });
    expect(shipped.thresholds("churn", "production")).toBeUndefined();
  });

  it("answers the same question with the same object, by which the engine knows it", () => {
    const asked = () => shipped.thresholds("credit-scoring", "production");
    expect(asked()).toBe(asked());
    expect(asked()).not.toBe(shipped.thresholds("credit-scoring", "cluster"));
  });

  it("weighs a model against no machine in a target that is none of SageMaker's, or is not there", () => {
    const thresholds = bundle.texts["thresholds.yaml"].replace(
      "evidence: [model-quality, bias, security-scan]",
      "evidence: [model-quality, bias, security-scan]\n    capacity: { sizeFactor: 5, reserveGib: 0.5, declared: false }",
    );
    const weighing = loadPolicies({ ...bundle, texts: { ...bundle.texts, "thresholds.yaml": thresholds } });
    const capacity = { sizeFactor: 5, reserveGib: 0.5, declared: false };
    expect(weighing.thresholds("credit-scoring", "cluster")?.capacity).toEqual(capacity);
    expect(weighing.thresholds("credit-scoring", "moon")?.capacity).toEqual(capacity);
    expect(weighing.thresholds("credit-scoring", "constructor")?.capacity).toEqual(capacity);
  });

  it("has thresholds of its own for a change of the policies, which no file can change", () => {
    expect(shipped.thresholds("policy", "policies")).toBe(policyThresholds);
    expect(shipped.requiredEvidence("policy", "policies")).toEqual(["policy-check"]);
  });

  it("needs the evidence that the thresholds name, and none without thresholds", () => {
    expect(shipped.requiredEvidence("recommendation", "production")).toEqual([
      "model-quality",
      "data-schema",
      "security-scan",
    ]);
    expect(shipped.requiredEvidence("churn", "production")).toEqual([]);
  });

  it("binds gates and thresholds into what is signed, and that there are none", () => {
    expect(shipped.gatePolicy("recommendation", "production")).toEqual({
      wasm: shipped.wasmDigest,
      thresholds: shipped.thresholds("recommendation", "production"),
    });
    expect(shipped.gatePolicy("churn", "production")).toEqual({ wasm: shipped.wasmDigest, thresholds: null });
  });

  it.each([
    "matrix.yaml",
    "thresholds.yaml",
    "targets.yaml",
    "machines.yaml",
    "people.yaml",
    "instance-types.yaml",
  ] as const)("is refused with the name of a file that does not load: %s", (name) => {
    const { code, sentence } = codeOf(() => loadPolicies({ ...bundle, texts: { ...bundle.texts, [name]: "[" } }));
    expect(code).toBe("invalid-policy");
    expect(sentence).toMatch(new RegExp(`^${name}:1: `));
  });

  it("is refused by a rule that came later where it is new alone: what is in force answers, and what is archived is verified", () => {
    const { code, sentence } = codeOf(() => loadPolicies(takenBefore));
    expect([code, sentence]).toEqual(["invalid-policy", expect.stringContaining(refusedToday)]);
    expect(loadInForce(takenBefore).digest).toBe(bundleDigest(takenBefore));
    for (const { matrix } of [loadInForce(takenBefore), loadArchived(takenBefore)])
      expect(matrix.reminders?.escalation).toEqual({ afterSeconds: 172_800, to: "sre", mayFill: true });
    expect(refusedIfNew(takenBefore)).toEqual([sentence]);
    expect(refusedIfNew(bundle)).toEqual([]);
  });

  it("is refused by what was always a rule, also where it is in force or archived", () => {
    const weaker = takenBefore.texts["matrix.yaml"].replace("{ role: compliance-officer }", "{ role: guard }");
    const of = { ...takenBefore, texts: { ...takenBefore.texts, "matrix.yaml": weaker } };
    for (const read of [loadPolicies, loadInForce, loadArchived])
      expect(codeOf(() => read(of)).sentence).toContain(refusedToday);
  });

  it("tells nothing of who is whom when it says what would be refused today", () => {
    const texts = { ...takenBefore.texts, "people.yaml": "people: [{ name: Sam, addresses: [sam] }]" };
    expect(refusedIfNew({ ...takenBefore, texts }).join()).not.toMatch(/people|sam\b/i);
  });

  it("names time zones that the runtime knows; an archived one may name any", () => {
    const windows = (zone: string) =>
      `\nfreezeWindows: [{ name: w, zone: ${zone}, from: 2026-12-18 18:00, until: 2026-12-19 18:00 }]\nreminders: { every: 1d, workingHours: { timeZone: ${zone}, from: "08:00", to: "17:00", days: [mon] } }\nrules:`;
    const text = (zone: string) =>
      bundle.texts["matrix.yaml"].replace(/\nreminders:(?:\n .*)*/, "").replace("\nrules:", windows(zone));
    const of = (zone: string) => ({ ...bundle, texts: { ...bundle.texts, "matrix.yaml": text(zone) } });
    expect(() => loadPolicies(of("Moon/Tycho"))).toThrow(
      /There is no time zone 'Moon\/Tycho'.*\n.*There is no time zone/,
    );
    expect(loadArchived(of("Moon/Tycho")).matrix).toMatchObject({
      reminders: { workingHours: { zone: "Moon/Tycho" } },
      freezeWindows: [{ zone: "Moon/Tycho", when: { from: "2026-12-18T18:00:00.000Z" } }],
    });
    expect(loadArchived(of("Europe/Zurich")).matrix.freezeWindows).toMatchObject([
      { when: { from: "2026-12-18T17:00:00.000Z" } },
    ]);
    expect(() => loadArchived(of("'Not a zone'"))).toThrow("There is no time zone 'Not a zone'");
  });
});
