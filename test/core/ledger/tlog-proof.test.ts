import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { leafHash, merkleRoot } from "../../../core/ledger/merkle.ts";
import { inclusionProofOf } from "../../../core/ledger/merkle-proofs.ts";
import { checkTlogProof, formatTlogProof, parseTlogProof } from "../../../core/ledger/tlog-proof.ts";
import { testSigner, verifyEd25519 } from "./ed25519.ts";
import { testLeaves } from "./reference-tree.ts";

const log = testSigner("countersign.example/ledger", 1);
const trust = { origin: log.origin, keys: [log.publicKey] };
const now = instantFromMs(Date.UTC(2026, 10, 22));
const leafOf = (index: number) => testLeaves[index] ?? new Uint8Array();
const proofOf = async (index: number, size = 8) => {
  const leaves = testLeaves.slice(0, size);
  const checkpoint = await signCheckpoint({ size, root: merkleRoot(leaves) }, log, now);
  return { index, hashes: inclusionProofOf(leaves, index), checkpoint };
};
const check = async (bytes: Uint8Array, leaf: Uint8Array) =>
  await checkTlogProof(parseTlogProof(bytes), leaf, trust, verifyEd25519);

describe("a proof that stands alone", () => {
  it("is laid out as its specification shows", async () => {
    const proof = { ...(await proofOf(0)), extra: utf8("more") };
    const lines = fromUtf8(formatTlogProof(proof)).split("\n");
    expect(lines.slice(0, 3)).toEqual(["c2sp.org/tlog-proof@v1", "extra bW9yZQ==", "index 0"]);
    expect(lines.slice(3, 6).every((line) => line.length === 44)).toBe(true);
    expect(lines.slice(6, 9)).toEqual(["", "countersign.example/ledger", "8"]);
  });

  it("verifies for each entry of each tree, and for no other entry", async () => {
    for (let size = 1; size <= 8; size += 1) {
      for (let index = 0; index < size; index += 1) {
        const bytes = formatTlogProof(await proofOf(index, size));
        expect(await check(bytes, leafOf(index))).toMatchObject({ status: "verified", at: now });
        const other = await check(bytes, leafHash(utf8("another")));
        expect(other).toMatchObject({ status: "rejected", code: "not-included" });
      }
    }
  });

  it("says which entry it does not show", async () => {
    const { hashes, checkpoint } = await proofOf(5);
    const why = "The proof does not show that this entry is number 4 of the 8 in the log.";
    expect(await check(formatTlogProof({ index: 4, hashes, checkpoint }), leafOf(5))).toMatchObject({ why });
  });

  it("is rejected with the checkpoint of another log", async () => {
    const other = testSigner("other.example", 2);
    const checkpoint = await signCheckpoint({ size: 8, root: merkleRoot(testLeaves) }, other, now);
    const bytes = formatTlogProof({ ...(await proofOf(5)), checkpoint });
    expect(await check(bytes, leafOf(5))).toMatchObject({ status: "rejected", code: "other-log" });
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
