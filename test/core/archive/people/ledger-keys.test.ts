import { describe, expect, it } from "vitest";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import {
  keyHistoryOf,
  keysTrustedFrom,
  type LedgerKey,
  requireInForce,
  verifierKeyText,
  whyNotInForce,
} from "../../../../core/archive/people/ledger-keys.ts";
import type { Envelope } from "../../../../core/attestation/dsse.ts";
import { type KeyChange, type KeyGeneration, keyFact, keyGeneration } from "../../../../core/attestation/key-record.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { noteKey } from "../../../../core/ledger/note-key.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { codeOf, told } from "../../refusal.ts";
import { attestationKey } from "../reviewers.ts";

const key = (generation: number, index: number, until?: typeof now): LedgerKey => ({
  ...{ role: "attestation", generation, text: `key ${generation}`, keyid: digestOf(`key ${generation}`), index },
  ...(until === undefined ? {} : { until }),
});
const [first, second, third] = [key(1, 0, now), key(2, 10, now), key(3, 20)];
const keys = [first, second, third];

describe("the keys that a ledger names", () => {
  const base = "https://countersign.example";
  const note = (seed: number) => noteKey("countersign.example/log", "ed25519", new Uint8Array(32).fill(seed));
  const one = keyGeneration("checkpoint", 1, verifierKeyText(note(1)));
  const two = keyGeneration("checkpoint", 2, verifierKeyText(note(2)));
  const three = keyGeneration("checkpoint", 3, verifierKeyText(note(3)));
  const until = addSeconds(now, 600);
  const published: KeyChange = { change: "published" };
  const retired: KeyChange = { change: "retired", until };
  /** The record of a change that another key vouches for: its signature is its own id here. */
  const told = async (of: KeyGeneration, change: KeyChange, by?: KeyGeneration): Promise<PromotionRecord["record"]> => {
    const voucher = by && { keyid: by.keyid, sign: async () => utf8(by.keyid) };
    return { recordVersion: 1, ...(await keyFact(of, change, now, base, voucher)) };
  };
  const history = (records: readonly PromotionRecord["record"][], role: KeyGeneration["role"] = "checkpoint") =>
    keyHistoryOf(
      role,
      records.map((record, at) => ({ index: 10 * at, record })),
      base,
      (by, _, signature) => fromUtf8(signature) === by.keyid,
    );
  const problems = async (...records: readonly PromotionRecord["record"][]) => (await history(records)).problems;
  const rotated = async () => [
    await told(one, published),
    await told(two, published, one),
    await told(one, retired, two),
    await told(three, published, two),
  ];

  it("follow each other: one vouches for the next, and is retired by it", async () => {
    expect(await history(await rotated())).toEqual({
      keys: [
        { ...one, index: 0, until },
        { ...two, index: 10 },
        { ...three, index: 30 },
      ],
      problems: [],
    });
  });

  it("are those of the role, whatever else is recorded between them", async () => {
    const { key: pem } = attestationKey();
    const attestation = keyGeneration("attestation", 1, pem.pem);
    const records = [await told(attestation, published), await told(one, published)];
    const others = records.map((record) => ({ ...record, type: "held" as const }));
    expect(await history([...records, ...others])).toEqual({ keys: [{ ...one, index: 10 }], problems: [] });
    expect(await history([...records, ...others], "attestation")).toEqual({
      keys: [{ ...attestation, index: 0 }],
      problems: [],
    });
  });

  it("are told by records that can be read", async () => {
    const record = await told(one, published);
    const { keys: read, problems: found } = await history([{ ...record, body: {} }, record]);
    expect(read).toEqual([{ ...one, index: 10 }]);
    expect(found).toEqual([{ index: 0, sentence: expect.stringMatching(/not that of a key's record/) }]);
  });

  it("are published in turn, and once", async () => {
    const wrong = (generation: number, index = 0) => [
      { index, sentence: `the checkpoint key ${generation} is published out of turn, or twice.` },
    ];
    expect(await problems(await told(two, published, one))).toEqual(wrong(2));
    expect(await problems(await told(one, published), await told(one, published))).toEqual(wrong(1, 10));
    expect(await problems(await told(one, published), await told(three, published, one))).toEqual(wrong(3, 10));
  });

  it("are keys of their role, in the one spelling that they are named by", async () => {
    const { key: pem } = attestationKey();
    for (const text of ["no key\n", pem.pem, one.text.trimEnd(), `${one.text}\n`, one.text + two.text])
      expect(await problems(await told(keyGeneration("checkpoint", 1, text), published))).toEqual([
        { index: 0, sentence: "What is published as the checkpoint key 1 is no such key." },
      ]);
    for (const text of ["no key\n", one.text, `${pem.pem}\n`, `# ours\n${pem.pem}`])
      expect(
        (await history([await told(keyGeneration("attestation", 1, text), published)], "attestation")).problems,
      ).toEqual([{ index: 0, sentence: "What is published as the attestation key 1 is no such key." }]);
  });

  it("are vouched for by the one before, and by no other", async () => {
    const first = await told(one, published);
    for (const by of [undefined, two, three])
      expect(await history([first, await told(two, published, by)])).toEqual({
        keys: [{ ...one, index: 0 }],
        problems: [
          { index: 10, sentence: "the checkpoint key 2 is published without the signature of the key before it." },
        ],
      });
  });

  it("are retired once, as they were published", async () => {
    const wrong = (generation: number, index: number) => [
      { index, sentence: `the checkpoint key ${generation} is retired out of turn, or twice.` },
    ];
    const records = await rotated();
    expect(await problems(...records, await told(one, retired, two))).toEqual(wrong(1, 40));
    expect(await problems(...records, await told(keyGeneration("checkpoint", 2, one.text), retired, three))).toEqual(
      wrong(2, 40),
    );
    expect(await problems(await told(one, published), await told(two, retired, three))).toEqual(wrong(2, 10));
  });

  it("are retired by their successor, and by no other", async () => {
    const both = [await told(one, published), await told(two, published, one)];
    const wrong = "is retired without the signature of its successor.";
    for (const by of [undefined, one, three])
      expect(await problems(...both, await told(one, retired, by))).toEqual([
        { index: 20, sentence: `the checkpoint key 1 ${wrong}` },
      ]);
    // The last one has none.
    const { keys: still, problems: found } = await history([...both, await told(two, retired, one)]);
    expect(found).toEqual([{ index: 20, sentence: `the checkpoint key 2 ${wrong}` }]);
    expect(still[1]).not.toHaveProperty("until");
  });
});

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
