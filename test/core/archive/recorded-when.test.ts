import { describe, expect, it } from "vitest";
import { writePack } from "../../../core/archive/export/write-pack.ts";
import { goesTo, recordedWhen, timedHeads, whenUnshown } from "../../../core/archive/recorded-when.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { MemoryLedger } from "../ledger/memory-ledger.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";
import { collected, ledgerOf, resealed, settingsOf } from "./memory-pack.ts";
import { smallFacts, verifiedPack } from "./small-pack.ts";
import { attestationKeyOfPack, told } from "./told.ts";

const promotion = promotionId(digestOf("candidate"), 1);
const head = (size: number, seconds: number) => ({ size, at: addSeconds(now, seconds) });
/** Records of these indices of a part of a log, each so many seconds after the morning. */
function when(
  told: readonly (readonly [index: number, seconds: number])[],
  ...heads: readonly ReturnType<typeof head>[]
) {
  return whenIn(false, told, heads);
}

function whenIn(
  whole: boolean,
  told: readonly (readonly [index: number, seconds: number])[],
  heads: readonly ReturnType<typeof head>[],
) {
  const times = told.map(([, seconds]) => msOfInstant(addSeconds(now, seconds)));
  return recordedWhen(
    {
      indices: told.map(([index]) => index),
      times: Float64Array.from(times),
      promotionOf: (index) => (index === 9 ? undefined : promotion),
    },
    heads,
    { whole },
  );
}
const without = (index: number, seconds: number) => [
  index,
  expect.objectContaining({ after: addSeconds(now, seconds), signed: "without it" }),
];
const nothing = { findings: [], late: new Map() };

describe("a record's time", () => {
  it("is no later than the checkpoint that has it, give or take what clocks differ by", () => {
    expect(when([[4, 160]], head(5, 100))).toEqual(nothing);
    expect(when([[4, 161]], head(5, 100)).findings).toEqual([
      {
        code: "order",
        path: "records/4.json",
        promotion,
        sentence: `records/4.json says that it was at ${addSeconds(now, 161)}, and the log had it by ${addSeconds(now, 100)}.`,
      },
    ]);
    expect(when([[9, 161]], head(10, 100)).findings[0]).not.toHaveProperty("promotion");
  });

  it("is told once of a promotion, however many of its records say so, and once of the installation", () => {
    const early = [2, 4, 6, 9].map((index) => [index, 161] as const);
    expect(when(early, head(10, 100)).findings).toMatchObject([
      {
        path: "records/2.json",
        promotion,
        sentence: expect.stringMatching(/had it by \S+ So do 2 others of the same\.$/),
      },
      { path: "records/9.json", sentence: expect.stringMatching(/had it by \S+\.$/) },
    ]);
  });

  it("is held against the first that has it, and against any larger one that was signed before", () => {
    expect(when([[4, 161]], head(4, 100), head(6, 102)).findings).toEqual([]);
    expect(when([[4, 161]], head(9, 900), head(5, 100)).findings).toHaveLength(1);
    expect(when([[4, 161]], head(5, 900), head(9, 100)).findings).toHaveLength(1);
    expect(when([[4, 161]], head(4, 100)).findings).toEqual([]);
    expect(when([[4, 161]]).findings).toEqual([]);
  });

  it("is late where the log was signed without it a quarter of an hour after", () => {
    expect([...when([[5, 100]], head(5, 1000), head(6, 1001)).late]).toEqual([]);
    expect([...when([[5, 99]], head(5, 1000), head(6, 1001)).late]).toEqual([without(5, 1000)]);
    expect([...when([[4, 99]], head(5, 1000), head(6, 1001)).late]).toEqual([]);
    expect(when([[5, 99]], head(3, 1000), head(4, 500), head(6, 1001)).late.size).toBe(1);
  });

  it("is late in a whole log where no checkpoint has it a quarter of an hour after, since each batch is signed with one", () => {
    const heads = [head(4, 0), head(6, 30_000), head(7, 30_001)];
    const late = (seconds: number, index = 5) => [...whenIn(true, [[index, seconds]], heads).late];
    expect(late(29_100)).toEqual([]);
    expect(late(29_099)).toEqual([[5, expect.objectContaining({ after: head(6, 30_000).at, signed: "with it" })]]);
    expect(late(29_101, 6)).toEqual([]);
    // The log that signed a smaller tree later lacked it until then.
    const back = [head(5, 40_000), head(6, 30_000)];
    expect([...whenIn(true, [[5, 30_000]], back).late]).toEqual([without(5, 40_000)]);
    // A part has the head alone, which says nothing of when its records came.
    expect([...when([[5, 0]], ...heads).late]).toEqual([]);
    expect([...whenIn(true, [[5, 0]], []).late]).toEqual([]);
  });

  it("is late by the same moment where many came at once", () => {
    const { late } = whenIn(
      true,
      [
        [3, 0],
        [4, 1],
        [6, 2],
      ],
      [head(5, 5000), head(7, 9000)],
    );
    const [first, second, third] = late.values();
    expect(first).toBe(second);
    expect(third).toMatchObject({ after: head(7, 9000).at });
  });

  it("is not shown where no checkpoint was signed within a quarter of an hour of it", () => {
    expect(when([[4, 100]], head(5, 1000))).toEqual(nothing);
    expect(when([[4, 99]], head(5, 1000)).unshown).toEqual({ count: 1, first: 4 });
    expect(
      when(
        [
          [3, 99],
          [4, 0],
          [5, 500],
        ],
        head(6, 1000),
        head(9, 1),
      ).unshown,
    ).toBe(undefined);
    expect(
      when(
        [
          [3, 99],
          [4, 0],
          [5, 500],
        ],
        head(6, 1000),
      ).unshown,
    ).toEqual({ count: 2, first: 3 });
    expect(
      when([
        [3, 99],
        [4, 0],
      ]).unshown,
    ).toEqual({ count: 2, first: 3 });
    // What came late is counted too: of what belongs to no promotion nothing else is said.
    expect(when([[5, 99]], head(5, 1000), head(6, 1001)).unshown).toEqual({ count: 1, first: 5 });
    expect(whenUnshown({ count: 2, first: 3 }, 9)).toMatch(
      /^Whether 2 of 9 records, records\/3\.json first, were as early/,
    );
  });

  it("is nothing where the record cannot be read", () => {
    const times = Float64Array.from([Number.NaN]);
    const heads = [head(0, 1000), head(1, 1001)];
    const input = { indices: [0], times, promotionOf: () => undefined };
    expect(recordedWhen(input, heads, { whole: true })).toEqual(nothing);
  });
});

