import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../../adapters/node-crypto/signatures.ts";
import { inspectAll } from "../../../core/archive/inspected-records.ts";
import { proofPath, recordPath, sinceProofPath } from "../../../core/archive/pack/pack-layout.ts";
import { verifyRecords } from "../../../core/archive/verify-records.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { concatBytes, fromUtf8, hex, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import { formatAddCheckpoint, parseAddCheckpoint } from "../../../core/ledger/witness-request.ts";
import { type Files, resealed } from "./memory-pack.ts";
import { flipped } from "./retelling.ts";
import { headOf, sinceHead, smallFacts, smallPack, verifiedPack, withManifest, wrongWith } from "./small-pack.ts";
import { told } from "./told.ts";

// 14 entries: two keys, the policies, seven records of one promotion, two each of two more.
const whole = await smallPack();
const part = await smallPack({ scope: { kind: "promotion", promotion: told.withdrawn } });
const earlier = headOf(whole, 7);
const since = await smallPack({ scope: sinceHead(earlier) });

const bytesOf = (files: Files, name: string): Uint8Array => {
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`The pack has no ${name}.`);
  return bytes;
};
/** What a part of the work comes to that finds nothing. */
const nothingInspected = {
  ...{
    malformed: [],
    byPromotion: [],
    installation: [],
    installationRecords: [],
    keyRecords: [],
    passkeyRecords: [],
    delegationRecords: [],
  },
  ...{ policyRecords: [], deployments: [], signOffs: [], findings: [], promotions: [], settled: [] },
  ...{ signInKeys: [], problems: [] },
};
/** What is found wrong with the log of a pack. */
const wrong = (files: Files, changes: Readonly<Record<string, Uint8Array | undefined>>, over = {}) =>
  wrongWith(resealed(files, changes), { mode: "checkpoint", ...over });
const record = (index: number, files = whole) => JSON.parse(fromUtf8(bytesOf(files, recordPath(index))));

describe("each record of a pack", () => {
  it("is the log's entry of its number", async () => {
    const other = canonicalJsonBytes({ ...record(12), summary: "It was otherwise." });
    const sentence = "record-changed records/12.json: records/12.json is not the log's entry 12.";
    expect(await wrong(whole, { [recordPath(12)]: other })).toEqual([sentence]);
    expect(await wrong(part, { [recordPath(12)]: other })).toContain(sentence);
  });

  it("is there, where the pack holds the whole log", async () => {
    const missing = await wrong(whole, { [recordPath(12)]: undefined });
    expect(missing).toContain("record-missing records/12.json: The record of entry 12 is missing.");
    expect(missing.filter((each) => each.startsWith("record-"))).toHaveLength(1);
  });

  it("is there, where the pack holds what came since a checkpoint", async () => {
    for (const index of [7, 14])
      expect(await wrong(since, { [recordPath(index)]: undefined }, { since: earlier })).toContain(
        `record-missing records/${index}.json: The record of entry ${index} is missing.`,
      );
  });

  it("is below the log's size, and proven", async () => {
    const more = canonicalJsonBytes(record(12));
    for (const files of [whole, part, since])
      expect(await wrong(files, { [recordPath(99)]: more })).toContain(
        "record-unproven records/99.json: Nothing in the pack proves that records/99.json is in the log.",
      );
  });

  it("that came since and is beyond the log's head is not asked for a proof: nothing could prove it", async () => {
    const beyond = { [recordPath(15)]: canonicalJsonBytes(record(12)) };
    expect(await wrong(since, beyond, { since: earlier })).toEqual(
      expect.arrayContaining([expect.stringMatching(/^record-unproven records\/15\.json: Nothing in the pack proves/)]),
    );
    expect((await wrong(since, beyond, { since: earlier })).join("\n")).not.toContain("proofs/15");
  });

  it("that is another is told of its promotion, if it has one", async () => {
    const changed = resealed(whole, {
      [recordPath(1)]: canonicalJsonBytes({ ...record(1), summary: "Otherwise." }),
      [recordPath(12)]: canonicalJsonBytes({ ...record(12), summary: "Otherwise." }),
    });
    const { findings } = await verifiedPack(changed, { mode: "checkpoint" });
    const [first, second] = findings.filter(({ code }) => code === "record-changed");
    expect(first).not.toHaveProperty("promotion");
    expect(second?.promotion).toBe(record(12).promotion);
  });

  it("is proven by the entry that was read: what could not be read of the log proves nothing", async () => {
    const leaves = [11, 12, 13, 14].map((index) => leafHash(bytesOf(whole, recordPath(index))));
    const { checkpoint } = parseCheckpoint(bytesOf(whole, "log/checkpoint"));
    const inspected = await inspectAll({ files: 0, indices: [11, 12, 13, 14], log: true, tables: false }, async () => ({
      ...nothingInspected,
      leaves: concatBytes(leaves),
      times: new Float64Array(leaves.length),
    }));
    const log = {
      verification: { findings: [], checkpoint },
      leaves: [{ first: 13, hashes: concatBytes(leaves.slice(2)) }],
    };
    const trust = { origin: checkpoint.origin, keys: [] };
    const { findings } = await verifyRecords(
      memorySource(whole),
      { ...inspected, log },
      { whole: true, everything: true, leftOut: [], trust, verify: verifyEd25519 },
    );
    expect(findings.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "record-unproven records/11.json",
      "record-unproven records/12.json",
    ]);
  });

  it("is a record that is known, or of a later version", async () => {
    const retold = (entry: object) => wrong(whole, { [recordPath(12)]: canonicalJsonBytes({ ...entry }) });
    expect(await retold({})).toContain("record-malformed records/12.json: Entry 12 is no record that is known here.");
    expect(await retold({ ...record(12), recordVersion: 2 })).toContain(
      "newer-version records/12.json: The record is of version 2: it could not be checked, since a newer Countersign made it.",
    );
    expect(await wrong(whole, { [recordPath(12)]: utf8("?") })).toContain(
      "record-malformed records/12.json: Entry 12 is no record that is known here.",
    );
  });

  it("of the installation is in the log once", async () => {
    const [key] = smallFacts;
    if (key === undefined) throw new Error("There is no key.");
    const twice = await smallPack({ facts: [...smallFacts, { ...key, summary: "Once more." }] });
    expect(await wrongWith(twice, { mode: "checkpoint" })).toContain(
      `record-repeated records/15.json: The ledger holds the record '${key.id}' twice.`,
    );
  });
});

