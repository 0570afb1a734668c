import { describe, expect, it } from "vitest";
import { documentCache, documents, recordsAt } from "../../../core/archive/pack-documents.ts";
import { blobPath, recordPath } from "../../../core/archive/pack-layout.ts";
import { memorySource, type PackSource } from "../../../core/archive/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { told } from "./told.ts";

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
