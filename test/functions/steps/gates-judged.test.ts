import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { GateThresholds } from "../../../core/gates/thresholds.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type EvaluateGatesPorts, evaluateGates } from "../../../functions/steps/evaluate-gates/handler.ts";
import {
  type Candidate,
  goodCandidate,
  manifestOf,
  saying,
  shippedPolicy,
  shippedThresholdsFor,
  shippedWasm,
} from "../../core/gates/candidate.ts";
import { digestOf, now, policy, promotionAtTheGates } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const shipped: GateThresholds = shippedThresholdsFor("credit-scoring", "production") ?? expect.unreachable();
const { champion: _, ...alone } = shipped;
const weak = saying("model-quality.json", { metrics: { accuracy: 0.5, auc: 0.4 } });

/** A frozen candidate, judged by the gates that are shipped, beside nothing. */
function scene({
  candidate = goodCandidate,
  override = {},
  thresholds = alone,
  over = {},
}: {
  readonly candidate?: Candidate;
  readonly override?: Partial<Promotion>;
  readonly thresholds?: GateThresholds;
  readonly over?: Partial<EvaluateGatesPorts>;
} = {}) {
  const manifest = { ...manifestOf(candidate), ...override.manifest };
  const digest = freezeDigest(manifest);
  const id = promotionId(digest, 1);
  const frozen = manifest.artifacts.map(({ name, sha256 }) => ({
    name,
    key: `frozen/${sha256}/${name}`,
    versionId: "v1",
  }));
  const promotions = new MemoryPromotions([
    promotionAtTheGates({ frozen, ...override, id, manifest, freezeDigest: digest }),
  ]);
  const evidence = Object.values(candidate.documents).map(({ content }) =>
    utf8(typeof content === "string" ? content : JSON.stringify(content)),
  );
  const blobs = new MemoryBlobs(evidence);
  const run = () =>
    evaluateGates({
      now: () => now,
      policy,
      policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
      thresholds: () => thresholds,
      wasm: new Uint8Array(shippedWasm),
      evaluate: shippedPolicy.evaluate,
      promotions,
      blobs,
      directory: memoryDirectory([]),
      earlierReleases: async () => ({ at: now, releases: [] }),
      takeOver: async (taken) => taken,
      keepReview: async (kept) => kept,
      ...over,
    })({ promotionId: id });
  const stored = () => promotions.stored(id);
  return { promotions, blobs, run, stored, fact: () => stored().history.at(-1) ?? expect.unreachable() };
}