describe("as late as the log goes on", () => {
  const at = (seconds: number) => addSeconds(now, seconds);
  const times = (...seconds: readonly number[]) => Float64Array.from(seconds.map((each) => msOfInstant(at(each))));
  const checkpoint = { origin: "log", size: 9, root: new Uint8Array(32), extensions: [] };
  const seen = [{ key: "witness", at: at(70) }];

  it("is told by every checkpoint that says when it was signed, and by witnesses of the head", () => {
    const heads = timedHeads({ checkpoint, at: at(60), kept: [head(4, 30)] }, seen);
    expect(heads).toEqual([head(4, 30), head(9, 60), head(9, 70)]);
    expect(goesTo(heads, times(50, 9000))).toBe(at(70));
    expect(timedHeads({ checkpoint }, [])).toEqual([]);
    expect(timedHeads({}, seen)).toEqual([]);
  });

  it("is told by its latest record where none does, and by nothing where none can be read", () => {
    expect(goesTo([], times(50, 80, 20))).toBe(at(80));
    expect(goesTo([], Float64Array.from([Number.NaN]))).toBeUndefined();
    expect(goesTo([], times())).toBeUndefined();
  });
});

describe("a pack of a log", () => {
  const [last] = smallFacts.filter(({ type }) => type === "expired");
  if (last === undefined) throw new Error("Nothing expired.");

  /** What verification says of what such a log has, signed by a clock of its own. */
  async function verifiedOf(facts: readonly Fact[], log: MemoryLedger, withoutKept = false) {
    const { reader } = await ledgerOf(facts, told.house.blobs, undefined, log);
    const files = new Map<string, Uint8Array>();
    const house = { ...told.house, attestation: { key: attestationKeyOfPack } };
    for await (const { name, content } of writePack(reader, settingsOf({ house })))
      files.set(name, content instanceof Uint8Array ? content : await collected(content));
    const kept = [...files.keys()].filter((name) => name.startsWith("log/checkpoints/"));
    const changes = withoutKept ? kept.map((name) => [name, undefined] as const) : [];
    return await verifiedPack(resealed(files, Object.fromEntries(changes)));
  }

  it("is wrong where a record says that it was after the log had it", async () => {
    const log = new MemoryLedger();
    const signedAt = msOfInstant(addSeconds(last.at, 3600));
    Object.defineProperty(log, "now", { get: () => signedAt, set: () => {} });
    const facts = smallFacts.map((fact) => (fact === last ? { ...fact, at: addSeconds(fact.at, 86_400) } : fact));
    expect((await verifiedOf(facts, log)).findings).toEqual([
      expect.objectContaining({
        code: "order",
        promotion: told.expired,
        sentence: expect.stringContaining("the log had it by"),
      }),
    ]);
  });

  it("tells which promotions came into it long after they say, and holds", async () => {
    const log = new MemoryLedger();
    log.now = msOfInstant(addSeconds(last.at, 86_400));
    const { findings, unchecked } = await verifiedOf(smallFacts, log);
    expect(findings).toEqual([]);
    expect(unchecked).toContainEqual({
      promotion: told.expired,
      sentence: expect.stringMatching(/was as early as it says is told by it alone/),
    });
  });

  it("says so where whoever made it left out the checkpoints that would have told", async () => {
    const log = new MemoryLedger();
    log.now = msOfInstant(addSeconds(last.at, 86_400));
    const { findings, unchecked } = await verifiedOf(smallFacts, log, true);
    expect(findings).toEqual([]);
    const count = smallFacts.length;
    expect(unchecked).toContainEqual({
      sentence: expect.stringContaining(`Whether ${count} of ${count} records, records/0.json first, were as early`),
    });
  });

  it("says nothing of that where it brings them, and they are of when the log had its records", async () => {
    const keys = smallFacts.filter(({ type }) => type === "key");
    const { unchecked } = await verifiedOf(keys, new MemoryLedger());
    expect(unchecked.map(({ sentence }) => sentence)).not.toContainEqual(expect.stringContaining("were as early"));
  });
});
