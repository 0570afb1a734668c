import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { maxEntryBytes } from "../../../core/ledger/entry-bundle.ts";
import { type NewEntry, republishCheckpoint, type SequenceOptions, sequence } from "../../../core/ledger/sequence.ts";
import { verifyLog } from "../../../core/ledger/verify-log.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { dyingGuard, type Guard, MemoryLedger } from "./memory-ledger.ts";

const fact = (id: string): NewEntry => ({ id, bytes: utf8(`what happened: ${id}`) });
const facts = (count: number, from = 0) => Array.from({ length: count }, (_, i) => fact(`fact ${from + i}`));
const small: SequenceOptions = { limits: { records: 5, bytes: 350_000 } };

/** The published log, held against everything that is promised of it; `unfinished` where a run died and nobody came after. */
async function entriesOf(ledger: MemoryLedger, unfinished = false): Promise<readonly string[]> {
  const entries: string[] = [];
  const visit = (_: number, bundle: readonly Uint8Array[]) => void entries.push(...bundle.map(fromUtf8));
  const { trust } = MemoryLedger;
  const { findings } = await verifyLog(ledger.source(), { trust, verify: verifyEd25519, visit });
  expect(findings.filter(({ code }) => !(unfinished && code === "beyond-checkpoint"))).toEqual([]);
  return entries;
}

/** Exactly these facts, each once, each where its marker says. */
async function expectExactly(ledger: MemoryLedger, expected: readonly NewEntry[]): Promise<void> {
  const entries = await entriesOf(ledger);
  expect([...entries].sort()).toEqual(expected.map(({ bytes }) => fromUtf8(bytes)).sort());
  expect(ledger.markers.size).toBe(expected.length);
  for (const { id, bytes } of expected) expect(entries[ledger.markers.get(id)?.index ?? -1]).toBe(fromUtf8(bytes));
}

const publishedSize = ({ alias }: MemoryLedger) => alias && parseCheckpoint(alias.bytes).checkpoint.size;

describe("the sequencer", () => {
  it("gives facts the next indices, in the order they come in", async () => {
    const ledger = new MemoryLedger();
    const outcome = await sequence(facts(3), ledger.ports());
    expect(outcome).toMatchObject({ already: [], refused: [], size: 3 });
    expect(outcome.appended.map(({ id, index }) => [id, index])).toEqual([
      ["fact 0", 0],
      ["fact 1", 1],
      ["fact 2", 2],
    ]);
    await sequence(facts(2, 3), ledger.ports());
    expect(await entriesOf(ledger)).toEqual(facts(5).map(({ bytes }) => fromUtf8(bytes)));
  });

  it("takes a fact once, however often and in whatever order it is told", async () => {
    const ledger = new MemoryLedger();
    await sequence([...facts(4), ...facts(4)], ledger.ports());
    const outcome = await sequence(facts(6).reverse(), ledger.ports());
    expect(outcome.appended.map(({ id }) => id)).toEqual(["fact 5", "fact 4"]);
    expect(outcome.already.map(({ id }) => id)).toEqual(["fact 3", "fact 2", "fact 1", "fact 0"]);
    await expectExactly(ledger, facts(6));
  });

  it("writes nothing where there is nothing new", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(4), ledger.ports());
    const { puts } = ledger;
    expect(await sequence(facts(4), ledger.ports())).toMatchObject({ appended: [], size: 4 });
    expect(await sequence([], ledger.ports())).toMatchObject({ appended: [], already: [], size: 4 });
    expect(ledger.puts).toBe(puts);
  });

  it("refuses a fact that is told in two ways, and says so", async () => {
    const ledger = new MemoryLedger();
    const other = { id: "fact 0", bytes: utf8("something else") };
    const first = await sequence([...facts(1), other], ledger.ports());
    const second = await sequence([other, ...facts(1, 1)], ledger.ports());
    const sentence = "The record fact 0 is in the ledger already, with other content.";
    for (const { refused } of [first, second]) expect(refused).toEqual([{ id: "fact 0", code: "differs", sentence }]);
    await expectExactly(ledger, facts(2));
  });

  it("refuses a fact too large for the log without holding up the others", async () => {
    const ledger = new MemoryLedger();
    const large = { id: "large", bytes: new Uint8Array(maxEntryBytes + 1) };
    const outcome = await sequence([large, ...facts(2)], ledger.ports());
    expect(outcome.refused).toMatchObject([{ id: "large", code: "too-large" }]);
    await expectExactly(ledger, facts(2));
  });

  it("keeps a batch within its limits of records and bytes", async () => {
    const ledger = new MemoryLedger();
    const kilobyte = (i: number) => ({ id: `${i}`, bytes: new Uint8Array(1000).fill(i) });
    await sequence(
      Array.from({ length: 25 }, (_, i) => kilobyte(i)),
      ledger.ports(),
      { limits: { records: 256, bytes: 8192 } },
    );
    expect([...ledger.batches.values()].every(({ length }) => length < 8192 + 500)).toBe(true);
    expect(ledger.state?.revision).toBe(4);
    expect((await sequence([{ id: "one", bytes: new Uint8Array(9000) }], ledger.ports())).size).toBe(26);
  });

  it("costs at most one write for 50 records under load, whatever the log's size was before", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(100), ledger.ports());
    const { puts } = ledger;
    await sequence(facts(5000, 100), ledger.ports());
    expect(ledger.puts - puts).toBeLessThanOrEqual(5000 / 50);
    await expectExactly(ledger, facts(5100));
  });

  it("publishes on the way when a run takes long", async () => {
    const ledger = new MemoryLedger();
    const slowly: Guard = async (what, act) => {
      if (what === "moveState") ledger.now += 4000;
      return act();
    };
    await sequence(facts(20), ledger.ports(slowly), small);
    expect([...ledger.objects.keys()].filter((path) => path.startsWith("checkpoints/"))).toEqual([
      "checkpoints/10",
      "checkpoints/20",
    ]);
    await expectExactly(ledger, facts(20));
  });
});

