import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { maxEntryBytes } from "../../../core/ledger/entry-bundle.ts";
import { republishCheckpoint, sequence } from "../../../core/ledger/sequence.ts";
import { verifyLog } from "../../../core/ledger/verify-log.ts";
import { verifyEd25519 } from "./ed25519.ts";
import { dyingGuard, type Guard, MemoryLedger } from "./memory-ledger.ts";
import { entriesOf, expectExactly, facts, publishedSize, small } from "./sequenced-facts.ts";

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

describe("a log that goes on with another key", () => {
  const keyEntry = "fact 3";
  const withKey = (ledger: MemoryLedger) => ({ ...ledger.ports(), keyEntry });

  it("is signed by it once the tree tells of it, with whatever came before", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(2), ledger.ports());
    expect(await sequence([...facts(1, 3), ...facts(1, 2)], withKey(ledger))).toMatchObject({ size: 4 });
    expect(await sequence(facts(2, 4), withKey(ledger))).toMatchObject({ size: 6 });
    await expectExactly(ledger, facts(6));
  });

  it("takes nothing, and signs nothing again, while nobody tells of it", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(2), ledger.ports());
    const { alias, puts } = ledger;
    ledger.now += 60_000;
    await expect(sequence(facts(1, 2), withKey(ledger))).rejects.toMatchObject({
      code: "unavailable",
      message: "The log does not tell of the key that signs its checkpoints: fact 3.",
    });
    expect(await republishCheckpoint(withKey(ledger))).toEqual({ size: 2, signedAgain: false });
    expect(ledger.alias).toBe(alias);
    expect(ledger.puts).toBe(puts);
  });

  it("publishes nothing on the way before it tells of it", async () => {
    const ledger = new MemoryLedger();
    const slowly: Guard = async (what, act) => {
      if (what === "moveState") ledger.now += 8000;
      return act();
    };
    const late = [...facts(8, 4), ...facts(4)];
    await sequence(late, { ...ledger.ports(slowly), keyEntry }, { limits: { records: 3, bytes: 350_000 } });
    expect([...ledger.objects.keys()].filter((path) => path.startsWith("checkpoints/"))).toEqual(["checkpoints/12"]);
  });

  it.each(["before", "after"] as const)(
    "publishes what another run left that died %s its checkpoint only with what tells of it",
    async (when) => {
      const ledger = new MemoryLedger();
      await sequence(facts(1), ledger.ports());
      const dies: Guard = async (what, act) => {
        if (what !== "sign") return act();
        if (when === "after") await act();
        throw new Error("It died.");
      };
      await expect(sequence(facts(2, 1), ledger.ports(dies))).rejects.toThrow("It died.");
      expect(await republishCheckpoint(withKey(ledger))).toEqual({ size: 1, signedAgain: false });
      await expect(sequence(facts(2, 1), withKey(ledger))).rejects.toMatchObject({ code: "unavailable" });
      expect(publishedSize(ledger)).toBe(1);
      expect(await sequence(facts(1, 3), withKey(ledger))).toMatchObject({ size: 4 });
      await expectExactly(ledger, facts(4));
      expect(await republishCheckpoint(withKey(ledger))).toEqual({ size: 4, signedAgain: true });
    },
  );
});

describe("a log whose key has ended", () => {
  const ended = { keyHasEnded: async () => true };

  it("takes nothing by it, and signs nothing again", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(2), ledger.ports());
    const { alias, puts } = ledger;
    ledger.now += 60_000;
    await expect(sequence(facts(1, 2), { ...ledger.ports(), ...ended })).rejects.toMatchObject({
      code: "unavailable",
      message: "The key that signs the log's checkpoints has ended, or is about to.",
    });
    expect(await republishCheckpoint({ ...ledger.ports(), ...ended })).toEqual({ size: 2, signedAgain: false });
    expect(ledger.alias).toBe(alias);
    expect(ledger.puts).toBe(puts);
  });

  it("leaves to the next key what another run left that died", async () => {
    const ledger = new MemoryLedger();
    await sequence(facts(1), ledger.ports());
    const dies: Guard = async (what, act) => {
      if (what !== "sign") return act();
      throw new Error("It died.");
    };
    await expect(sequence(facts(2, 1), ledger.ports(dies))).rejects.toThrow("It died.");
    expect(await republishCheckpoint({ ...ledger.ports(), ...ended })).toEqual({ size: 1, signedAgain: false });
    await expect(sequence(facts(2, 1), { ...ledger.ports(), ...ended })).rejects.toMatchObject({ code: "unavailable" });
    expect(publishedSize(ledger)).toBe(1);
    expect(await republishCheckpoint(ledger.ports())).toEqual({ size: 3, signedAgain: true });
    await expectExactly(ledger, facts(3));
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
