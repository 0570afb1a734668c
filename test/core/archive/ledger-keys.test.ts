import { describe, expect, it } from "vitest";
import { keysTrustedFrom, type LedgerKey, requireInForce, whyNotInForce } from "../../../core/archive/ledger-keys.ts";
import type { Envelope } from "../../../core/attestation/dsse.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";
import { codeOf, told } from "../refusal.ts";

const key = (generation: number, index: number, until?: typeof now): LedgerKey => ({
  ...{ role: "attestation", generation, text: `key ${generation}`, keyid: digestOf(`key ${generation}`), index },
  ...(until === undefined ? {} : { until }),
});
const [first, second, third] = [key(1, 0, now), key(2, 10, now), key(3, 20)];
const keys = [first, second, third];

describe("the keys that may be trusted", () => {
  const from = (...known: readonly LedgerKey[]) =>
    keysTrustedFrom(keys, new Set(known.map(({ keyid }) => keyid))).map(({ generation }) => generation);

  it("are all from the first on, where nothing is known beforehand", () => {
    expect(keysTrustedFrom(keys, undefined)).toEqual(keys);
    expect(keysTrustedFrom([], undefined)).toEqual([]);
  });

  it("are those that are bound to one that is known, by the ones after it and before it", () => {
    expect(from(first)).toEqual([1, 2, 3]);
    expect(from(second)).toEqual([1, 2, 3]);
    expect(from(third)).toEqual([1, 2, 3]);
    expect(keysTrustedFrom([key(1, 0), second, third], new Set([third.keyid]))).toEqual([second, third]);
    expect(keysTrustedFrom([first, key(2, 10), third], new Set([third.keyid]))).toEqual([third]);
  });

  it("are none where none of them is known", () => {
    expect(keysTrustedFrom(keys, new Set(["another"]))).toEqual([]);
  });
});

describe("a signature by a key of the ledger", () => {
  const why = (keyid: string, index: number, at: typeof now | undefined) => whyNotInForce(keys, keyid, { index, at });

  it("counts between the key's publication and its retirement", () => {
    expect(why(second.keyid, 11, addSeconds(now, -1))).toBeUndefined();
    expect(why(third.keyid, 21, addSeconds(now, 1e6))).toBeUndefined();
    expect(why(third.keyid, 21, undefined)).toBeUndefined();
  });

  it("does not count by a key that was never published", () => {
    expect(why("abc", 1, now)).toBe("It is signed with the key abc, which the ledger never published.");
  });

  it("does not count before the key was published, but for the first, which publishes itself", () => {
    const early = "It is signed with the attestation key 2, which was not published yet: that is entry 10.";
    expect([why(second.keyid, 10, addSeconds(now, -1)), why(second.keyid, 9, addSeconds(now, -1))]).toEqual([
      early,
      early,
    ]);
    expect(why(first.keyid, 0, addSeconds(now, -1))).toBeUndefined();
  });

  it("does not count from its retirement on, nor without a time", () => {
    const late = `It is signed with the attestation key 2, which was retired at ${now}.`;
    expect([
      why(second.keyid, 11, now),
      why(second.keyid, 11, addSeconds(now, 1)),
      why(second.keyid, 11, undefined),
    ]).toEqual([late, late, late]);
  });

  it("is asked of every signature of an envelope, and of none without a history", () => {
    const signed = (...by: readonly string[]): Envelope => ({
      ...{ payloadType: "p", payload: "" },
      signatures: by.map((keyid) => ({ keyid, sig: "" })),
    });
    const at = { index: 21, at: addSeconds(now, 1) };
    expect(() => requireInForce(keys, signed(third.keyid), at)).not.toThrow();
    expect(told(codeOf(() => requireInForce(keys, signed(third.keyid, second.keyid), at)))).toBe(
      `signature-invalid: It is signed with the attestation key 2, which was retired at ${now}.`,
    );
    expect(() => requireInForce([], signed("abc"), at)).not.toThrow();
  });
});