describe("an idle log", () => {
  it("is signed again as of now, over the same tree", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(3), ledger.ports());
    ledger.now += 60_000;
    expect(await republishCheckpoint(ledger.ports())).toEqual({ size: 3, signedAgain: true });
    const result = await verifyLog(ledger.source(), { trust: MemoryLedger.trust, verify: verifyEd25519 });
    expect(result).toMatchObject({ findings: [], at: "2026-11-22T00:01:00.000Z", checkpoint: { size: 3 } });
  });

  it("is left alone while its checkpoint is young enough", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(3), ledger.ports());
    const { alias } = ledger;
    ledger.now += 59_000;
    const outcome = await republishCheckpoint(ledger.ports(), { ifOlderThanSeconds: 60 });
    expect(outcome).toEqual({ size: 3, signedAgain: false });
    expect(ledger.alias).toBe(alias);
    ledger.now += 1000;
    await republishCheckpoint(ledger.ports(), { ifOlderThanSeconds: 60 });
    expect(ledger.alias).not.toBe(alias);
  });

  it("has a checkpoint even before the first fact", async () => {
    const ledger = new MemoryLedger();
    await republishCheckpoint(ledger.ports());
    expect(await entriesOf(ledger)).toEqual([]);
    expect(publishedSize(ledger)).toBe(0);
  });
});

describe("a ledger that contradicts its table", () => {
  const cases: readonly [string, (ledger: MemoryLedger) => void, string, string][] = [
    ["the table was reset", (l) => Object.assign(l, { state: undefined }), "ledger-fork", "the sequencer knows 0"],
    [
      "the log was signed over another tree",
      (l) =>
        Object.assign(l, {
          state: l.state && { ...l.state, range: { size: 3, hashes: [new Uint8Array(32), new Uint8Array(32)] } },
        }),
      "ledger-fork",
      "the head of another tree of 3 entries",
    ],
    [
      "somebody else wrote the next tile",
      (l) => void l.objects.set("tile/0/000.p/4", new Uint8Array(128)),
      "ledger-fork",
      "tile/0/000.p/4 is there already with other bytes",
    ],
    [
      "a stored entry was changed",
      (l) => void l.objects.set("tile/entries/000.p/3", new Uint8Array(6)),
      "ledger-invalid",
      "is not that of the tree of 3 entries",
    ],
  ];

  it.each(cases)("is not written on when %s", async (_, damage, code, message) => {
    const ledger = new MemoryLedger();
    await sequence(facts(3), ledger.ports());
    damage(ledger);
    const refusal = expect.objectContaining({ code, message: expect.stringContaining(message) });
    await expect(sequence(facts(1, 3), ledger.ports())).rejects.toThrow(refusal);
  });

  it("is not written on when the stored batch was changed", async () => {
    const ledger = new MemoryLedger();
    const { guard } = dyingGuard(6, "before");
    await expect(sequence(facts(3), ledger.ports(guard))).rejects.toThrow("dead");
    expect(ledger.objects.size).toBe(0);
    for (const id of ledger.batches.keys()) ledger.batches.set(id, utf8("another batch"));
    await expect(sequence([], ledger.ports())).rejects.toThrow("does not have the bytes of its name");
    ledger.batches.clear();
    await expect(sequence([], ledger.ports())).rejects.toThrow("is missing");
  });
});

