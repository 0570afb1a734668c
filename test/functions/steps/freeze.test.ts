import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { freezeManifestBytes } from "../../../core/promotion/freeze-manifest.ts";
import { type FreezePorts, freeze } from "../../../functions/steps/freeze/handler.ts";
import type { HashingInput } from "../../../functions/steps/hashing-time.ts";
import {
  digestOf,
  environmentText,
  id,
  manifest,
  now,
  promotionAtTheGates,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

function scene(
  over: Partial<FreezePorts["artifacts"]> = {},
  promotion = promotionAtTheGates(),
  ports: Partial<FreezePorts> = {},
) {
  const promotions = new MemoryPromotions([promotion]);
  const blobs = new MemoryBlobs();
  const frozen: string[] = [];
  const kept: string[] = [];
  const given: FreezePorts = {
    now: () => now,
    promotions,
    artifacts: {
      freeze: async (file, source) => {
        frozen.push(source.uri);
        return { name: file.name, key: `frozen/${file.sha256}/${file.name}`, versionId: "v1" };
      },
      keep: async (copy) => {
        kept.push(copy.key);
        return copy;
      },
      readSource: async () => utf8("quality"),
      ...over,
    },
    blobs,
    ...ports,
  };
  const run = (asked: Partial<HashingInput> = {}) => freeze(given)({ promotionId: id, ...asked });
  return { promotions, blobs, frozen, kept, run };
}

describe("freezing a candidate", () => {
  it("keeps every artifact, the evidence and the manifest under their digests", async () => {
    const { promotions, blobs, frozen, run } = scene();
    expect(await run()).toEqual({ outcome: "frozen" });
    expect(frozen).toEqual(["s3://exchange/incoming/7/model.json", "s3://exchange/incoming/7/environment.json"]);
    const stored = promotions.stored(id);
    expect(stored.status).toBe("gating");
    expect(stored.frozen?.map(({ key }) => key)).toEqual([
      `frozen/${digestOf("model")}/model.json`,
      `frozen/${digestOf(environmentText)}/environment.json`,
    ]);
    const manifestDigest = sha256Hex(freezeManifestBytes(manifest));
    expect(stored.freezeDigest).toBe(manifestDigest);
    expect(stored.history).toMatchObject([
      {
        type: "freeze",
        body: { freezeDigest: manifestDigest, frozen: stored.frozen },
        attachments: [
          { name: "freeze.json", sha256: manifestDigest },
          { name: "model-quality.json", sha256: digestOf("quality") },
        ],
      },
    ]);
    for (const { sha256 } of stored.history[0]?.attachments ?? []) expect(blobs.has(sha256)).toBe(true);
  });

  it("says nothing more of one that was withdrawn while its bytes were hashed", async () => {
    const withdrawn = { ...promotionAtTheGates(), status: "withdrawn" as const, revision: 9 };
    for (const bytes of ["quality", "others"]) {
      const { promotions, run } = scene({
        readSource: async () => {
          promotions.put(withdrawn);
          return utf8(bytes);
        },
      });
      expect(await run()).toEqual({ outcome: "blocked" });
      expect(promotions.stored(id)).toEqual(withdrawn);
    }
  });

  it("tells nothing once more where another run has frozen it meanwhile", async () => {
    const copies = [{ name: "model.json", key: "frozen/model", versionId: "v0" }];
    const before = { ...promotionAtTheGates(), frozen: copies, revision: 9 };
    const { promotions, run } = scene({
      readSource: async () => {
        promotions.put(before);
        return utf8("quality");
      },
    });
    expect(await run()).toEqual({ outcome: "frozen" });
    expect(promotions.stored(id)).toEqual(before);
  });

  it("keeps what policies are proposed, which nothing else tells of where they are refused", async () => {
    const { manifest: candidate, ...rest } = promotionAtTheGates();
    const artifacts = candidate.artifacts
      .slice(0, 1)
      .map((file) => ({ ...file, sha256: digestOf("quality"), size: 7 }));
    const target = { name: "policies", kind: "policy" as const, endpoint: "in-force" };
    const { promotions, run } = scene({}, { ...rest, manifest: { ...candidate, target, artifacts } });
    expect(await run()).toEqual({ outcome: "frozen" });
    expect(promotions.stored(id).history[0]?.attachments.map(({ name }) => name)).toEqual([
      "freeze.json",
      ...artifacts.map(({ name }) => name),
      "model-quality.json",
    ]);
  });

  it("takes what is approved again as it was frozen then, since its sources may be gone", async () => {
    const copies = ["model", "environment"].map((name) => ({
      name: `${name}.json`,
      key: `frozen/${name}`,
      versionId: "v1",
    }));
    const reapproves = { promotion: id, frozen: copies };
    const nowhere = async () => expect.unreachable();
    const { promotions, blobs, kept, run } = scene(
      { freeze: nowhere, readSource: nowhere },
      promotionAtTheGates({ reapproves, sources: {} }),
    );
    await blobs.put(utf8("quality"));
    expect(await run()).toEqual({ outcome: "frozen" });
    expect(promotions.stored(id).frozen).toEqual(copies);
    expect(kept).toEqual(["frozen/model", "frozen/environment"]);
  });

  it("done twice is done once", async () => {
    const { promotions, frozen, run } = scene();
    await run();
    expect(await run()).toEqual({ outcome: "frozen" });
    expect(frozen).toHaveLength(2);
    expect(promotions.moves).toHaveLength(1);
  });

  it.each<[string, Partial<FreezePorts["artifacts"]>, string]>([
    [
      "other evidence than declared",
      { readSource: async () => utf8("Quality") },
      "The bytes of 'model-quality.json' are not the declared ones",
    ],
    [
      "evidence of another length",
      { readSource: async () => utf8("quality ") },
      "The bytes of 'model-quality.json' are not the declared ones",
    ],
    [
      "an artifact that is not there",
      {
        freeze: async () => {
          throw new Failure("artifact-unreachable", "'model.json' is not where the request says it is.");
        },
      },
      "'model.json' is not where the request says it is.",
    ],
    [
      "evidence that is endless",
      {
        readSource: async () => {
          throw new Failure("invalid-evidence", "'model-quality.json' is larger than 16 MiB.");
        },
      },
      "'model-quality.json' is larger than 16 MiB.",
    ],
  ])("blocks the promotion over %s", async (_, over, sentence) => {
    const { promotions, blobs, run } = scene(over);
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: expect.stringContaining(sentence) });
    expect(promotions.stored(id).frozen).toBeUndefined();
    expect(blobs.has(digestOf("quality"))).toBe(false);
  });

  it("blocks over a file of which the request does not say where it is", async () => {
    const { promotions, run } = scene({}, promotionAtTheGates({ sources: {} }));
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id).reason).toBe("The request does not say where 'model.json' is.");
  });

  it.each([new Failure("unavailable", "S3 is away."), new Error("AccessDenied")])(
    "blocks nobody for what is not the candidate's fault (%s)",
    async (error) => {
      const { promotions, run } = scene({
        freeze: async () => {
          throw error;
        },
      });
      await expect(run()).rejects.toBe(error);
      expect(promotions.moves).toEqual([]);
    },
  );
});

