import { beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import { parseCheckpoint, signCheckpoint } from "../../../core/ledger/checkpoint.ts";
import { appendToRange, type CompactRange, emptyRange, leafHash, rangeRoot } from "../../../core/ledger/merkle.ts";
import { publish, readPublished, refuseFork } from "../../../core/ledger/publish.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import type { SequencerPorts } from "../../../core/ledger/sequencer-ports.ts";
import { codeOf, refused, told } from "../refusal.ts";
import { testSigner } from "./ed25519.ts";
import { MemoryLedger } from "./memory-ledger.ts";

const treeOf = (size: number, fork = ""): CompactRange =>
  appendToRange(
    emptyRange,
    Array.from({ length: size }, (_, at) => leafHash(utf8(`fact ${at}${fork}`))),
  );
const facts = Array.from({ length: 5 }, (_, at) => ({ id: `${at}`, bytes: utf8(`fact ${at}`) }));

let log: MemoryLedger;
beforeAll(async () => {
  log = new MemoryLedger();
  await sequence(facts, log.ports());
});

/** The ports with the objects of a ledger changed. */
function portsOf(ledger: MemoryLedger, over: Partial<SequencerPorts["objects"]> = {}): SequencerPorts {
  const ports = ledger.ports();
  return { ...ports, objects: { ...ports.objects, ...over } };
}

const sizeOf = ({ alias }: MemoryLedger) => parseCheckpoint(alias?.bytes ?? new Uint8Array()).checkpoint.size;

describe("publishing the head of a tree", () => {
  it("keeps it under its size, then as the latest", async () => {
    const ledger = log.clone();
    const known = await readPublished(ledger.ports());
    const { checkpoint } = await publish(treeOf(6), known, ledger.ports());
    expect(checkpoint.size).toBe(6);
    expect(sizeOf(ledger)).toBe(6);
    expect([...ledger.objects.keys()]).toContain("checkpoints/6");
  });

  it("of the same tree is done again once time has passed, and then under the newer time", async () => {
    const ledger = log.clone();
    const known = await readPublished(ledger.ports());
    if (known === undefined) throw new Error("Nothing is published.");
    expect(await publish(treeOf(5), known, ledger.ports())).toBe(known);
    ledger.now += 999;
    expect(await publish(treeOf(5), known, ledger.ports())).toBe(known);
    ledger.now += 1;
    const { puts } = ledger;
    expect((await publish(treeOf(5), known, ledger.ports())).time).toBe(known.time + 1);
    // The tree is kept under its size already: only the latest is written.
    expect(ledger.puts).toBe(puts + 1);
  });

  it("of the same tree is done again where what was published is of a time to come", async () => {
    const ledger = log.clone();
    const root = rangeRoot(treeOf(5));
    const time = Math.floor(ledger.now / 1000);
    const publishedAt = async (seconds: number) => {
      const bytes = await signCheckpoint({ size: 5, root }, MemoryLedger.signer, instantFromMs(seconds * 1000));
      ledger.alias = { bytes, version: "9" };
      return readPublished(ledger.ports());
    };
    expect((await publishedAt(time + 60))?.time).toBe(time + 60);
    const known = await publishedAt(time + 61);
    expect(known?.time).toBe(0);
    expect((await publish(treeOf(5), known, ledger.ports())).time).toBe(time);
  });

  it("leaves a later one that others published alone", async () => {
    const ledger = log.clone();
    const known = await readPublished(ledger.ports());
    await publish(treeOf(8), known, ledger.ports());
    const later = await publish(treeOf(6), known, ledger.ports());
    expect([later.checkpoint.size, sizeOf(ledger)]).toEqual([8, 8]);
  });

  it("gives up where others keep changing it", async () => {
    const ledger = log.clone();
    let tries = 0;
    const ports = portsOf(ledger, {
      replaceAlias: async () => {
        tries += 1;
        return "changed";
      },
    });
    const known = await readPublished(ledger.ports());
    expect(told(await refused(publish(treeOf(6), known, ports)))).toBe(
      "conflict: The checkpoint of 6 entries could not be published: others kept changing it.",
    );
    expect(tries).toBeGreaterThan(1);
    expect(tries).toBeLessThanOrEqual(20);
  });

  it("is refused where another tree of the size was published, as the latest or under its size", async () => {
    const ledger = log.clone();
    const known = await readPublished(ledger.ports());
    expect(told(await refused(publish(treeOf(5, "x"), known, ledger.ports())))).toBe(
      "ledger-fork: The published checkpoint is the head of another tree of 5 entries.",
    );
    await publish(treeOf(6), known, ledger.ports());
    expect(told(await refused(publish(treeOf(6, "x"), known, ledger.ports())))).toBe(
      "ledger-fork: checkpoints/6 is the head of another tree.",
    );
  });

  it("waits where what it found in its way cannot be read yet", async () => {
    const ledger = log.clone();
    const known = await readPublished(ledger.ports());
    const ports = portsOf(ledger, { putNew: async () => "exists", get: async () => undefined });
    expect(told(await refused(publish(treeOf(6), known, ports)))).toBe(
      "unavailable: checkpoints/6 is being written by another run.",
    );
  });
});

describe("what is published", () => {
  it("is refused where it is another log's", async () => {
    const other = testSigner("other.example/ledger", 1);
    const ledger = log.clone();
    const bytes = await signCheckpoint({ size: 5, root: rangeRoot(treeOf(5)) }, other, instantFromMs(ledger.now));
    ledger.alias = { bytes, version: "1" };
    expect(told(await refused(readPublished(ledger.ports())))).toBe(
      "ledger-invalid: The published checkpoint is that of other.example/ledger, not of countersign.example/ledger.",
    );
  });

  it("is nothing in a new ledger", async () => {
    expect(await readPublished(new MemoryLedger().ports())).toBeUndefined();
  });

  it("is no fork of a tree of another size, or of itself", () => {
    const checkpoint = { origin: log.ports().signer.origin, size: 5, root: rangeRoot(treeOf(5)), extensions: [] };
    expect(() => refuseFork(checkpoint, treeOf(5))).not.toThrow();
    expect(() => refuseFork(checkpoint, treeOf(6, "x"))).not.toThrow();
    expect(codeOf(() => refuseFork(checkpoint, treeOf(5, "x"))).code).toBe("ledger-fork");
  });
});