describe("a crash", () => {
  const before = facts(250);
  const after = facts(13, 250);
  const seeded = new MemoryLedger();
  let calls = 0;

  beforeAll(async () => {
    await sequence(before, seeded.ports());
    const counting: Guard = async (_, act) => {
      calls += 1;
      return act();
    };
    await sequence(after, seeded.clone().ports(counting), small);
  });

  it.each(["before", "after"] as const)("%s any call loses nothing and writes nothing twice", async (when) => {
    expect(calls).toBeGreaterThan(30);
    for (let at = 1; at <= calls; at += 1) {
      const ledger = seeded.clone();
      const { guard, died } = dyingGuard(at, when);
      await expect(sequence(after, ledger.ports(guard), small)).rejects.toThrow(/died|dead/);
      expect(died()).toBe(true);
      // The stream tells the same facts again.
      await sequence(after, ledger.ports(), small);
      await expectExactly(ledger, [...before, ...after]);
    }
  });

  it("is repaired by the next republication, without the facts being told again", async () => {
    for (let at = 1; at <= calls; at += 1) {
      const ledger = seeded.clone();
      await expect(sequence(after, ledger.ports(dyingGuard(at, "after").guard), small)).rejects.toThrow(/died|dead/);
      await republishCheckpoint(ledger.ports());
      expect(publishedSize(ledger)).toBe(ledger.state?.range.size);
      expect(ledger.markers.size).toBe(ledger.state?.range.size);
      await entriesOf(ledger);
    }
  });

  it("between a batch's markers and its objects leaves neither out for good", async () => {
    for (const lost of ["writeMarkers", "putNew"]) {
      const ledger = seeded.clone();
      const without: Guard = async (what, act) => {
        if (what.startsWith(lost)) throw new Error(`${what}: died`);
        return act();
      };
      await expect(sequence(after, ledger.ports(without), small)).rejects.toThrow("died");
      // Nobody takes a marker's word for what is not published: those told again are appended, and the rest repaired.
      const outcome = await sequence(after.slice(0, 2), ledger.ports(), small);
      expect(outcome.already.map(({ id }) => id)).toEqual(after.slice(0, 2).map(({ id }) => id));
      expect(outcome.size).toBe(publishedSize(ledger));
      expect(outcome.size).toBe(before.length + 5);
      await sequence(after, ledger.ports(), small);
      await expectExactly(ledger, [...before, ...after]);
    }
  });

  it("during the repair of a crash is repaired too", async () => {
    const death = fc.record({
      at: fc.integer({ min: 1, max: 40 }),
      when: fc.constantFrom("before" as const, "after" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(death, { minLength: 2, maxLength: 5 }), async (deaths) => {
        const ledger = seeded.clone();
        for (const { at, when } of deaths) {
          await Promise.allSettled([sequence(after, ledger.ports(dyingGuard(at, when).guard), small)]);
        }
        await sequence(after, ledger.ports(), small);
        await expectExactly(ledger, [...before, ...after]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("several runs at once", () => {
  const runner = fc.record({
    told: fc.shuffledSubarray(facts(24), { minLength: 1 }),
    diesAt: fc.option(fc.integer({ min: 1, max: 60 }), { nil: Number.POSITIVE_INFINITY }),
    republishes: fc.boolean(),
  });

  it("get along when one comes and goes between any two steps of the other", async () => {
    const mine = facts(8);
    const theirs = facts(8, 4);
    for (let at = 1, reached = true; reached; at += 1) {
      const ledger = new MemoryLedger();
      let calls = 0;
      const interrupted: Guard = async (_, act) => {
        calls += 1;
        if (calls === at) await sequence(theirs, ledger.ports(), small);
        return act();
      };
      await sequence(mine, ledger.ports(interrupted), small);
      reached = calls >= at;
      await expectExactly(ledger, reached ? facts(12) : mine);
    }
  });

  it("do not take an object that the other is still writing for a fork", async () => {
    const ledger = new MemoryLedger();
    const ports = ledger.ports();
    const putNew = async () => "exists" as const;
    const objects = { ...ports.objects, putNew };
    await expect(sequence(facts(3), { ...ports, objects })).rejects.toThrow(
      expect.objectContaining({ code: "unavailable" }),
    );
    await sequence(facts(3), ports);
    await expectExactly(ledger, facts(3));
  });

  it("in any order of their steps make one log, with every fact once", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(runner, { minLength: 2, maxLength: 3 }), async (scheduler, runners) => {
        const ledger = new MemoryLedger();
        const runs = runners.map(async ({ told, diesAt, republishes }) => {
          const dying = dyingGuard(diesAt, "after").guard;
          const ports = ledger.ports(async (what, act) => {
            await scheduler.schedule(Promise.resolve(), what);
            return await dying(what, act);
          });
          await sequence(told, ports, { limits: { records: 3, bytes: 350_000 } });
          if (republishes) await republishCheckpoint(ports);
        });
        const outcomes = await scheduler.waitFor(Promise.allSettled(runs));
        for (const [i, outcome] of outcomes.entries()) {
          if (runners[i]?.diesAt === Number.POSITIVE_INFINITY) expect(outcome).toMatchObject({ status: "fulfilled" });
        }
        const survivors = runners.filter(({ diesAt }) => diesAt === Number.POSITIVE_INFINITY);
        // Whoever came to its end has published all it was told.
        if (survivors.length > 0) {
          const entries = await entriesOf(ledger, survivors.length < runners.length);
          for (const { told } of survivors)
            expect(entries).toEqual(expect.arrayContaining(told.map(({ bytes }) => fromUtf8(bytes))));
        }
        await sequence(facts(24), ledger.ports());
        await expectExactly(ledger, facts(24));
      }),
      { numRuns: 150 },
    );
  });
});
