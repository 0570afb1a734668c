import { describe, expect, it } from "vitest";
import { startSha256 } from "../../../../adapters/node-crypto/running-sha256.ts";
import {
  checkedSource,
  fileStates,
  hashRest,
  isAsListed,
  isMarked,
  markRow,
  marks,
  noteSum,
  unmarkAll,
} from "../../../../core/archive/pack/file-states.ts";
import { memorySource, type PackSource } from "../../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { sha256Bytes } from "../../../../core/encoding/sha256.ts";

const names = ["a.json", "b.json", "c.json", "SHA256SUMS"];
const files = new Map(names.map((name) => [name, utf8(name)]));

/** A pack whose first file is as listed, whose second was changed, and whose third nobody listed. */
function pack(over: Partial<PackSource> = {}) {
  const states = fileStates(names.length);
  noteSum(states, 0, sha256Bytes(utf8("a.json")));
  noteSum(states, 1, sha256Bytes(utf8("something else")));
  const plain = { ...memorySource(files), ...over };
  const marked = (row: number) =>
    Object.entries(marks).flatMap(([name, mark]) => (isMarked(states, row, mark) ? [name] : []));
  const asListed = () => names.map((_, row) => isAsListed(states, row));
  return { states, plain, source: checkedSource(plain, states, startSha256), marked, asListed };
}

async function chunksOf(source: PackSource, name: string): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks(name)) chunks.push(chunk);
  return chunks;
}

const read = ["listed", "hashed", "wanted"];
const changed = ["listed", "hashed", "changed", "wanted"];

describe("what is read of a pack", () => {
  it.each<[string, (source: PackSource, name: string) => Promise<unknown>]>([
    ["whole", async (source, name) => source.read(name)],
    ["whole, with its hash", async (source, name) => (await source.readHashed?.(name))?.bytes],
    ["piece by piece", async (source, name) => (await chunksOf(source, name))[0]],
  ])("is held against its sum and marked as wanted: %s", async (_, take) => {
    const { source, marked, asListed } = pack();
    expect(asListed()).toEqual([false, false, false, false]);
    expect(await take(source, "a.json")).toEqual(utf8("a.json"));
    expect(await take(source, "b.json")).toEqual(utf8("b.json"));
    expect(await take(source, "c.json")).toEqual(utf8("c.json"));
    expect([marked(0), marked(1), marked(2), marked(3)]).toEqual([read, changed, ["hashed", "wanted"], []]);
    expect(asListed()).toEqual([true, false, false, false]);
    expect(await take(source, "nowhere")).toBeUndefined();
  });

  it("has the hash of its bytes", async () => {
    const { source } = pack();
    expect((await source.readHashed?.("a.json"))?.sha256).toEqual(sha256Bytes(utf8("a.json")));
  });

  it("may be held against a sum that is read later", async () => {
    const { states, source, asListed } = pack();
    await source.read("c.json");
    expect(asListed()[2]).toBe(false);
    noteSum(states, 2, sha256Bytes(utf8("c.json")));
    expect(asListed()[2]).toBe(true);
  });

  it.each([0, 31])("differs from a sum that is read later where byte %i does", async (byte) => {
    const { states, source, marked, asListed } = pack();
    await source.read("c.json");
    const sum = sha256Bytes(utf8("c.json"));
    sum[byte] = (sum[byte] ?? 0) ^ 1;
    noteSum(states, 2, sum);
    expect([marked(2), asListed()[2]]).toEqual([changed, false]);
  });

  it("is as nothing lists it once the sums turn out to be none", async () => {
    const { states, source, marked, asListed } = pack();
    await source.read("a.json");
    unmarkAll(states, marks.listed);
    expect([marked(0), marked(1), asListed()[0]]).toEqual([["hashed", "wanted"], [], false]);
  });

  it("is hashed once: the first time counts", async () => {
    let now = utf8("a.json");
    const { source, marked, asListed } = pack({ read: async () => now });
    await source.read("a.json");
    now = utf8("changed meanwhile");
    await source.read("a.json");
    await source.readHashed?.("a.json");
    expect([marked(0), asListed()[0]]).toEqual([read, true]);
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
    const { states, plain, marked, asListed } = pack();
    await hashRest(plain, states, startSha256, all);
    expect([marked(0), marked(1), marked(2), marked(3)]).toEqual([
      ["listed", "hashed"],
      ["listed", "hashed", "changed"],
      ["hashed"],
      [],
    ]);
    expect(asListed()).toEqual([true, false, false, false]);
  });

  it("is hashed row by row, from one to before another, except for some", async () => {
    const { states, plain, marked } = pack();
    await hashRest(plain, states, startSha256, { from: 1, to: 2 });
    expect([marked(0), marked(1), marked(2)]).toEqual([["listed"], ["listed", "hashed", "changed"], []]);
    await hashRest(plain, states, startSha256, { ...all, except: (name) => name === "c.json" });
    expect([marked(0), marked(2)]).toEqual([["listed", "hashed"], []]);
  });

  it("is not read again where it was hashed", async () => {
    const hashed: string[] = [];
    const { states, plain, source } = pack({
      async *chunks(name) {
        hashed.push(name);
        yield utf8(name);
      },
    });
    await source.read("a.json");
    await hashRest(plain, states, startSha256, all);
    expect(hashed).toEqual(["b.json", "c.json"]);
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
    isMarked(states, 1, marks.listed),
  ]).toEqual([true, true, false]);
  expect(isMarked(states, 1, marks.hashed | marks.listed)).toBe(false);
  expect([isMarked(states, 0, marks.wanted), isMarked(states, 7, marks.wanted)]).toEqual([false, false]);
  noteSum(states, 2, new Uint8Array(32).fill(7));
  expect(states.digests).toEqual(Uint8Array.from({ length: 96 }, (_, at) => (at >= 64 ? 7 : 0)));
});