describe("the head of the log", () => {
  it("says when it was signed, whatever the pack holds of the log", async () => {
    const { at } = (await verifiedPack(whole, { mode: "checkpoint" })).log ?? {};
    expect(at).toMatch(/^2026-/);
    for (const [files, over] of [
      [part, {}],
      [since, { since: earlier }],
    ] as const)
      expect((await verifiedPack(files, { mode: "checkpoint", ...over })).log?.at).toBe(at);
  });

  it("is there", async () => {
    for (const files of [whole, part, since])
      expect(await wrong(files, { "log/checkpoint": undefined })).toContain(
        "checkpoint-missing log/checkpoint: There is no checkpoint.",
      );
  });

  it("is signed by the log", async () => {
    for (const files of [whole, part, since]) {
      const found = await wrong(files, { "log/checkpoint": flipped(bytesOf(files, "log/checkpoint"), 2) });
      expect(found.some((each) => each.startsWith("checkpoint-rejected log/checkpoint: "))).toBe(true);
      expect(found.join("\n")).toContain("record-unproven");
    }
  });
});

describe("the proof of a record", () => {
  const path = proofPath(12);

  it("is there, of that record, and in its form", async () => {
    expect(await wrong(part, { [path]: undefined })).toEqual([`record-unproven ${path}: ${path} is missing.`]);
    expect(await wrong(part, { [path]: bytesOf(part, proofPath(11)) })).toContain(
      `record-unproven ${path}: ${path} is the proof of entry 11.`,
    );
    const broken = await wrong(part, { [path]: utf8("c2sp.org/tlog-proof@v1\n") });
    expect(broken).toHaveLength(1);
    expect(broken[0]).toMatch(new RegExp(`^record-unproven ${path}: `));
  });

  it("shows the record under the pack's checkpoint", async () => {
    const lines = fromUtf8(bytesOf(part, path)).split("\n");
    const other = fromUtf8(bytesOf(part, proofPath(11))).split("\n");
    const mixed = lines.map((line, at) => (/^[A-Za-z0-9+/]{43}=$/.test(line) ? (other[at] ?? line) : line)).join("\n");
    expect(await wrong(part, { [path]: utf8(mixed) })).toEqual([
      `record-unproven ${path}: The proof does not show that this entry is number 12 of the 15 in the log.`,
    ]);
    expect(await wrong(since, { [proofPath(12)]: utf8(mixed) })).toContain(
      `record-unproven ${path}: The proof does not show that this entry is number 12 of the 15 in the log.`,
    );
  });

  it("is one under the pack's own checkpoint, byte for byte", async () => {
    const text = fromUtf8(bytesOf(part, path));
    const at = text.lastIndexOf("\u2014 ");
    const unsigned = `${text.slice(0, at)}${text.slice(at).replace(/[A-Za-z0-9+/]{8}=*\n$/, "AAAAAAAA\n")}`;
    expect(unsigned).not.toBe(text);
    expect(await wrong(part, { [path]: utf8(unsigned) })).toEqual([
      `record-unproven ${path}: The proof is one under another checkpoint than the head of the log.`,
    ]);
  });

  it("of what came since is asked of every record in the pack", async () => {
    for (const index of [0, 7, 14])
      expect(await wrong(since, { [proofPath(index)]: undefined })).toEqual([
        `record-unproven ${proofPath(index)}: ${proofPath(index)} is missing.`,
      ]);
  });
});

