import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../core/encoding/bytes.ts";
import { Failure } from "../../../core/failure.ts";
import { planAppend, readOpenEdge } from "../../../core/ledger/append-plan.ts";
import { hashedEntry } from "../../../core/ledger/batch.ts";
import {
  appendToRange,
  type CompactRange,
  emptyRange,
  leafHash,
  merkleRoot,
  rangeRoot,
} from "../../../core/ledger/merkle.ts";
import { consistencyProofOf, inclusionProofOf } from "../../../core/ledger/merkle-proofs.ts";
import { proveFromTiles } from "../../../core/ledger/tile-proofs.ts";

const entry = (index: number) => hashedEntry(`fact ${index}`, utf8(`entry ${index}`));
const entriesFrom = (first: number, count: number) => Array.from({ length: count }, (_, i) => entry(first + i));
const leavesUpTo = (size: number) => entriesFrom(0, size).map(({ leaf }) => leaf);

/** A log in memory that refuses to write a path twice. */
class Objects {
  readonly byPath = new Map<string, Uint8Array>();
  readonly read = async (path: string) => this.byPath.get(path);

  async append(before: CompactRange, count: number): Promise<{ after: CompactRange; paths: readonly string[] }> {
    const edge = await readOpenEdge(before, count, this.read);
    const { objects, after } = planAppend(edge, entriesFrom(before.size, count));
    for (const { path, bytes } of objects) {
      if (this.byPath.has(path)) throw new Error(`${path} was written twice`);
      this.byPath.set(path, bytes);
    }
    return { after, paths: objects.map(({ path }) => path) };
  }
}

async function grown(
  ...counts: readonly number[]
): Promise<{ objects: Objects; range: CompactRange; paths: readonly string[] }> {
  const objects = new Objects();
  let range = emptyRange;
  let paths: readonly string[] = [];
  for (const count of counts) ({ after: range, paths } = await objects.append(range, count));
  return { objects, range, paths };
}

describe("an append", () => {
  it.each([
    ["one entry to nothing", [1], ["tile/entries/000.p/1", "tile/0/000.p/1"]],
    ["one entry to one", [1, 1], ["tile/entries/000.p/2", "tile/0/000.p/2"]],
    ["the last of a bundle", [255, 1], ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]],
    ["a full bundle", [256, 256], ["tile/entries/001", "tile/0/001", "tile/1/000.p/2"]],
    [
      "across the end of a bundle",
      [250, 10],
      ["tile/entries/000", "tile/entries/001.p/4", "tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1"],
    ],
    ["nothing", [5, 0], []],
  ])("of %s writes the fewest objects", async (_, counts, expected) => {
    expect((await grown(...counts)).paths).toEqual(expected);
  });

  it("fills a tile at every level when its time has come", async () => {
    const { paths, objects } = await grown(65_535, 1);
    expect(paths).toEqual(["tile/entries/255", "tile/0/255", "tile/1/000", "tile/2/000.p/1"]);
    expect(objects.byPath.get("tile/2/000.p/1")).toEqual(merkleRoot(leavesUpTo(65_536)));
  });

  it("in steps of a bundle costs three writes for 256 entries", async () => {
    const { objects } = await grown(...Array.from({ length: 20 }, () => 256));
    expect(objects.byPath.size).toBe(3 * 20);
  });

  it("comes to the same tree however it is cut, and each object is written once", async () => {
    const cuts = fc.array(fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 300 })), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(cuts, async (counts) => {
        const { objects, range } = await grown(...counts);
        expect(hex(rangeRoot(range))).toBe(hex(merkleRoot(leavesUpTo(range.size))));
        if (range.size === 0) return;
        const whole = (await grown(range.size)).objects.byPath;
        for (const [path, bytes] of whole) expect(objects.byPath.get(path), path).toEqual(bytes);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["an entry was changed", "tile/entries/001.p/44", 4],
    ["a tile above was changed", "tile/1/000.p/1", 0],
  ])("refuses to build on the log when %s", async (_, path, at) => {
    const { objects, range } = await grown(300);
    const bytes = objects.byPath.get(path)?.slice() ?? new Uint8Array();
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    objects.byPath.set(path, bytes);
    const refusal = expect.objectContaining({
      code: "ledger-invalid",
      message: expect.stringContaining("the tree of 300"),
    });
    await expect(readOpenEdge(range, 256, objects.read)).rejects.toThrow(refusal);
  });

  it.each(["tile/entries/001.p/44", "tile/1/000.p/1"])("refuses to go on when %s is missing", async (path) => {
    const { objects, range } = await grown(300);
    objects.byPath.delete(path);
    await expect(readOpenEdge(range, 256, objects.read)).rejects.toThrow(`The ledger lacks ${path}.`);
  });
});

describe("proofs from tiles", () => {
  it("are those from the leaves", async () => {
    const { objects } = await grown(700);
    const prover = proveFromTiles(700, objects.read);
    const leaves = leavesUpTo(700);
    for (const index of [0, 1, 255, 256, 511, 512, 600, 699]) {
      expect(await prover.inclusion(index)).toEqual(inclusionProofOf(leaves, index));
    }
    for (const oldSize of [0, 1, 2, 255, 256, 257, 512, 513, 699, 700]) {
      expect(await prover.consistency(oldSize)).toEqual(consistencyProofOf(leaves, oldSize));
      expect(await prover.range(oldSize)).toEqual(appendToRange(emptyRange, leaves.slice(0, oldSize)));
    }
  });

  it("reach up to the tiles of the third level", async () => {
    const size = 66_000;
    const { objects } = await grown(size);
    const leaves = leavesUpTo(size);
    const prover = proveFromTiles(size, objects.read);
    for (const index of [0, 65_535, 65_536, 65_999]) {
      expect(await prover.inclusion(index)).toEqual(inclusionProofOf(leaves, index));
    }
    expect(await prover.consistency(65_600)).toEqual(consistencyProofOf(leaves, 65_600));
  });

  it("are made for an earlier tree too, and from the full tile where the partial is gone", async () => {
    const { objects } = await grown(100, 200);
    expect(await proveFromTiles(100, objects.read).inclusion(7)).toEqual(inclusionProofOf(leavesUpTo(100), 7));
    objects.byPath.delete("tile/0/000.p/100");
    expect(await proveFromTiles(100, objects.read).inclusion(7)).toEqual(inclusionProofOf(leavesUpTo(100), 7));
  });

  it("read each tile once, and only those they need", async () => {
    const { objects } = await grown(1000);
    const asked: string[] = [];
    const prover = proveFromTiles(1000, async (path) => {
      asked.push(path);
      return await objects.read(path);
    });
    await Promise.all([prover.inclusion(3), prover.inclusion(4), prover.consistency(3)]);
    expect(asked.sort()).toEqual(["tile/0/000", "tile/0/003.p/232", "tile/1/000.p/3"]);
  });

  it("are refused where a tile is missing or of the wrong length", async () => {
    const { objects } = await grown(300);
    const prover = (read: typeof objects.read) => proveFromTiles(300, read);
    await expect(prover(async () => undefined).inclusion(0)).rejects.toThrow("The ledger lacks tile/");
    await expect(prover(async () => new Uint8Array(64)).inclusion(0)).rejects.toThrow("holds 2 hashes instead of");
    await expect(prover(async () => new Uint8Array(65)).inclusion(0)).rejects.toThrow(Failure);
  });
});

it("hashes the entries of a batch as leaves", () => {
  expect(entry(3).leaf).toEqual(leafHash(utf8("entry 3")));
});