describe("freezing what takes longer than one run", () => {
  const [model, environment] = manifest.artifacts;
  if (model === undefined || environment === undefined) throw new Error("The candidate has two artifacts.");
  const gibibyte = 1024 ** 3;
  const files = [
    { ...model, size: 6 * gibibyte },
    ...[1, 2, 3].map((each) => ({ ...environment, name: `data-${each}.bin`, role: "training-data" as const })),
  ];
  const sources = Object.fromEntries(files.map(({ name }) => [name, { uri: `s3://exchange/incoming/7/${name}` }]));
  const before = promotionAtTheGates();
  const promotion = {
    ...before,
    manifest: { ...manifest, artifacts: files },
    sources: { ...before.sources, ...sources },
  };

  /** Each file takes four minutes. */
  function slow(stored: typeof promotion = promotion, over: Partial<FreezePorts["artifacts"]> = {}) {
    let clock = now;
    const read: string[] = [];
    const freezeSlowly: FreezePorts["artifacts"]["freeze"] = async (file) => {
      read.push(file.name);
      clock = addSeconds(clock, 240);
      return { name: file.name, key: `frozen/${file.sha256}/${file.name}`, versionId: "v1" };
    };
    const opened = scene({ freeze: freezeSlowly, ...over }, stored, { now: () => clock });
    return { ...opened, read };
  }
  const understands = ["freezing"];

  it("goes on in the next, and ends with all copies in the manifest's order, the large one hashed in a run of its own", async () => {
    const { promotions, read, run } = slow();
    expect(await run({ understands })).toEqual({ outcome: "freezing", hashed: 2 });
    expect(promotions.stored(id)).toEqual(promotion);
    expect(read.splice(0)).toEqual(["data-1.bin", "data-2.bin"]);
    // What is there already takes no time: S3 says what it is. Here it does.
    expect(await run({ understands, hashed: 2 })).toEqual({ outcome: "freezing", hashed: 3 });
    expect(await run({ understands, hashed: 3 })).toEqual({ outcome: "frozen" });
    expect(promotions.stored(id).frozen?.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  });

  it("is done at once for an execution that began before it could go on", async () => {
    const { read, run } = slow();
    expect(await run()).toEqual({ outcome: "frozen" });
    expect(read).toEqual(["data-1.bin", "data-2.bin", "data-3.bin", "model.json"]);
  });

  it("ends where it was withdrawn meanwhile", async () => {
    const withdrawn = { ...promotion, status: "withdrawn" as const, revision: 9 };
    const { promotions, run } = slow();
    promotions.put(withdrawn);
    expect(await run({ understands })).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toEqual(withdrawn);
  });

  it("is blocked by the first that is not what was declared", async () => {
    const { promotions, run } = slow(promotion, {
      freeze: async () => {
        throw new Failure("digest-mismatch", "Not the declared ones.");
      },
    });
    expect(await run({ understands, hashed: 3 })).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: "Not the declared ones." });
  });
});
