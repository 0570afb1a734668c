import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../../adapters/node-crypto/signatures.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { rebuildTable } from "../../../core/ledger/rebuild-table.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import type { Marker } from "../../../core/ledger/sequencer-ports.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import { expectExactly, facts } from "./sequenced-facts.ts";

const idOf = (entry: Uint8Array) => idsByEntry.get(fromUtf8(entry)) ?? expect.unreachable();
const idsByEntry = new Map(facts(600).map(({ id, bytes }) => [fromUtf8(bytes), id]));

/** A log of 300 entries and its table. */
async function logOf(count = 300): Promise<MemoryLedger> {
  const ledger = new MemoryLedger();
  await sequence(facts(count), ledger.ports());
  return ledger;
}

/** The log as it is, with the table of when it had so many entries. */
async function restored(count: number): Promise<MemoryLedger> {
  const [ledger, before] = [await logOf(), await logOf(count)];
  ledger.state = before.state;
  for (const id of [...ledger.markers.keys()]) if (!before.markers.has(id)) ledger.markers.delete(id);
  return ledger;
}

const rebuild = (ledger: MemoryLedger) =>
  rebuildTable(
    ledger.source(),
    { trust: MemoryLedger.trust, verify: verifyEd25519 },
    { store: ledger.ports().store, idOf },
  );

describe("a table that is older than its log", () => {
  it.each([0, 1, 255, 256, 299])(
    "of %i entries is brought up to it, and the log goes on with each fact once",
    async (count) => {
      const ledger = await restored(count);
      await expect(sequence(facts(5, 298), ledger.ports())).rejects.toMatchObject({ code: "ledger-fork" });
      expect(await rebuild(ledger)).toEqual({ before: count, size: 300, markers: 300 - count });
      await sequence(facts(5, 298), ledger.ports());
      await expectExactly(ledger, facts(303));
    },
  );

  it("is left as it is where it lacks nothing", async () => {
    const ledger = await logOf();
    const before = ledger.state;
    expect(await rebuild(ledger)).toEqual({ before: 300, size: 300, markers: 0 });
    expect(ledger.state).toBe(before);
  });

  it("has its markers again where they alone are gone", async () => {
    const ledger = await logOf();
    ledger.markers.clear();
    expect(await rebuild(ledger)).toEqual({ before: 300, size: 300, markers: 300 });
    await sequence(facts(300), ledger.ports());
    await expectExactly(ledger, facts(300));
  });
});

function placed(ledger: MemoryLedger, at: number, otherwise: (marker: Marker) => Marker): void {
  const [marker = expect.unreachable()] = [...ledger.markers.values()].filter(({ index }) => index === at);
  ledger.markers.set(marker.id, otherwise(marker));
}

it("a table may say either of an entry that is in its log twice", async () => {
  for (const keptFirst of [true, false]) {
    const ledger = await logOf(10);
    const [first = expect.unreachable()] = facts(1);
    const before = ledger.markers.get(first.id);
    ledger.markers.delete(first.id);
    await sequence([first], ledger.ports());
    expect(ledger.markers.get(first.id)?.index).toBe(10);
    if (keptFirst && before !== undefined) ledger.markers.set(first.id, before);
    expect(await rebuild(ledger)).toEqual({ before: 11, size: 11, markers: 0 });
  }
});

describe("a table is not rebuilt", () => {
  it.each<[string, (ledger: MemoryLedger) => void, string, string]>([
    [
      "of a log that does not hold",
      (ledger) => void ledger.objects.set("tile/entries/001.p/44", utf8("other")),
      "ledger-invalid",
      "The log does not hold: ",
    ],
    [
      "of a log without a checkpoint",
      (ledger) => Object.assign(ledger, { alias: undefined }),
      "ledger-invalid",
      "no checkpoint",
    ],
    [
      "that knows another tree",
      (ledger) => Object.assign(ledger, { state: { revision: 1, range: { size: 1, hashes: [new Uint8Array(32)] } } }),
      "ledger-fork",
      "The table knows 1 entries, and they are not those with which the log of 300 begins.",
    ],
    [
      "that places an entry where another is",
      (ledger) => placed(ledger, 7, (marker) => ({ ...marker, index: 8 })),
      "ledger-fork",
      "that it is the entry 8 with the hash",
    ],
    [
      "that places an entry beyond the log",
      (ledger) => {
        for (const at of [7, 9]) placed(ledger, at, (marker) => ({ ...marker, index: 300 }));
      },
      "ledger-fork",
      ", which the log does not have; of 1 more it says the like.",
    ],
    [
      "that says another hash of an entry",
      (ledger) => placed(ledger, 7, (marker) => ({ ...marker, leafHash: "0".repeat(64) as typeof marker.leafHash })),
      "ledger-fork",
      "that it is the entry 7 with the hash 0000",
    ],
  ])("%s", async (_, damage, code, message) => {
    const ledger = await restored(200);
    damage(ledger);
    const [state, markers] = [ledger.state, ledger.markers.size];
    await expect(rebuild(ledger)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect([ledger.state, ledger.markers.size]).toEqual([state, markers]);
  });

  it("that knows more than is published: the sequencer goes on from there", async () => {
    const ledger = await logOf();
    const { state } = await logOf(301);
    ledger.state = state;
    await expect(rebuild(ledger)).rejects.toMatchObject({ code: "ledger-fork" });
  });

  it("where somebody moves its state meanwhile", async () => {
    const ledger = await restored(200);
    const { store } = ledger.ports();
    const moving = rebuildTable(
      ledger.source(),
      { trust: MemoryLedger.trust, verify: verifyEd25519 },
      { store: { ...store, moveState: async () => "lost" }, idOf },
    );
    await expect(moving).rejects.toMatchObject({ code: "conflict" });
  });
});
