import { describe, expect, it } from "vitest";
import { isSurelySeen, whatWasSeen } from "../../../../core/archive/promotion/what-was-seen.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { SignOff } from "../../../../core/promotion/sign-off.ts";
import { deployed } from "../told-review.ts";

const [{ signOff: one } = expect.unreachable()] = deployed.held;
const at = one.recordedAt;
const signed = (id: string, seconds: number, result: SignOff["result"] = "approve"): SignOff => ({
  ...one,
  id: id as SignOff["id"],
  result,
  recordedAt: addSeconds(at, seconds),
});
/** What may have been seen, where a decision speaks for these. */
const seen = (signOffs: readonly SignOff[], ...named: readonly string[]) =>
  [...whatWasSeen(signOffs, at, ({ id }) => named.includes(id))].map((each) => each.map(({ id }) => id).join(""));

describe("what whoever decides has seen", () => {
  it("is surely what was written by then: approvals some seconds after their time, and all else as of it", () => {
    for (const result of ["approve", "reject", "withdraw"] as const) {
      const least = result === "approve" ? 8 : 5;
      expect(isSurelySeen(signed("a", -least, result), at), result).toBe(true);
      expect(isSurelySeen(signed("a", -least + 1, result), at), result).toBe(false);
    }
  });

  it("is of the approvals of the last seconds each by itself: those that the decision speaks for", () => {
    const signOffs = [signed("a", -60), signed("b", -7), signed("c", -1), signed("d", 5), signed("e", 6)];
    expect(seen(signOffs)).toEqual(["abcd", "a"]);
    expect(seen(signOffs, "c")).toEqual(["abcd", "ac"]);
    expect(seen(signOffs, "d", "e")).toEqual(["abcd", "ad"]);
  });

  it("is of what speaks against it what came first, since one moves the promotion after the other", () => {
    const signOffs = [
      signed("a", -60),
      signed("b", -6, "reject"),
      signed("c", -4, "withdraw"),
      signed("d", -2),
      signed("e", 4, "reject"),
    ];
    expect(seen(signOffs, "d")).toEqual(["abcde", "abcde", "abcd", "abd"]);
  });
});