describe("a candidate whose gates pass", () => {
  it("goes on, with all that they rest on beside the outcome, and once however often the step runs", async () => {
    const { promotions, blobs, run, stored, fact } = scene();
    const answer = await run();
    expect(answer).toMatchObject({ outcome: "passed" });
    expect(await run()).toEqual(answer);
    expect(promotions.moves).toHaveLength(1);
    expect(stored()).toMatchObject({ status: "gating", gates: { outcome: "passed" } });
    expect(stored().gates).not.toHaveProperty("shadowRun");
    expect(fact()).toMatchObject({ type: "gates", summary: expect.stringMatching(/^All \d+ gates pass\.$/) });
    expect(fact().body).toMatchObject({ outcome: "passed", step: "gates", failed: [] });
    expect(fact().body).not.toHaveProperty("onTrial");
    const names = fact().attachments.map(({ name }) => name);
    expect(names).toEqual([
      "gate-report.json",
      "evidence-summary.json",
      "requirements.json",
      "policies.json",
      "gates.wasm",
    ]);
    for (const { sha256 } of fact().attachments) expect(await blobs.get(sha256)).toBeInstanceOf(Uint8Array);
  });

  it("has what it was compared with among them, where it was", async () => {
    const { run, fact } = scene({ thresholds: shipped });
    await run();
    expect(fact().attachments.map(({ name }) => name)).toContain("earlier-releases.json");
  });

  it("is superseded where a newer one took its place, before or as it does", async () => {
    const superseded = (each: Promotion): Promotion => ({ ...each, status: "superseded" });
    for (const over of [
      { takeOver: async (taken: Promotion) => superseded(taken) },
      { keepReview: async (kept: Promotion) => superseded(kept) },
    ])
      expect(await scene({ over }).run()).toEqual({ outcome: "superseded" });
    const { promotions, run } = scene({ override: { status: "superseded" } });
    expect(await run()).toEqual({ outcome: "superseded" });
    expect(promotions.moves).toEqual([]);
  });

  it("is judged no more where it has ended otherwise, and for what it was blocked before", async () => {
    for (const status of ["withdrawn", "blocked"] as const) {
      const { promotions, run } = scene({ override: { status } });
      await expect(run()).rejects.toThrow(`The promotion is ${status}; its gates are not evaluated any more.`);
      expect(promotions.moves).toEqual([]);
    }
  });

  it("is judged again after a run in shadow that was reported since, though something is kept by the gates of before", async () => {
    const told = (type: Fact["type"], body: Fact["body"] = {}): Fact => {
      return { id: "p/1", type, at: now, promotion: promotionId(digestOf("p"), 1), summary: "", body, attachments: [] };
    };
    const kept = told("seat-reopened", { review: 2, kept: [], fallen: [] });
    const reported = told("shadow-run", { state: "reported" });
    const moves = async (...history: readonly Fact[]) => {
      const gates = { outcome: "passed", report: digestOf("report"), summary: digestOf("summary") } as const;
      const requirements = { sha256: digestOf("old") };
      const { promotions, run } = scene({ override: { review: 2, gates, requirements, history } });
      await run();
      return promotions.moves.length;
    };
    expect(await moves(told("gates"), kept, reported)).toBe(1);
    expect(await moves(reported, told("gates"), kept)).toBe(0);
    expect(await moves(told("gates"), told("shadow-run", { state: "begun" }), kept)).toBe(0);
    expect(await moves(told("gates"), told("stage-opened", { state: "reported" }), kept)).toBe(0);
  });
});

describe("a candidate that a gate stops", () => {
  it("is blocked, once, with the rules and their sentences", async () => {
    const { promotions, run, stored, fact } = scene({ candidate: weak });
    for (let asked = 0; asked < 2; asked += 1) expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.moves).toHaveLength(1);
    expect(stored()).toMatchObject({ status: "blocked", gates: { outcome: "blocked" } });
    expect(stored().reason).toMatch(/accuracy is 0\.5; at least [\d.]+ is required.*auc is 0\.4/i);
    expect(fact()).toMatchObject({ type: "blocked", summary: stored().reason });
    expect(fact().body).toMatchObject({
      outcome: "blocked",
      step: "gates",
      failed: ["quality.accuracy", "quality.auc"],
    });
  });

  it("goes on while the rule is on trial, which its record names", async () => {
    const until = addSeconds(now, 3600);
    const trials = (...rules: readonly string[]): GateThresholds => {
      return { ...alone, dryRun: rules.map((rule) => ({ rule, until })) };
    };
    const both = scene({ candidate: weak, thresholds: trials("quality") });
    expect(await both.run()).toMatchObject({ outcome: "passed" });
    expect(both.fact().body["onTrial"]).toEqual(["quality.accuracy", "quality.auc"]);
    const [passed = 0, all = 0] = (both.fact().summary.match(/\d+/g) ?? []).map(Number);
    expect(both.fact().summary).toBe(`${passed} of ${all} gates pass; the other 2 are on trial and do not block yet.`);
    expect(all - passed).toBe(2);
    const one = scene({
      candidate: saying("model-quality.json", { metrics: { accuracy: 0.5, auc: 0.79 } }),
      thresholds: trials("quality"),
    });
    await one.run();
    expect(one.fact().summary).toBe(
      `${all - 1} of ${all} gates pass; the other one is on trial and does not block yet.`,
    );
  });
});