describe("what was left out", () => {
  const leaf = (index: number) => hex(leafHash(bytesOf(whole, recordPath(index))));
  const without = (index: number, leafHash: string) =>
    withManifest(part, (manifest) => ({
      ...manifest,
      personalRecordsLeftOut: [{ index, type: "link-opened", leafHash }],
    }));
  const wrongly = "manifest-differs manifest.json: Entry 5 is not the record that the manifest says was left out.";

  it("is the log's entry by its hash, and not in the pack", async () => {
    expect(await wrongWith(without(5, leaf(5)), { mode: "checkpoint" })).toEqual([]);
    expect(await wrongWith(without(5, leaf(6)), { mode: "checkpoint" })).toEqual([wrongly]);
    expect(await wrongWith(without(12, leaf(12)), { mode: "checkpoint" })).toEqual([
      "manifest-differs manifest.json: Entry 12 is not the record that the manifest says was left out.",
    ]);
  });
});

describe("the tiles of a part", () => {
  const tile = [...part.keys()].find((name) => /^log\/tile\/0\//.test(name)) ?? "";

  it("are those of the log", async () => {
    expect(await wrong(part, { [tile]: undefined })).toContain(
      `tile-missing ${tile}: The tile ${tile.slice("log/".length)} is missing or of another length.`,
    );
    expect(await wrong(part, { [tile]: bytesOf(part, tile).subarray(32) })).toContain(
      `tile-missing ${tile}: The tile ${tile.slice("log/".length)} is missing or of another length.`,
    );
    expect(await wrong(part, { [tile]: flipped(bytesOf(part, tile), 6) })).toContain(
      "root-mismatch log/checkpoint: The tiles do not make the tree that the checkpoint signs for.",
    );
  });
});

describe("what a log goes on from", () => {
  const other = headOf(whole, 15);

  it("is the head that was given: of this log, and of its beginning", async () => {
    expect(await wrongWith(whole, { mode: "checkpoint", since: earlier })).toEqual([]);
    const foreign = { ...earlier, bytes: flipped(earlier.bytes, 2) };
    expect((await wrongWith(whole, { mode: "checkpoint", since: foreign }))[0]).toMatch(
      /^earlier-mismatch log\/checkpoint: The earlier checkpoint is not this log's: /,
    );
    const forked = { ...earlier, checkpoint: { ...earlier.checkpoint, root: new Uint8Array(32) } };
    expect(await wrongWith(whole, { mode: "checkpoint", since: forked })).toEqual([
      "earlier-mismatch log/checkpoint: The first 7 entries are not those of the earlier checkpoint.",
    ]);
    const larger = { ...earlier, checkpoint: { ...earlier.checkpoint, size: 16 } };
    expect(await wrongWith(whole, { mode: "checkpoint", since: larger })).toEqual([
      "earlier-mismatch log/checkpoint: The log had 16 entries before, and has 15 here: this is older than the checkpoint that was given, or entries were taken away.",
    ]);
    expect(await wrongWith(whole, { mode: "checkpoint", since: other })).toEqual([]);
  });

  it("is the one that the pack goes on from", async () => {
    expect(await wrongWith(since, { mode: "checkpoint", since: other })).toEqual([
      "earlier-mismatch manifest.json: The pack goes on from another checkpoint, of 7 entries, than the one that was given, of 15.",
    ]);
    const forked = { ...earlier, checkpoint: { ...earlier.checkpoint, root: new Uint8Array(32) } };
    expect(await wrongWith(since, { mode: "checkpoint", since: forked })).toEqual([
      "earlier-mismatch manifest.json: The pack goes on from another checkpoint, of 7 entries, than the one that was given, of 7.",
    ]);
  });

  it("is shown by a proof of its own, in a pack of what came since", async () => {
    const proof = parseAddCheckpoint(bytesOf(since, sinceProofPath));
    const told = (change: Partial<typeof proof>) =>
      wrong(since, { [sinceProofPath]: formatAddCheckpoint({ ...proof, ...change }) }, { since: earlier });
    expect(await told({})).toEqual([]);
    expect(await wrong(since, { [sinceProofPath]: undefined }, { since: earlier })).toEqual([
      `earlier-mismatch ${sinceProofPath}: ${sinceProofPath} is missing.`,
    ]);
    expect(await told({ checkpoint: earlier.bytes })).toEqual([
      `earlier-mismatch ${sinceProofPath}: ${sinceProofPath} leads to another checkpoint than the pack's.`,
    ]);
    const mismatch = `earlier-mismatch ${sinceProofPath}: The first 7 entries are not those of the earlier checkpoint.`;
    expect(await told({ oldSize: 6 })).toEqual([mismatch]);
    expect(await told({ proof: proof.proof.slice(1) })).toEqual([mismatch]);
    const [broken, ...more] = await wrong(since, { [sinceProofPath]: utf8("old seven\n") }, { since: earlier });
    expect([broken?.slice(0, 43), more]).toEqual([`earlier-mismatch ${sinceProofPath}`.slice(0, 43), []]);
  });
});
