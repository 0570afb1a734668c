import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DigestSet } from "../../../../core/archive/export/digest-set.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";

describe("a set of digests", () => {
  it("takes each once, as a set of texts does", () => {
    const digest = fc.oneof(
      fc.nat(50).map((n) => sha256Hex(utf8(`${n}`))),
      fc.nat(3).map((n) => `${"0".repeat(63)}${n}` as Sha256),
    );
    fc.assert(
      fc.property(fc.array(digest, { maxLength: 200 }), (digests) => {
        const ours = new DigestSet();
        const theirs = new Set<Sha256>();
        for (const each of digests) {
          expect(ours.has(each)).toBe(theirs.has(each));
          expect(ours.add(each)).toBe(!theirs.has(each));
          theirs.add(each);
        }
      }),
    );
  });

  it("goes on when it grows", () => {
    const digests = Array.from({ length: 5000 }, (_, n) => sha256Hex(utf8(`${n}`)));
    const set = new DigestSet();
    expect(digests.every((each) => set.add(each))).toBe(true);
    expect(digests.some((each) => set.add(each))).toBe(false);
    expect(digests.every((each) => set.has(each))).toBe(true);
  });
});
