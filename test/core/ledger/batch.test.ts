import { describe, expect, it } from "vitest";
import { concatBytes, utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { cutBatch, decodeBatch, encodeBatch, hashedEntry } from "../../../core/ledger/batch.ts";
import { appendToRange, emptyRange, leafHash } from "../../../core/ledger/merkle.ts";
import { codeOf } from "../refusal.ts";

const entry = (id: string, length = 10) => hashedEntry(id, new Uint8Array(length));
const many = (count: number, length = 10) => Array.from({ length: count }, (_, at) => entry(`${at % 10}`, length));
const before = appendToRange(
  emptyRange,
  ["a", "b", "c"].map((text) => leafHash(utf8(text))),
);
const batch = { before, entries: [entry("one"), entry("two")] };

describe("cutting a batch", () => {
  const cut = (pending: ReturnType<typeof many>, size: number, records: number, bytes: number) =>
    cutBatch(pending, size, { records, bytes }).length;

  it("takes as many as it may, and never beyond the open bundle", () => {
    expect(cut(many(300), 0, 256, 1e6)).toBe(256);
    expect(cut(many(300), 250, 256, 1e6)).toBe(6);
    expect(cut(many(300), 256, 256, 1e6)).toBe(256);
    expect(cut(many(300), 0, 5, 1e6)).toBe(5);
    expect(cut(many(3), 0, 256, 1e6)).toBe(3);
  });

  it("counts for an entry its bytes, its id and eight more, up to the limit", () => {
    // 10 of the entry, 1 of its id, 8 around them.
    expect(cut(many(10), 0, 256, 3 * 19)).toBe(3);
    expect(cut(many(10), 0, 256, 3 * 19 - 1)).toBe(2);
  });

  it("takes a single entry that is larger than the limit, and nothing of nothing", () => {
    expect(cut(many(3, 500), 0, 256, 100)).toBe(1);
    expect(cut([], 0, 256, 100)).toBe(0);
  });
});

describe("a stored batch", () => {
  it("is read back as it was written, by its hash", () => {
    const { ref, bytes } = encodeBatch(batch);
    expect(ref).toEqual({ id: sha256Hex(bytes), firstIndex: 3, count: 2 });
    expect(decodeBatch(ref, bytes)).toEqual(batch);
  });

  const { ref, bytes } = encodeBatch(batch);
  /** The batch with another head, under the name that these bytes have. */
  function withHead(head: Json) {
    const text = canonicalJsonBytes(head);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, text.length);
    const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const changed = concatBytes([length, text, bytes.subarray(end)]);
    return codeOf(() => decodeBatch({ ...ref, id: sha256Hex(changed) }, changed)).sentence;
  }

  it("is refused where it is not there, or not the one that is meant", () => {
    expect(codeOf(() => decodeBatch(ref, undefined))).toEqual({
      code: "ledger-invalid",
      sentence: `The batch ${ref.id} is missing.`,
    });
    expect(codeOf(() => decodeBatch(ref, bytes.subarray(1))).sentence).toMatch(
      /does not have the bytes of its name\.$/,
    );
    expect(codeOf(() => decodeBatch({ ...ref, firstIndex: 4 }, bytes)).sentence).toMatch(
      /is not where the state says\.$/,
    );
    expect(codeOf(() => decodeBatch({ ...ref, count: 3 }, bytes)).sentence).toMatch(/is not where the state says\.$/);
  });

  it.each<[string, Json]>([
    ["none", null],
    ["a number", 7],
    ["no size", { hashes: 2, ids: ["a", "b"] }],
    ["no hashes", { size: 3, ids: ["a", "b"] }],
    ["no ids", { size: 3, hashes: 2 }],
    ["a size that is none", { size: "3", hashes: 2, ids: ["a", "b"] }],
    ["hashes that are none", { size: 3, hashes: "2", ids: ["a", "b"] }],
    ["ids that are no list", { size: 3, hashes: 2, ids: "ab" }],
  ])("is refused where its head has %s", (_, head) => {
    expect(withHead(head)).toMatch(/has a head that nobody wrote\.$/);
  });
});
