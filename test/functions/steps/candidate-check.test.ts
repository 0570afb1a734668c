import { describe, expect, it } from "vitest";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import type { Condition, Matrix } from "../../../core/approval/matrix.ts";
import { requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { earlierReleases } from "../../../functions/steps/evaluate-gates/earlier-releases.ts";
import { evaluateGates } from "../../../functions/steps/evaluate-gates/handler.ts";
import { takeOver } from "../../../functions/steps/evaluate-gates/take-over.ts";
import type { HashingInput } from "../../../functions/steps/hashing-time.ts";
import {
  type CandidatePorts,
  type CandidateReading,
  candidateCheck,
  candidateReading,
} from "../../../functions/steps/verify-sign-offs/candidate.ts";
import {
  type Candidate,
  documents,
  goodCandidate,
  manifestOf,
  saying,
  shippedPolicy,
  shippedWasm,
} from "../../core/gates/candidate.ts";
import {
  cora,
  digestOf,
  everybody,
  now,
  policy,
  promotionAtTheGates,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLanes } from "../memory-lanes.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const { thresholds } = readPolicyFolder(new URL("../../../policies/", import.meta.url));

/** A frozen candidate at the gates, judged by the policy that is shipped. */
function scene(
  candidate: Candidate = goodCandidate,
  over: Partial<Promotion> = {},
  judgedBy = policy,
  asked = thresholds,
  members = everybody,
) {
  const manifest = manifestOf(candidate);
  const digest = freezeDigest(manifest);
  const id = promotionId(digest, 1);
  const frozen = manifest.artifacts.map(({ name, sha256 }) => ({
    name,
    key: `frozen/${sha256}/${name}`,
    versionId: "v1",
  }));
  const promotions = new MemoryPromotions([
    promotionAtTheGates({ id, manifest, freezeDigest: digest, frozen, ...over }),
  ]);
  const evidence = Object.values(candidate.documents).map(({ content }) =>
    utf8(typeof content === "string" ? content : JSON.stringify(content)),
  );
  const blobs = new MemoryBlobs(evidence);
  const wasm = new Uint8Array(shippedWasm);
  const gates = () =>
    evaluateGates({
      now: () => now,
      policy: judgedBy,
      policyDocuments: [{ name: "policies.json", mediaType: "application/json", bytes: utf8("policies") }],
      thresholds: asked,
      wasm,
      evaluate: shippedPolicy.evaluate,
      promotions,
      blobs,
      directory: memoryDirectory(members),
      earlierReleases: earlierReleases({ now: () => now, promotions, blobs }),
      takeOver: takeOver({
        now: () => now,
        promotions,
        lanes: new MemoryLanes(),
        keepSignOffs: async () => ({ kept: [], fallen: [] }),
      }),
      keepReview: async (kept) => kept,
    })({ promotionId: id });
  const ports: CandidatePorts = {
    now: () => now,
    artifacts: {
      measure: async (key) => {
        const artifact = manifest.artifacts.find(({ sha256 }) => key.includes(sha256)) ?? expect.unreachable();
        return { sha256: artifact.sha256, size: artifact.size, versionId: "v1" };
      },
      recorded: async () => expect.unreachable(),
    },
    blobs,
    thresholds: asked,
    shadowPlan: () => undefined,
    wasm,
    evaluate: shippedPolicy.evaluate,
  };
  const check = (
    { artifacts, ...changed }: Changed = {},
    promotion = promotions.stored(id),
    reading: CandidateReading = begin(),
  ) => candidateCheck({ ...ports, ...changed, artifacts: { ...ports.artifacts, ...artifacts } })(promotion, reading);
  return { promotions, blobs, id, gates, check, stored: () => promotions.stored(id) };
}

function begin(asked: Partial<HashingInput> = {}, clock = () => now): CandidateReading {
  return candidateReading({ promotionId: promotionAtTheGates().id, ...asked }, "verifying", clock);
}

type Changed = Partial<Omit<CandidatePorts, "artifacts">> & {
  readonly artifacts?: Partial<CandidatePorts["artifacts"]>;
};

describe("evaluating the gates", () => {
  it("keeps the report, the summary, the requirements and the policy beside the outcome", async () => {
    const { blobs, gates, stored } = scene();
    expect(await gates()).toEqual({ outcome: "passed", seconds: 86_400 });
    expect(stored()).toMatchObject({ status: "gating", gates: { outcome: "passed" }, history: [{ type: "gates" }] });
    for (const { sha256 } of stored().history[0]?.attachments ?? []) expect(blobs.has(sha256)).toBe(true);
    const summary = JSON.parse(fromUtf8(await blobs.get(stored().gates?.summary ?? expect.unreachable())));
    expect(summary).toMatchObject({ summaryVersion: 1, freezeDigest: stored().freezeDigest });
  });

  const deciding = (condition: Condition, modelType = "credit-scoring"): Matrix => ({
    ...policy.matrix,
    rules: policy.matrix.rules.map((rule) => ({
      ...rule,
      modelType,
      stages: rule.stages.map((stage, index) => (index === 0 ? { ...stage, when: [condition] } : stage)),
    })),
  });

  it("decides the matrix's conditions by the evidence, for the rest of the promotion's life", async () => {
    const matrix = deciding({ fact: "metric", name: "auc", below: 0.78 });
    const { gates, stored } = scene(goodCandidate, {}, { ...policy, matrix });
    expect(await gates()).toMatchObject({ outcome: "passed" });
    expect(stored().facts?.evidence?.metrics["auc"]).toEqual([0.79]);
    const { document, sha256 } = requirementsNow({ ...policy, matrix }, stored());
    expect(sha256).toBe(stored().requirements.sha256);
    expect(document.rule.stages.map(({ name }) => name)).toEqual(["model and operations"]);
  });

  it("blocks at once where the evidence asks for a quorum that nobody could reach", async () => {
    const matrix = deciding({ fact: "metric", name: "auc", atLeast: 0.78 });
    const withoutCompliance = everybody.filter((member) => member !== cora);
    const { gates, stored } = scene(goodCandidate, {}, { ...policy, matrix }, thresholds, withoutCompliance);
    expect(await gates()).toEqual({ outcome: "blocked" });
    expect(stored()).toMatchObject({
      status: "blocked",
      reason:
        "The evidence asks for a quorum that nobody could reach. Nobody is left for the seat 'Compliance officer' in the stage 'compliance': nobody in the directory is in compliance-officers.",
      gates: { outcome: "passed" },
      history: [{ type: "blocked", body: { step: "matrix", failed: [] } }],
    });
  });

  it("leaves a quorum that is out of reach and does not hang on the evidence to the review: people come back", async () => {
    const { gates, stored } = scene(goodCandidate, {}, policy, thresholds, []);
    expect(await gates()).toMatchObject({ outcome: "passed" });
    expect(stored().status).toBe("gating");
  });

  it("blocks where the matrix decides by what the evidence does not say, although every gate passes", async () => {
    const matrix = deciding({ fact: "infrastructureChanges", atLeast: 1 }, "recommendation");
    const { ["iac-plan.json"]: _, ...others } = documents;
    // The thresholds of this type ask for no plan, so nothing else blocks.
    const { gates, stored } = scene(
      { ...goodCandidate, type: "recommendation", documents: others },
      {},
      { ...policy, matrix },
    );
    expect(await gates()).toEqual({ outcome: "blocked" });
    expect(stored()).toMatchObject({
      status: "blocked",
      gates: { outcome: "passed" },
      reason:
        "The approval matrix decides by the number of resources that the infrastructure plan changes, and the evidence does not state it.",
      history: [{ type: "blocked", body: { step: "matrix" } }],
    });
  });

  it.each([
    [
      9000,
      "recall of class number X of the taxonomy",
      /^The evidence states 90\d\d metrics, \d+ bytes with their names, and at most 200000 bytes/,
    ],
    [
      1,
      `X${"y".repeat(69_999)}`,
      /^The evidence states a metric by a name of 70000 bytes, and a name of at most 60000 can be kept/,
    ],
  ])(
    "blocks evidence that states more than can be kept, and says what is: %d by '%.10s…'",
    async (count, name, reason) => {
      const more = Array.from({ length: count }, (_, at) => [name.replace("X", String(at)), 0.5]);
      const metrics = { accuracy: 0.76, auc: 0.79, ...Object.fromEntries(more) };
      const { gates, stored } = scene(saying("model-quality.json", { metrics }));
      expect(await gates()).toEqual({ outcome: "blocked" });
      expect(stored()).toMatchObject({
        ...{ status: "blocked", gates: { outcome: "passed" }, reason: expect.stringMatching(reason) },
        history: [{ type: "blocked", body: { step: "matrix", failed: [] } }],
      });
      expect(stored().facts).not.toHaveProperty("evidence");
    },
  );

  it("done twice is done once", async () => {
    const { promotions, gates } = scene();
    await gates();
    expect(await gates()).toEqual({ outcome: "passed", seconds: 86_400 });
    expect(promotions.moves).toHaveLength(1);
  });

  it("blocks a candidate below its threshold, naming metric, value and bound", async () => {
    const { gates, stored } = scene(saying("model-quality.json", { metrics: { accuracy: 0.6, auc: 0.79 } }));
    expect(await gates()).toEqual({ outcome: "blocked" });
    expect(stored().status).toBe("blocked");
    expect(stored().reason).toMatch(/0\.6.*0\.72/);
  });

  it("blocks one whose evidence says nothing", async () => {
    const { gates, stored } = scene(saying("bias.json", "{}"));
    expect(await gates()).toEqual({ outcome: "blocked" });
    expect(stored().reason).toContain("bias");
  });

  it("blocks one whose artifact was never frozen", async () => {
    const { gates, stored } = scene(goodCandidate, { frozen: [] });
    expect(await gates()).toEqual({ outcome: "blocked" });
    expect(stored().reason).toContain("model.json");
  });

  it("judges nothing of a promotion that is withdrawn meanwhile", async () => {
    const { promotions, gates } = scene(goodCandidate, { status: "withdrawn" });
    expect((await refused(gates())).code).toBe("conflict");
    expect(promotions.moves).toEqual([]);
  });
});

describe("the candidate, verified again", () => {
  it("is read and hashed once in a run, however often somebody objects meanwhile, and anew in the next", async () => {
    const { gates, check, stored } = scene();
    await gates();
    const read: string[] = [];
    const artifacts = {
      measure: async (key: string) => {
        read.push(key);
        const artifact = stored().manifest.artifacts.find(({ sha256 }) => key.includes(sha256)) ?? expect.unreachable();
        return { sha256: artifact.sha256, size: artifact.size, versionId: "v1" };
      },
    };
    let clock = now;
    const first = begin({ understands: ["verifying"] }, () => clock);
    for (const run of [first, first, begin()]) {
      await check({ artifacts }, stored(), run);
      clock = addSeconds(clock, 301);
    }
    expect(first.goesOnAt).toBeUndefined();
    expect(read).toHaveLength(2 * stored().manifest.artifacts.length);
  });

  describe("where its bytes take longer than one run to read", () => {
    /** Each artifact takes four minutes; its model is large where that is said. */
    async function reading(over: { readonly large?: boolean } = {}) {
      const { gates, check, stored } = scene();
      await gates();
      const { artifacts } = stored().manifest;
      let clock = now;
      const asked: string[] = [];
      const found = (key: string) => {
        const { sha256, size } = artifacts.find(({ sha256 }) => key.includes(sha256)) ?? expect.unreachable();
        return { sha256, size, versionId: "v1" };
      };
      const ports: Required<Changed["artifacts"]> & object = {
        measure: async (key: string) => {
          asked.push("measured");
          clock = addSeconds(clock, 301);
          return found(key);
        },
        recorded: async (key: string) => {
          asked.push("recorded");
          return over.large === true ? undefined : found(key);
        },
      };
      const run = async (hashed: number, changed: Changed["artifacts"] = {}) => {
        const given = begin({ hashed, understands: ["verifying"] }, () => clock);
        await check({ artifacts: { ...ports, ...changed } }, stored(), given);
        return given.goesOnAt;
      };
      return { asked, run, count: artifacts.length, found };
    }

    it("it goes on in the next, with what S3 says of those that were read, and judges nothing before all were", async () => {
      const { asked, run, count } = await reading();
      for (let hashed = 0; hashed < count - 1; hashed++) {
        expect(await run(hashed)).toBe(hashed + 1);
        expect(asked.splice(0)).toEqual([...Array(hashed).fill("recorded"), "measured"]);
      }
      expect(await run(count - 1)).toBeUndefined();
      expect(asked).toEqual([...Array(count - 1).fill("recorded"), "measured"]);
    });

    it("it is read again where S3 does not say what it is, whatever is said to have been read", async () => {
      const { asked, run, count } = await reading({ large: true });
      expect(await run(50)).toBeUndefined();
      expect(asked).toEqual(Array(count).fill(["recorded", "measured"]).flat());
    });

    it.each([
      ["other bytes", { sha256: digestOf("malicious") }, "was replaced: its bytes hash to"],
      ["another length", { size: 1 }, "was replaced"],
      ["another version", { versionId: "v2" }, "was written again after it was frozen"],
    ])("it does not hold with %s by now, of what an earlier run has read", async (_, over, sentence) => {
      const { run, found } = await reading();
      const recorded = async (key: string) => ({ ...found(key), ...over });
      expect((await refused(run(1, { recorded }))).sentence).toContain(sentence);
    });

    it("it is read in one run for an execution that began before it could go on", async () => {
      expect(begin().time).toBeUndefined();
      expect(begin({ understands: ["freezing"] }).time).toBeUndefined();
    });
  });

  it("holds while nothing changed", async () => {
    const { gates, check } = scene();
    await gates();
    await expect(check()).resolves.toBeUndefined();
  });

  it.each<[string, Changed, string]>([
    [
      "other bytes",
      { artifacts: { measure: async () => ({ sha256: digestOf("malicious"), size: 10, versionId: "v1" }) } },
      "was replaced: its bytes hash to",
    ],
    [
      "the same digest under another length",
      {
        artifacts: {
          measure: async (key) => ({
            sha256: key.split("/")[1] as ReturnType<typeof digestOf>,
            size: 1,
            versionId: "v1",
          }),
        },
      },
      "was replaced",
    ],
    [
      "a policy that lets everything pass",
      { evaluate: () => ({ kind: "evaluated", result: [] }) },
      "do not come to the report that reviewers were shown",
    ],
    ["a policy that is broken", { evaluate: () => ({ kind: "failed", sentence: "x" }) }, "do not come to the report"],
    ["another policy", { wasm: utf8("other") }, "do not come to the report"],
    ["no thresholds", { thresholds: () => undefined }, "do not come to the report"],
  ])("does not hold with %s", async (_, changed, sentence) => {
    const { gates, check } = scene();
    await gates();
    expect((await refused(check(changed))).sentence).toContain(sentence);
  });

  it("is judged as its report was made, and not at all where a newer version made it", async () => {
    const { blobs, gates, check, stored } = scene();
    await gates();
    const report = JSON.parse(fromUtf8(await blobs.get(stored().gates?.report ?? expect.unreachable())));
    const later = await blobs.put(canonicalJsonBytes({ ...report, reportVersion: 2 }));
    const newer = { ...stored(), gates: { ...(stored().gates ?? expect.unreachable()), report: later } };
    expect(await refused(check({}, newer))).toEqual({
      code: "newer-version",
      sentence: "gate-report.json is of version 2: it could not be checked, since a newer Countersign made it.",
    });
  });

  it("does not hold when the same bytes were written again after they were frozen", async () => {
    const { gates, check, stored } = scene();
    await gates();
    const sizes = new Map(stored().manifest.artifacts.map(({ sha256, size }) => [sha256, size]));
    const measure: CandidatePorts["artifacts"]["measure"] = async (key) => {
      const sha256 = key.split("/")[1] as ReturnType<typeof digestOf>;
      return { sha256, size: sizes.get(sha256) ?? 0, versionId: "v2" };
    };
    expect((await refused(check({ artifacts: { measure } }))).sentence).toContain(
      "was written again after it was frozen",
    );
  });

  it("does not hold with a manifest that somebody changed in the table", async () => {
    const { gates, check, stored } = scene();
    await gates();
    const { manifest } = stored();
    const changed = { ...stored(), manifest: { ...manifest, model: { ...manifest.model, version: "6.6.6" } } };
    expect(await refused(check({}, changed))).toMatchObject({
      code: "digest-mismatch",
      sentence: expect.stringContaining("freeze manifest"),
    });
  });

  it("does not hold with evidence that is another than was shown", async () => {
    const { blobs, gates, check } = scene();
    await gates();
    const shown = utf8(JSON.stringify(documents["model-quality.json"].content));
    const better = utf8(fromUtf8(shown).replace("0.76", "0.96"));
    const get = async (digest: Sha256) => (digest === sha256Hex(shown) ? better : blobs.get(digest));
    expect((await refused(check({ blobs: { get } }))).code).toBe("gates-failed");
  });

  it("does not hold any more when a rule that it failed is on trial no longer", async () => {
    const until = addSeconds(now, 3600);
    const onTrial = (modelType: string, target: string) => {
      const asked = thresholds(modelType, target);
      return asked === undefined ? undefined : { ...asked, dryRun: [{ rule: "quality.accuracy", until }] };
    };
    const weak = saying("model-quality.json", { metrics: { accuracy: 0.7, auc: 0.79 } });
    const { gates, check, stored } = scene(weak, {}, policy, onTrial);
    expect(await gates()).toMatchObject({ outcome: "passed" });
    expect(stored().history.at(-1)?.summary).toMatch(/; the other one is on trial and does not block yet\.$/);
    await expect(check()).resolves.toBeUndefined();
    const late = await refused(check({ now: () => until }));
    expect(late.code).toBe("gates-failed");
    expect(late.sentence).toContain("Accuracy is 0.7; at least 0.72 is required.");
  });

  it("holds where it passes a rule whose trial is over", async () => {
    const until = addSeconds(now, 3600);
    const onTrial = (modelType: string, target: string) => {
      const asked = thresholds(modelType, target);
      return asked === undefined ? undefined : { ...asked, dryRun: [{ rule: "quality.accuracy", until }] };
    };
    const { gates, check } = scene(goodCandidate, {}, policy, onTrial);
    await gates();
    await expect(check({ now: () => addSeconds(until, 1) })).resolves.toBeUndefined();
  });

  it("does not hold where its gates failed, whatever the table says of them", async () => {
    const { gates, check, stored } = scene(saying("model-quality.json", { metrics: { accuracy: 0.6, auc: 0.79 } }));
    expect(await gates()).toEqual({ outcome: "blocked" });
    const shown = stored().gates ?? expect.unreachable();
    expect(shown.outcome).toBe("blocked");
    const history = stored().history.map((fact): Fact => (fact.type === "blocked" ? { ...fact, type: "gates" } : fact));
    const passed: Promotion = { ...stored(), status: "approved", gates: { ...shown, outcome: "passed" } };
    expect((await refused(check({}, passed))).sentence).toBe("The gates were never evaluated.");
    expect(await refused(check({}, { ...passed, history }))).toEqual({
      code: "gates-failed",
      sentence: "The gates, evaluated again, do not come to the report that reviewers were shown.",
    });
  });

  it("does not hold with other bytes of the same length", async () => {
    const { gates, check, stored } = scene();
    await gates();
    const sizes = new Map(stored().manifest.artifacts.map(({ sha256, size }) => [`${sha256}`, size]));
    const measure: CandidatePorts["artifacts"]["measure"] = async (key) => ({
      ...{ sha256: digestOf("malicious"), size: sizes.get(key.split("/")[1] ?? "") ?? 0, versionId: "v1" },
    });
    expect((await refused(check({ artifacts: { measure } }))).sentence).toContain("was replaced: its bytes hash to");
  });

  it("does not hold before it has run in shadow, where its rule asks for that", async () => {
    const { gates, check } = scene();
    await gates();
    const shadowPlan = () => ({ durationSeconds: 60, requests: 1, withinSeconds: 120 });
    expect(await refused(check({ shadowPlan }))).toEqual({
      code: "gates-failed",
      sentence: "The candidate has not run in shadow as its rule asks.",
    });
  });

  it("does not hold where no record tells that its gates were evaluated", async () => {
    const { gates, check, stored } = scene();
    await gates();
    expect(await refused(check({}, { ...stored(), history: [] }))).toEqual({
      code: "gates-failed",
      sentence: "The gates were never evaluated.",
    });
  });

  it("does not hold without a copy of an artifact, or without gates", async () => {
    const { gates, check, stored } = scene();
    await gates();
    expect((await refused(check({}, { ...stored(), frozen: [] }))).code).toBe("digest-mismatch");
    const { gates: _, ...ungated } = stored();
    expect((await refused(check({}, ungated))).code).toBe("gates-failed");
  });
});
