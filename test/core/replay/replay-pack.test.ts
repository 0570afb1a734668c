import { beforeAll, describe, expect, it } from "vitest";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { loadMatrix } from "../../../core/approval/load-matrix.ts";
import { memorySource } from "../../../core/archive/pack-source.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { withMachine } from "../../../core/gates/load-instance-types.ts";
import { loadThresholds } from "../../../core/gates/load-thresholds.ts";
import { thresholdsFor } from "../../../core/gates/thresholds.ts";
import { replayPack } from "../../../core/replay/replay-pack.ts";
import type { ReplayPolicy } from "../../../core/replay/replay-promotion.ts";
import type { PolicyReplay } from "../../../core/replay/tally.ts";
import { type Files, packOf, type Recorded, recordStories } from "../archive/pack-fixture.ts";
import { shippedPolicy } from "../gates/candidate.ts";
import { shippedTexts } from "../policy/policy-texts.ts";
import { refused } from "../refusal.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

const shipped = readPolicyFolder(new URL("../../../policies/", import.meta.url));

/** The shipped matrix with a piece of its text exchanged. */
function matrixWith(before: string, after: string): Partial<ReplayPolicy> {
  const text = shippedTexts["matrix.yaml"];
  if (!text.includes(before)) throw new Error(`The matrix does not hold ${before}`);
  return { policy: { ...shipped, matrix: requireLoaded("matrix.yaml", loadMatrix(text.replace(before, after))) } };
}

function thresholdsWith(before: string, after: string): Partial<ReplayPolicy> {
  const text = shippedTexts["thresholds.yaml"];
  if (!text.includes(before)) throw new Error(`The thresholds do not hold ${before}`);
  const loaded = requireLoaded("thresholds.yaml", loadThresholds(text.replace(before, after)));
  const machine = shipped.thresholds("credit-scoring", "production")?.capacity?.machine;
  return {
    policy: {
      ...shipped,
      thresholds: (type, target) => withMachine(thresholdsFor(loaded, type, target), machine),
    },
  };
}

function replay(over: Partial<ReplayPolicy> = {}, pack = files): Promise<PolicyReplay> {
  return replayPack(memorySource(pack), { policy: shipped, evaluate: shippedPolicy.evaluate, ...over });
}

describe("replaying policies over an archive", () => {
  it("changes nothing under the policies that judged", async () => {
    const { promotions, changed, counts } = await replay();
    expect(promotions).toBe(3);
    expect(changed).toEqual([]);
    expect(counts).toEqual([
      { before: "would-be-blocked", after: "would-be-blocked", count: 2 },
      { before: "would-pass", after: "would-pass", count: 1 },
    ]);
  });

  it("blocks by a stricter gate, from the archived evidence, and says by which", async () => {
    const { changed } = await replay(thresholdsWith("accuracy: { min: 0.72 }", "accuracy: { min: 0.9 }"));
    const deployed = changed.find(({ promotion }) => promotion === recorded.deployed);
    expect(deployed).toMatchObject({
      title: "credit-scoring 2.0.0 in production",
      status: "deployed",
      before: { kind: "would-pass" },
      after: { kind: "would-be-blocked", by: "gates", why: expect.stringContaining("at least 0.9 is required") },
    });
    // It was rejected by a person, and now no person would be asked.
    expect(changed.find(({ promotion }) => promotion === recorded.rejected)).toMatchObject({
      before: { by: "rejection" },
      after: { by: "gates" },
    });
  });

  it("judges trials at the moment that is asked for", async () => {
    const onTrial = thresholdsWith(
      "accuracy: { min: 0.72 }\n      auc: { min: 0.72 }",
      "accuracy: { min: 0.9 }\n      auc: { min: 0.72 }\n    dryRun: [{ rule: quality.accuracy, until: 2027-01-01 }]",
    );
    expect((await replay(onTrial)).changed).toEqual([]);
    const { changed } = await replay({ ...onTrial, at: "2027-01-01T00:00:00.000Z" as NonNullable<ReplayPolicy["at"]> });
    expect(changed.map(({ promotion }) => promotion)).toContain(recorded.deployed);
  });

  it("waits for a seat more, and never says that somebody who did not sign would have", async () => {
    const { changed, roles } = await replay(
      matrixWith("requires: { role: compliance-officer }", "requires: { role: compliance-officer, count: 2 }"),
    );
    expect(changed).toMatchObject([
      {
        promotion: recorded.deployed,
        after: {
          kind: "would-wait",
          for: ["compliance-officer"],
          why: "Nobody who signed fills the seat of 'Compliance officer'.",
        },
      },
    ]);
    expect(roles[0]).toMatchObject({
      role: "compliance-officer",
      waiting: 1,
      waitingBefore: 0,
      holders: 1,
      holdersKnownBy: "those who signed",
      signatures: 2,
    });
    expect(roles[0]?.medianSeconds).toBeGreaterThan(0);
  });

  it("does not count somebody for a role in which they did not sign", async () => {
    const { changed } = await replay(
      matrixWith("requires: { role: compliance-officer }", "requires: { role: lead-data-scientist, count: 2 }"),
    );
    expect(changed[0]?.after).toMatchObject({ kind: "would-wait", for: ["lead-data-scientist"] });
  });

  it("passes what only a weaker rule asks for: with a stage fewer, nothing but the same signatures", async () => {
    const { changed } = await replay(
      matrixWith(
        "            - role: lead-data-scientist\n            - role: sre",
        "            - role: lead-data-scientist",
      ),
    );
    // Whoever rejected held a role of the rule then, and holds none now.
    expect(changed.map(({ promotion, after }) => [promotion, after.kind])).toEqual([[recorded.rejected, "would-wait"]]);
  });

  it("is blocked where the matrix has no rule any more", async () => {
    const { changed } = await replay(matrixWith("modelType: credit-scoring", "modelType: fraud-scoring"));
    expect(changed.find(({ promotion }) => promotion === recorded.deployed)?.after).toMatchObject({
      kind: "would-be-blocked",
      by: "matrix",
      why: expect.stringContaining("no rule for 'credit-scoring' in the target 'production'"),
    });
  });

  it("does not guess what the pack does not hold", async () => {
    const evidence = [...recorded.house.blobs.entries()].find(([, bytes]) =>
      Buffer.from(bytes).includes('"globalImportance"'),
    );
    const without = new Map([...files].filter(([name]) => !name.endsWith(evidence?.[0] ?? "nothing")));
    const { changed, notes } = await replay({}, without);
    expect(changed.find(({ promotion }) => promotion === recorded.deployed)?.after).toEqual({
      kind: "cannot-tell",
      why: "Its evidence is not in the pack.",
    });
    expect(notes.at(-1)).toMatch(/files of the pack are not as they should be/);
  });

  it("counts holders by the directory where there is one", async () => {
    const member = (name: string) => ({
      identity: { issuer: "https://login.example/pool", subject: name },
      name,
      address: `${name}@example.com`,
      groups: ["sre"],
      enabled: name !== "off",
    });
    const { roles } = await replay({ members: [member("a"), member("b"), member("off")] });
    expect(roles.find(({ role }) => role === "sre")).toMatchObject({ holders: 2, holdersKnownBy: "the directory" });
  });

  it("refuses what is no pack", async () => {
    expect(await refused(replay({}, new Map()))).toEqual({
      code: "pack-invalid",
      sentence: "The pack has no manifest.json.",
    });
  });
});
