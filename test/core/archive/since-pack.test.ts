import { beforeAll, describe, expect, it } from "vitest";
import { manifestPath, recordPath, sinceProofPath } from "../../../core/archive/pack/pack-layout.ts";
import { packManifestBytes, readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { fromUtf8, hex, utf8 } from "../../../core/encoding/bytes.ts";
import { parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { formatAddCheckpoint, parseAddCheckpoint } from "../../../core/ledger/witness-request.ts";
import { testSigner } from "../ledger/ed25519.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { createdAt, type Files, packOf, type Recorded, recordStories, resealed, verified } from "./pack-fixture.ts";
import { hoursAfter } from "./small-pack.ts";

// An earlier export was verified when the first promotion was deployed; the two others came since.

let recorded: Recorded;
let earlier: NonNullable<VerifyPackOptions["since"]>;
let whole: Files;
let part: Files;
beforeAll(async () => {
  recorded = await recordStories();
  whole = await packOf(recorded);
  const last = recorded.house.facts.findLastIndex(({ promotion }) => promotion === recorded.deployed);
  const sizes = [...whole.keys()].flatMap((name) => /^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const size = Math.min(...sizes.filter((each) => each > last));
  const bytes = whole.get(`log/checkpoints/${size}`) ?? new Uint8Array();
  earlier = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
  const root = hex(earlier.checkpoint.root);
  part = await packOf(recorded, { scope: { kind: "since", size, root } });
});

async function findings(files: Files, since = earlier): Promise<readonly string[]> {
  const result = await verified(files, { since });
  expect(result.holds).toBe(false);
  return result.findings.map(({ code, path }) => `${code} ${path}`);
}

describe("a pack of what came since a checkpoint", () => {
  it("holds, with every new record and no tile", async () => {
    const result = await verified(part, { since: earlier });
    expect(result.findings).toEqual([]);
    expect(result.since).toBe(earlier.checkpoint.size);
    expect(result.promotions.map(({ promotion, outcome }) => [promotion, outcome])).toEqual([
      // It was young then: whether others told otherwise could not be told yet.
      [recorded.deployed, "PASSED"],
      [recorded.rejected, "PASSED"],
      [recorded.blocked, "PASSED"],
    ]);
    expect([...part.keys()].filter((name) => name.startsWith("log/"))).toEqual(["log/checkpoint"]);
  });

  it("says that the checkpoint is missing where none is given", async () => {
    const result = await verified(part);
    expect(result.holds).toBe(true);
    expect(result.unchecked.map(({ sentence }) => sentence).join(" ")).toContain("give the checkpoint of that time");
  });

  it("does not hold without one of the new records", async () => {
    const index = earlier.checkpoint.size + 1;
    const changed = resealed(part, { [recordPath(index)]: undefined });
    expect(await findings(changed)).toContain(`record-missing ${recordPath(index)}`);
  });

  it("does not hold where a record is not the one that its proof shows", async () => {
    const path = recordPath(earlier.checkpoint.size);
    const text = fromUtf8(part.get(path) ?? new Uint8Array());
    const changed = resealed(part, { [path]: utf8(text.replace('"summary":"', '"summary":"Not ')) });
    expect(await findings(changed)).toContain(`record-unproven proofs/${earlier.checkpoint.size}.tlog-proof`);
  });

  it("does not hold with records of a tree that the log's key has signed for nobody else", async () => {
    const facts = recorded.house.facts.map((fact) =>
      fact.type === "rejected" ? { ...fact, type: "held" as const, body: {} } : fact,
    );
    const { scope } = readPackManifest(part.get(manifestPath) ?? new Uint8Array());
    const forked = await packOf(recorded, { scope, facts, goesOn: 0 });
    // The head that everybody was shown, and the proof that it goes on from the earlier one; every record with a proof that fits it.
    const shown = ["log/checkpoint", sinceProofPath].map((path) => [path, part.get(path)] as const);
    const { log } = readPackManifest(part.get(manifestPath) ?? new Uint8Array());
    const manifest = readPackManifest(forked.get(manifestPath) ?? new Uint8Array());
    const forged = resealed(forked, {
      ...Object.fromEntries(shown),
      [manifestPath]: packManifestBytes({ ...manifest, log }),
    });
    const found = await findings(forged);
    expect([...new Set(found.map((each) => each.replace(/\d+\.(tlog-proof|json)$/, "")))]).toEqual([
      "record-unproven proofs/",
      // That what was rejected ended is one of the records that it has otherwise.
      "quorum-differs records/",
    ]);
    expect(found).toHaveLength(manifest.records + 1);
  });

  it.each(["another hash", "another size", "another checkpoint", "none", "no proof at all"])(
    "does not hold with %s in its proof",
    async (what) => {
      const proof = parseAddCheckpoint(part.get(sinceProofPath) ?? new Uint8Array());
      const changed: Readonly<Record<string, Uint8Array | undefined>> = {
        "another hash": formatAddCheckpoint({ ...proof, proof: proof.proof.map(() => new Uint8Array(32)) }),
        "another size": formatAddCheckpoint({ ...proof, oldSize: proof.oldSize - 1 }),
        "another checkpoint": formatAddCheckpoint({ ...proof, checkpoint: earlier.bytes }),
        none: undefined,
        "no proof at all": utf8("old\n"),
      };
      expect(await findings(resealed(part, { [sinceProofPath]: changed[what] }))).toContain(
        `earlier-mismatch ${sinceProofPath}`,
      );
    },
  );

  it("does not hold against a checkpoint of another size, or of a fork", async () => {
    const { checkpoint } = earlier;
    const [other] = [...whole.keys()].filter((name) => name.startsWith("log/checkpoints/"));
    const bytes = whole.get(other ?? "") ?? new Uint8Array();
    const older = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
    expect(await findings(part, older)).toContain("earlier-mismatch manifest.json");
    const fork = { ...checkpoint, root: new Uint8Array(32).fill(7) };
    const signed = await signCheckpoint(fork, MemoryLedger.signer, createdAt);
    expect(await findings(part, { bytes: signed, checkpoint: fork })).toContain("earlier-mismatch manifest.json");
  });

  it("does not hold against a checkpoint that the log did not sign", async () => {
    const { checkpoint } = earlier;
    const bytes = await signCheckpoint(checkpoint, testSigner(MemoryLedger.signer.origin, 9), createdAt);
    expect(await findings(part, { bytes, checkpoint })).toContain("earlier-mismatch log/checkpoint");
  });

  it("is not made of a log that does not begin with the checkpoint, nor of one that has nothing new", async () => {
    const { size } = earlier.checkpoint;
    const fork = packOf(recorded, { scope: { kind: "since", size, root: "0".repeat(64) } });
    await expect(fork).rejects.toMatchObject({ code: "conflict" });
    const newest = parseCheckpoint(whole.get("log/checkpoint") ?? new Uint8Array()).checkpoint;
    const nothing = packOf(recorded, { scope: { kind: "since", size: newest.size, root: hex(newest.root) } });
    await expect(nothing).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("a pack of the whole log", () => {
  it("is looked at from the checkpoint on, and says which promotions it passed over", async () => {
    const result = await verified(whole, { since: await hoursAfter(earlier) });
    expect(result.findings).toEqual([]);
    expect(result.promotions.map(({ outcome }) => outcome)).toEqual(["NOT CHECKED", "PASSED", "PASSED"]);
    expect(result.unchecked.map(({ sentence }) => sentence).join(" ")).toContain("was taken as verified");
  });

  it("tells nothing else of what it passed over than its records do", async () => {
    const since = await hoursAfter(earlier);
    const told = async (name: string, bytes?: Uint8Array) => {
      const { findings: found, promotions } = await verified(resealed(whole, { [name]: bytes }), { since });
      return [found.map(({ code, path }) => `${code} ${path}`), promotions.map(({ outcome }) => outcome)];
    };
    const { deployed } = recorded;
    const failed = ["FAILED", "PASSED", "PASSED"];
    const report = `report/${deployed}.html`;
    const text = fromUtf8(whole.get(report) ?? new Uint8Array());
    expect(text).toContain("compliance");
    expect(await told(report, utf8(text.replace("compliance", "nobody")))).toEqual([
      [`view-differs ${report}`],
      failed,
    ]);
    expect(await told(report)).toEqual([[`file-missing ${report}`], failed]);
    const bundle = `bundles/${deployed}/verdict.sigstore.json`;
    expect(await told(bundle, utf8("{}"))).toEqual([[`view-differs ${bundle}`], failed]);
    const more = `bundles/${deployed}/verdict-2.sigstore.json`;
    expect(await told(more, utf8("{}"))).toEqual([[`file-unexpected ${more}`], ["NOT CHECKED", "PASSED", "PASSED"]]);
    const token = recorded.house.facts.find((fact) => fact.promotion === deployed && fact.type === "sign-off");
    const blob = `blobs/sha256/${token?.attachments.find(({ name }) => name === "id-token.jwt")?.sha256}`;
    expect(await told(blob)).toEqual([[`document-missing ${blob}`, `view-differs ${report}`], failed]);
  });

  it("does not hold against the checkpoint of a fork, or of a longer log", async () => {
    for (const over of [{ root: new Uint8Array(32).fill(7) }, { size: 1_000 }]) {
      const checkpoint = { ...earlier.checkpoint, ...over };
      const bytes = await signCheckpoint(checkpoint, MemoryLedger.signer, createdAt);
      expect(await findings(whole, { bytes, checkpoint })).toContain("earlier-mismatch log/checkpoint");
    }
  });
});
