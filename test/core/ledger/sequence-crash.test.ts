import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { republishCheckpoint, sequence } from "../../../core/ledger/sequence.ts";
import { dyingGuard, type Guard, MemoryLedger } from "./memory-ledger.ts";
import { entriesOf, expectExactly, facts, publishedSize, small } from "./sequenced-facts.ts";

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
