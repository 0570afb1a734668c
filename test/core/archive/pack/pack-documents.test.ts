import { describe, expect, it } from "vitest";
import { documentCache, documents, recordsAt } from "../../../../core/archive/pack/pack-documents.ts";
import { blobPath, recordPath } from "../../../../core/archive/pack/pack-layout.ts";
import { memorySource, type PackSource } from "../../../../core/archive/zip/pack-source.ts";
import { fromHex, utf8 } from "../../../../core/encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { ledgerEntry } from "../../../../core/promotion/ledger-record.ts";
import { told } from "../told.ts";

const text = (name: string, length = name.length) => utf8(name.padEnd(length, "."));
const bytes = text("document");
const digest = sha256Hex(bytes);

describe("documents that are kept", () => {
  it("are those that were offered twice", () => {
    const cache = documentCache();
    cache.offer(digest, bytes);
    expect(cache.get(digest)).toBeUndefined();
    cache.offer(digest, bytes);
    expect(cache.get(digest)).toEqual(bytes);
    expect(cache.get(digest)).not.toBe(bytes);
    expect(cache.get(sha256Hex(text("other")))).toBeUndefined();
  });

  it("are kept while somebody asks for them, and fit", () => {
    const cache = documentCache(40);
    const keep = (name: string, length = 10) => {
      const one = text(name, length);
      const of = sha256Hex(one);
      cache.offer(of, one);
      cache.offer(of, one);
      return of;
    };
    const [a, b] = [keep("a"), keep("b")];
    expect([a, b].map((each) => cache.get(each) !== undefined)).toEqual([true, true]);
    // Two fill a generation: the third begins another, and what was there is old.
    const c = keep("c");
    expect(cache.get(a)).toBeDefined();
    const [d, e] = [keep("d"), keep("e")];
    expect([a, c, d, e].map((each) => cache.get(each) !== undefined).filter(Boolean).length).toBeGreaterThanOrEqual(2);
    expect(cache.get(b)).toBeUndefined();
    const large = keep("large", 21);
    expect(cache.get(large)).toBeUndefined();
    const half = keep("half", 20);
    expect(cache.get(half)).toBeDefined();
  });
});

describe("a cache of documents", () => {
  const named = (name: string) => name as Sha256;
  const twice = (cache: ReturnType<typeof documentCache>, name: string, of: Uint8Array) => {
    cache.offer(named(name), of);
    cache.offer(named(name), of);
  };

  it("takes a document of half its bytes, and none that is larger", () => {
    const cache = documentCache();
    twice(cache, "half", new Uint8Array(8 * 1024 * 1024));
    twice(cache, "more", new Uint8Array(8 * 1024 * 1024 + 1));
    expect(["half", "more"].map((name) => cache.get(named(name))?.length)).toEqual([8_388_608, undefined]);
  });

  it("keeps what is asked for, and lets go what is not", () => {
    const cache = documentCache(40);
    for (const name of ["a", "b", "c"]) twice(cache, name, text(name, 10));
    expect(cache.get(named("a"))).toBeDefined();
    for (const name of ["d", "e"]) twice(cache, name, text(name, 10));
    expect(["a", "b"].map((name) => cache.get(named(name)) !== undefined)).toEqual([true, false]);
  });

  it("remembers having seen some thousands of documents, and no more", () => {
    const cache = documentCache();
    const others = (from: number, count: number) => {
      for (let at = from; at < from + count; at += 1) cache.offer(named(`${at}`), bytes);
    };
    cache.offer(named("a"), bytes);
    others(0, 4096);
    cache.offer(named("a"), bytes);
    expect(cache.get(named("a"))).toEqual(bytes);
    cache.offer(named("b"), bytes);
    others(10_000, 8192);
    cache.offer(named("b"), bytes);
    expect(cache.get(named("b"))).toBeUndefined();
  });
});

interface Counted {
  readonly source: PackSource;
  readonly reads: string[];
}

function counted(files: ReadonlyMap<string, Uint8Array>): Counted {
  const reads: string[] = [];
  const source = memorySource(files);
  return {
    reads,
    source: {
      ...source,
      read: async (name) => {
        reads.push(name);
        return await source.read(name);
      },
    },
  };
}

