import { describe, expect, it } from "vitest";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import {
  checkedSource,
  fileStates,
  hashRest,
  isMarked,
  markRow,
  marks,
  sumAt,
} from "../../../core/archive/file-states.ts";
import { memorySource, type PackSource } from "../../../core/archive/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";

const names = ["a.json", "b.json", "c.json", "SHA256SUMS"];
const files = new Map(names.map((name) => [name, utf8(name)]));

/** A pack whose first file is as listed, whose second was changed, and whose third nobody listed. */
function pack(over: Partial<PackSource> = {}) {
  const states = fileStates(names.length);
  states.sums.set(sha256Bytes(utf8("a.json")), 0);
  states.sums.set(sha256Bytes(utf8("something else")), 32);
  markRow(states, 0, marks.listed);
  markRow(states, 1, marks.listed);
  const plain = { ...memorySource(files), ...over };
  const marked = (row: number) =>
    Object.entries(marks).flatMap(([name, mark]) => (isMarked(states, row, mark) ? [name] : []));
  return { states, plain, source: checkedSource(plain, states, startSha256), marked };
}

async function chunksOf(source: PackSource, name: string): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks(name)) chunks.push(chunk);
  return chunks;
}

const asListed = ["listed", "hashed", "wanted"];
const changed = ["listed", "hashed", "changed", "wanted"];

describe("what is read of a pack", () => {
  it.each<[string, (source: PackSource, name: string) => Promise<unknown>]>([
    ["whole", async (source, name) => source.read(name)],
    ["whole, with its hash", async (source, name) => (await source.readHashed?.(name))?.bytes],
    ["piece by piece", async (source, name) => (await chunksOf(source, name))[0]],
  ])("is held against its sum and marked as wanted: %s", async (_, read) => {
    const { source, marked } = pack();
    expect(await read(source, "a.json")).toEqual(utf8("a.json"));
    expect(await read(source, "b.json")).toEqual(utf8("b.json"));
    expect(await read(source, "c.json")).toEqual(utf8("c.json"));
    expect([marked(0), marked(1), marked(2), marked(3)]).toEqual([asListed, changed, ["hashed", "wanted"], []]);
    expect(await read(source, "nowhere")).toBeUndefined();
  });

  it("has the hash of its bytes", async () => {
    const { source } = pack();
    expect((await source.readHashed?.("a.json"))?.sha256).toEqual(sha256Bytes(utf8("a.json")));
  });

  it("is hashed once: what a row is marked with stays", async () => {
    let now = utf8("a.json");
    const { source, marked } = pack({ read: async () => now });
    await source.read("a.json");
    now = utf8("changed meanwhile");
    await source.read("a.json");
    await source.readHashed?.("a.json");
    expect(marked(0)).toEqual(asListed);
  });

  it("is wanted though nobody could read it", async () => {
    const { source, marked } = pack({ read: async () => undefined });
    expect(await source.read("a.json")).toBeUndefined();
    expect(await source.readHashed?.("b.json")).toBeUndefined();
    expect([marked(0), marked(1)]).toEqual([
      ["listed", "wanted"],
      ["listed", "wanted"],
    ]);
  });
});

describe("what nobody has read", () => {
  const all = { from: 0, to: names.length };

  it("is hashed in the end, but for the sums themselves, and wanted by nobody", async () => {
    const { states, plain, marked } = pack();
    await hashRest(plain, states, startSha256, all);
    expect([marked(0), marked(1), marked(2), marked(3)]).toEqual([
      ["listed", "hashed"],
      ["listed", "hashed", "changed"],
      ["hashed"],
      [],
    ]);
  });

  it("is hashed row by row, from one to before another, except for some", async () => {
    const { states, plain, marked } = pack();
    await hashRest(plain, states, startSha256, { from: 1, to: 2 });
    expect([marked(0), marked(1), marked(2)]).toEqual([["listed"], ["listed", "hashed", "changed"], []]);
    await hashRest(plain, states, startSha256, { ...all, except: (name) => name === "c.json" });
    expect([marked(0), marked(2)]).toEqual([["listed", "hashed"], []]);
  });

  it("is not read again where it was hashed", async () => {
    const read: string[] = [];
    const { states, plain, source } = pack({
      async *chunks(name) {
        read.push(name);
        yield utf8(name);
      },
    });
    await source.read("a.json");
    await hashRest(plain, states, startSha256, all);
    expect(read).toEqual(["b.json", "c.json"]);
  });
});

it("marks are kept by row, beside others, in memory that is asked for", () => {
  const asked: number[] = [];
  const states = fileStates(3, (size) => {
    asked.push(size);
    return new ArrayBuffer(size);
  });
  expect(asked).toEqual([96, 3]);
  markRow(states, 1, marks.wanted);
  markRow(states, 1, marks.hashed);
  expect([
    isMarked(states, 1, marks.wanted),
    isMarked(states, 1, marks.hashed),
    isMarked(states, 1, marks.changed),
  ]).toEqual([true, true, false]);
  expect(isMarked(states, 1, marks.hashed | marks.changed)).toBe(false);
  expect([isMarked(states, 0, marks.wanted), isMarked(states, 7, marks.wanted)]).toEqual([false, false]);
  states.sums.fill(7, 32, 64);
  expect(sumAt(states, 1)).toEqual(new Uint8Array(32).fill(7));
});
