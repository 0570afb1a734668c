import { beforeAll, describe, expect, it } from "vitest";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import { blobPath } from "../../../core/archive/pack/pack-layout.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { withMachine } from "../../../core/gates/load-instance-types.ts";
import { loadThresholds } from "../../../core/gates/load-thresholds.ts";
import { thresholdsFor } from "../../../core/gates/thresholds.ts";
import { replayPack } from "../../../core/replay/replay-pack.ts";
import type { ReplayPolicy } from "../../../core/replay/replay-promotion.ts";
import type { PolicyReplay } from "../../../core/replay/tally.ts";
import { type Files, packOf, type Recorded, recordStories } from "../archive/pack-fixture.ts";
import { withManifest } from "../archive/small-pack.ts";
import { keptFiles, recordsOf, told } from "../archive/told.ts";
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

describe("replaying a part of what was recorded", () => {
  // Nothing is verified here, so a pack may as well lack what the others are rested on.
  const records = recordsOf(told.house.facts);
  const places = (...wanted: readonly string[]) =>
    new Set(
      records.flatMap(({ index, record: { promotion = "" } }) =>
        wanted.includes(promotion) ? [`records/${index}.json`] : [],
      ),
    );
  /** The kept pack with the records of these promotions alone. */
  const only = (...wanted: readonly string[]): Files => {
    const own = places(...wanted);
    return new Map([...keptFiles].filter(([name]) => !name.startsWith("records/") || own.has(name)));
  };
  const withDelegations = (files: Files): Files =>
    new Map([
      ...files,
      ...records.flatMap(({ index, record: { type } }) => {
        const name = `records/${index}.json`;
        return type.startsWith("delegat") ? [[name, keptFiles.get(name) ?? new Uint8Array()] as const] : [];
      }),
    ]);
  const standings = async (files: Files) => {
    const { counts, promotions, notes } = await replay({}, files);
    return { counts: counts.map(({ before, after, count }) => `${count} ${before}, ${after}`), promotions, notes };
  };

  it("lets sign in another's place whom the delegations of the pack let", async () => {
    const deployed = only(told.deployed);
    expect((await standings(withDelegations(deployed))).counts).toEqual(["1 would-pass, would-pass"]);
    expect((await standings(deployed)).counts).toEqual(["1 would-wait, would-wait"]);
  });

  it("says of a whole pack with no directory what was not looked at, and no more", async () => {
    expect((await standings(only(told.rejected, told.withdrawn))).notes).toEqual([
      "The pack was not verified here: 'countersign verify' does that.",
      "Minimum review times were not played again: they put a decision off and change none.",
      "No directory was given: an author whom nobody knows blocks nothing here, and holders are those who signed.",
    ]);
    const { notes } = await replay({ members: [] }, only(told.rejected));
    expect(notes.map((note) => note.slice(0, 8))).toEqual(["The pack", "Minimum "]);
  });

  it("reads records in the order of the log, in whatever order the pack names them", async () => {
    const turned: Files = new Map([...only(told.deployed, told.rejected)].toReversed());
    expect(await standings(withDelegations(turned))).toMatchObject({
      promotions: 2,
      counts: ["1 would-pass, would-pass", "1 would-be-blocked, would-be-blocked"],
    });
    // With numbers of one, two and three digits: by their names, 9 would come after 100.
    expect((await standings(new Map([...keptFiles].toReversed()))).promotions).toBe(14);
  });

  it("counts promotions that cannot be read, and files that are not as they should be", async () => {
    const request = records.find(({ record }) => record.promotion === told.rejected && record.type === "request");
    const name = `records/${request?.index}.json`;
    const files = new Map(only(told.rejected, told.withdrawn));
    files.delete(name);
    const { promotions, notes } = await standings(files);
    expect(promotions).toBe(1);
    expect(notes.slice(-2)).toEqual([
      "1 promotions could not be read.",
      "1 files of the pack are not as they should be.",
    ]);
    expect((await standings(new Map(files).set(name, utf8("no record")))).notes).toEqual(notes);
  });

  it("misses nothing of which the pack says that it was left out on purpose", async () => {
    const [signed] = records.filter(({ record }) => record.promotion === told.rejected && record.type === "sign-off");
    const token = signed?.record.attachments.find(({ name }) => name === "id-token.jwt");
    const without = new Map(only(told.rejected));
    if (token === undefined) throw new Error("Cora signed with her token.");
    without.delete(blobPath(token.sha256));
    expect((await standings(without)).notes.at(-1)).toBe("1 files of the pack are not as they should be.");
    const said = withManifest(without, (manifest) => ({
      ...manifest,
      documentsLeftOut: [{ sha256: token.sha256, name: "id-token.jwt", why: "personal data" }],
    }));
    const { notes, counts } = await standings(said);
    expect(notes).toHaveLength(3);
    expect(counts).toEqual(["1 would-be-blocked, would-be-blocked"]);
  });
});