describe("documents by their digests", () => {
  const path = blobPath(digest);
  const reader = (files: ReadonlyMap<string, Uint8Array>, leftOut: readonly Sha256[] = []) => {
    const found: string[] = [];
    const { source, reads } = counted(files);
    const read = documents(
      source,
      new Set(leftOut),
      (code, at, sentence) => void found.push(`${code} ${at}: ${sentence}`),
    );
    return { read, found, reads };
  };

  it("are held against them, and read once", async () => {
    const { read, found, reads } = reader(new Map([[path, bytes]]));
    expect(await read(digest)).toEqual(bytes);
    expect(await read(digest)).toEqual(bytes);
    expect([found, reads]).toEqual([[], [path]]);
  });

  it("that are not at hand are missing, which is told once", async () => {
    const { read, found } = reader(new Map());
    expect([await read(digest), await read(digest)]).toEqual([undefined, undefined]);
    expect(found).toEqual([`document-missing ${path}: The document ${digest} is not in the pack.`]);
  });

  it("that were left out on purpose are not missing", async () => {
    const { read, found } = reader(new Map(), [digest]);
    expect(await read(digest)).toBeUndefined();
    expect(found).toEqual([]);
  });

  it("with other bytes are changed, and not taken", async () => {
    const { read, found } = reader(new Map([[path, text("other")]]));
    expect([await read(digest), await read(digest)]).toEqual([undefined, undefined]);
    expect(found).toEqual([`document-changed ${path}: ${path} does not have the digest that it is named by.`]);
  });
});

describe("documents of one promotion", () => {
  /** A source that has read these already, and computed their digests. */
  const having = (files: ReadonlyMap<Sha256, Uint8Array>) => {
    const reads: Sha256[] = [];
    const source: PackSource = {
      ...memorySource(new Map([...files].map(([sha256, own]) => [blobPath(sha256), own]))),
      readHashed: async (name) => {
        const sha256 = name.slice(-64) as Sha256;
        const own = files.get(sha256);
        reads.push(sha256);
        return own === undefined ? undefined : { bytes: own, sha256: fromHex(sha256) };
      },
    };
    return { source, reads, read: documents(source, new Set(), () => {}) };
  };
  const digestOf = (at: number) => `${at}`.padStart(64, "0") as Sha256;

  it("are kept up to eight mebibytes together, and beyond that read again", async () => {
    const sizes = [5_000_000, 3_388_608, 1];
    const { read, reads } = having(new Map(sizes.map((size, at) => [digestOf(at), new Uint8Array(size)])));
    for (let time = 0; time < 2; time += 1) for (const at of sizes.keys()) await read(digestOf(at));
    expect(reads).toEqual([0, 1, 2, 2].map(digestOf));
  });

  it("do not keep alive what they were read with, where that is scattered", async () => {
    const pieces = Array.from({ length: 17 }, () => new Uint8Array(100));
    const views = [...pieces, ...pieces.slice(0, 1)].map((piece, at) => piece.subarray(at, at + 2));
    const { read } = having(new Map(views.map((view, at) => [digestOf(at), view])));
    const again: (Uint8Array | undefined)[] = [];
    for (const at of views.keys()) await read(digestOf(at));
    for (const at of views.keys()) again.push(await read(digestOf(at)));
    expect(again.map((each, at) => each === views[at])).toEqual(views.map((_, at) => at !== 16));
    expect(again[16]).toEqual(views[16]);
  });

  it("are offered to whoever keeps some for all promotions", async () => {
    const { source, reads } = having(new Map([[digestOf(1), bytes]]));
    const cache = documentCache();
    for (let time = 0; time < 3; time += 1) await documents(source, new Set(), () => {}, cache)(digestOf(1));
    expect(reads).toHaveLength(2);
  });
});

it("records at their places are those that can be read", async () => {
  const [fact] = told.house.facts;
  if (fact === undefined) throw new Error("Nothing was told.");
  const source = memorySource(
    new Map([
      [recordPath(3), ledgerEntry(fact)],
      [recordPath(4), utf8("?")],
    ]),
  );
  expect(await recordsAt([3, 4, 5], source)).toEqual([{ index: 3, record: { ...fact, recordVersion: 1 } }]);
  expect(await recordsAt([], source)).toEqual([]);
});
