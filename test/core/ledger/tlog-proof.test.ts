import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import { signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { leafHash, merkleRoot } from "../../../core/ledger/merkle.ts";
import { inclusionProofOf } from "../../../core/ledger/merkle-proofs.ts";
import { formatTlogProof, parseTlogProof, whyNotShown } from "../../../core/ledger/tlog-proof.ts";
import { testSigner } from "./ed25519.ts";
import { testLeaves } from "./reference-tree.ts";

const log = testSigner("countersign.example/ledger", 1);
const now = instantFromMs(Date.UTC(2026, 10, 22));
const leafOf = (index: number) => testLeaves[index] ?? new Uint8Array();
const proofOf = async (index: number, size = 8) => {
  const leaves = testLeaves.slice(0, size);
  const checkpoint = await signCheckpoint({ size, root: merkleRoot(leaves) }, log, now);
  return { index, hashes: inclusionProofOf(leaves, index), checkpoint };
};

describe("a proof that stands alone", () => {
  it("is laid out as its specification shows", async () => {
    const proof = { ...(await proofOf(0)), extra: utf8("more") };
    const lines = fromUtf8(formatTlogProof(proof)).split("\n");
    expect(lines.slice(0, 3)).toEqual(["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 0"]);
    expect(lines.slice(3, 6).every((line) => line.length === 44)).toBe(true);
    expect(lines.slice(6, 9)).toEqual(["", "countersign.example/ledger", "8"]);
  });

  it("shows each entry of each tree, and no other entry", async () => {
    for (let size = 1; size <= 8; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const written = await proofOf(index, size);
        const proof = parseTlogProof(formatTlogProof(written));
        expect(whyNotShown(proof, leafOf(index), written.checkpoint)).toBeUndefined();
        expect(whyNotShown(proof, leafHash(utf8("another")), written.checkpoint)).toBe(
          `The proof does not show that this entry is number ${index} of the ${size} in the log.`,
        );
      }
    }
  });

  it("says which entry it does not show", async () => {
    const proof = { ...(await proofOf(5)), index: 4 };
    expect(whyNotShown(proof, leafOf(5), proof.checkpoint)).toBe(
      "The proof does not show that this entry is number 4 of the 8 in the log.",
    );
  });

  it("shows nothing with data of its own, which nobody signs", async () => {
    const proof = await proofOf(5);
    expect(whyNotShown({ ...proof, extra: utf8("more") }, leafOf(5), proof.checkpoint)).toBe(
      "The proof has a line 'extra', which the log writes in none.",
    );
  });

  it("shows nothing under another checkpoint, though the log's own key has signed that as well", async () => {
    const proof = await proofOf(5);
    for (const size of [7, 8]) {
      const root = size === 8 ? leafHash(utf8("another tree")) : merkleRoot(testLeaves.slice(0, 7));
      const head = await signCheckpoint({ size, root }, log, now);
      expect(whyNotShown(proof, leafOf(5), head)).toBe(
        "The proof is one under another checkpoint than the head of the log.",
      );
    }
    const again = await signCheckpoint({ size: 8, root: merkleRoot(testLeaves) }, log, addSeconds(now, 1));
    expect(whyNotShown(proof, leafOf(5), again)).toBe(
      "The proof is one under another checkpoint than the head of the log.",
    );
  });

  it("reads back as it was written", () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const checkpoint = fc.string({ unit: "grapheme" }).map(utf8);
    const required = { index: fc.maxSafeNat(), hashes: fc.array(hash, { maxLength: 53 }), checkpoint };
    const proof = fc.record(
      { ...required, extra: fc.uint8Array() },
      { requiredKeys: ["index", "hashes", "checkpoint"] },
    );
    fc.assert(
      fc.property(proof, (written) => {
        expect(parseTlogProof(formatTlogProof(written))).toEqual(written);
      }),
    );
  });

  const hash = "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=";
  it.each([
    ["no blank line", `c2sp.org/tlog-proof@v1\nindex 1\n${hash}\n`, "it has no blank line"],
    ["another header", `c2sp.org/tlog-proof@v2\nindex 1\n\ncheckpoint`, "it does not begin with"],
    ["no index", `c2sp.org/tlog-proof@v1\n${hash}\n\ncheckpoint`, "it has no index"],
    ["an index with a leading zero", "c2sp.org/tlog-proof@v1\nindex 01\n\ncheckpoint", "it has no index"],
    ["an index too large to count", "c2sp.org/tlog-proof@v1\nindex 9007199254740993\n\ncheckpoint", "it has no index"],
    ["extra data after the index", `c2sp.org/tlog-proof@v1\nindex 1\nextra AA==\n\nc`, "one of its hashes"],
    ["extra data that is not base64", `c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nc`, "its extra data is not base64"],
    ["a short hash", `c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nc`, "one of its hashes is not of SHA-256"],
    ["too many hashes", `c2sp.org/tlog-proof@v1\nindex 1\n${`${hash}\n`.repeat(54)}\nc`, "too many hashes"],
  ])("is refused with %s", (_, text, why) => {
    expect(() => parseTlogProof(utf8(text))).toThrow(why);
  });

  it("is never written so that it could not be read", async () => {
    const proof = await proofOf(5);
    expect(() => formatTlogProof({ ...proof, index: -1 })).toThrow("its index cannot be -1");
    expect(() => formatTlogProof({ ...proof, hashes: [new Uint8Array(31)] })).toThrow("hashes is not of SHA-256");
  });
});
