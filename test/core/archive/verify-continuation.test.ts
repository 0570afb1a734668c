import { describe, expect, it } from "vitest";
import { manifestPath, sinceProofPath } from "../../../core/archive/pack/pack-layout.ts";
import { readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import { type EarlierHead, verifiedBefore, verifyContinuation } from "../../../core/archive/verify-continuation.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Checkpoint, parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { cosignatureTime } from "../../../core/ledger/note-key.ts";
import { formatSignedNote } from "../../../core/ledger/signed-note.ts";
import { formatAddCheckpoint, parseAddCheckpoint } from "../../../core/ledger/witness-request.ts";
import { testSigner, verifyEd25519 } from "../ledger/ed25519.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { createdAt, type Files } from "./memory-pack.ts";
import { headOf, sinceHead, smallPack } from "./small-pack.ts";

const whole = await smallPack();
const sizes = [...whole.keys()].flatMap((name) => /^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? []).map(Number);
const [size = 0, later = 0] = sizes.toSorted((a, b) => a - b);
const earlier = headOf(whole, size);
const scope = sinceHead(earlier);
const part = await smallPack({ scope });
const { origin, publicKey } = MemoryLedger.signer;
const trust = { origin, keys: [publicKey] };

const signed = async (checkpoint: Checkpoint, by = MemoryLedger.signer): Promise<EarlierHead> => ({
  bytes: await signCheckpoint(checkpoint, by, createdAt),
  checkpoint,
});
const wrongIn = async (files: Files, since: EarlierHead | undefined, head?: Checkpoint) =>
  await verifyContinuation(
    memorySource(files),
    head ?? parseCheckpoint(files.get("log/checkpoint") ?? new Uint8Array()).checkpoint,
    readPackManifest(files.get(manifestPath) ?? new Uint8Array()),
    { earlier: since, trust, verify: verifyEd25519 },
  );
const mismatch = (path: string, sentence: string) => [{ code: "earlier-mismatch", path, sentence }];
const withProof = (proof: Uint8Array): Files => new Map([...part, [sinceProofPath, proof]]);
const without = (files: Files, path: string): Files => new Map([...files].filter(([name]) => name !== path));

describe("a log that is whole goes on from an earlier head", () => {
  it("where its first entries have that root, whichever head it is, and where none is given", async () => {
    expect(size).toBeGreaterThan(0);
    for (const each of sizes) expect(await wrongIn(whole, headOf(whole, each))).toEqual([]);
    expect(await wrongIn(whole, undefined)).toEqual([]);
  });

  it("not where another log's key, or none that counts, signed that", async () => {
    const foreign = await signed(earlier.checkpoint, testSigner(origin, 99));
    const [found] = await wrongIn(whole, foreign);
    expect(found).toMatchObject({ code: "earlier-mismatch", path: "log/checkpoint" });
    expect(found?.sentence).toMatch(/^The earlier checkpoint is not this log's: /);
  });

  it("not where it had more entries then", async () => {
    const { checkpoint } = parseCheckpoint(whole.get("log/checkpoint") ?? new Uint8Array());
    const longer = { ...checkpoint, size: checkpoint.size + 1 };
    expect(await wrongIn(whole, await signed(longer))).toEqual(
      mismatch(
        "log/checkpoint",
        `The log had ${longer.size} entries before, and has ${checkpoint.size} here: this is older than the checkpoint that was given, or entries were taken away.`,
      ),
    );
  });

  it("not where it began otherwise then", async () => {
    const fork = { ...earlier.checkpoint, root: new Uint8Array(32).fill(7) };
    expect(await wrongIn(whole, await signed(fork))).toEqual(
      mismatch("log/checkpoint", `The first ${size} entries are not those of the earlier checkpoint.`),
    );
  });

  it("not where what would show it is missing", async () => {
    const tiles = [...whole.keys()].filter((name) => name.startsWith("log/tile/"));
    expect(tiles.length).toBeGreaterThan(0);
    const bare = tiles.reduce(without, whole);
    expect(await wrongIn(bare, earlier)).toMatchObject([{ code: "earlier-mismatch", path: "log/checkpoint" }]);
  });
});

describe("a pack of what came since an earlier head", () => {
  it("goes on from that by its proof, and from none that was not given", async () => {
    expect(await wrongIn(part, earlier)).toEqual([]);
    expect(await wrongIn(part, undefined)).toEqual([]);
  });

  it("does not go on from another, be it of another size or of a fork", async () => {
    const from = (of: number) =>
      mismatch(
        manifestPath,
        `The pack goes on from another checkpoint, of ${size} entries, than the one that was given, of ${of}.`,
      );
    expect(await wrongIn(part, headOf(whole, later))).toEqual(from(later));
    const fork = { ...earlier.checkpoint, root: new Uint8Array(32).fill(7) };
    expect(await wrongIn(part, await signed(fork))).toEqual(from(size));
  });

  const proof = parseAddCheckpoint(part.get(sinceProofPath) ?? new Uint8Array());
  const other = `The first ${size} entries are not those of the earlier checkpoint.`;
  it.each<[string, Files, string]>([
    ["no proof", without(part, sinceProofPath), `${sinceProofPath} is missing.`],
    [
      "a proof that leads elsewhere",
      withProof(formatAddCheckpoint({ ...proof, checkpoint: earlier.bytes })),
      `${sinceProofPath} leads to another checkpoint than the pack's.`,
    ],
    ["no head", without(part, "log/checkpoint"), `${sinceProofPath} leads to another checkpoint than the pack's.`],
    ["a proof from another size", withProof(formatAddCheckpoint({ ...proof, oldSize: size + 1 })), other],
    [
      "other hashes",
      withProof(formatAddCheckpoint({ ...proof, proof: proof.proof.map(() => new Uint8Array(32)) })),
      other,
    ],
  ])("shows nothing with %s", async (_, files, sentence) => {
    const head = parseCheckpoint(part.get("log/checkpoint") ?? new Uint8Array()).checkpoint;
    for (const since of [earlier, undefined])
      expect(await wrongIn(files, since, head)).toEqual(mismatch(sinceProofPath, sentence));
  });

  it("shows nothing with what is no proof, and says why", async () => {
    expect(await wrongIn(withProof(utf8("old\n")), earlier)).toMatchObject([
      { code: "earlier-mismatch", path: sinceProofPath, sentence: expect.stringContaining("empty line") },
    ]);
  });
});

describe("how far a log was verified before", () => {
  it("is its size, and the earliest time at which its head was signed", async () => {
    expect(verifiedBefore(undefined)).toBeUndefined();
    expect(verifiedBefore(await signed(earlier.checkpoint))).toEqual({ size, goesTo: createdAt });
    const other = await signCheckpoint(earlier.checkpoint, testSigner(origin, 99), addSeconds(createdAt, -60));
    const [{ note }, second] = [parseCheckpoint((await signed(earlier.checkpoint)).bytes), parseCheckpoint(other)];
    const twice = { ...note, signatures: [...note.signatures, ...second.note.signatures] };
    const kept = (signatures: typeof note.signatures) => ({
      ...earlier,
      bytes: utf8(formatSignedNote({ ...note, signatures })),
    });
    expect(verifiedBefore(kept(twice.signatures))).toEqual({ size, goesTo: addSeconds(createdAt, -60) });
    const untimed = note.signatures.filter(({ signature }) => cosignatureTime(signature) === undefined);
    expect(verifiedBefore(kept(untimed))).toEqual({ size });
  });
});
