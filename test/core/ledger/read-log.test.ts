import { beforeAll, describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import { readEntries, readLeaves } from "../../../core/ledger/read-log.ts";
import { sequence } from "../../../core/ledger/sequence.ts";
import { refused, told } from "../refusal.ts";
import { MemoryLedger } from "./memory-ledger.ts";

const text = (index: number) => `fact ${index}`;
let log: MemoryLedger;
beforeAll(async () => {
  log = new MemoryLedger();
  const facts = Array.from({ length: 300 }, (_, index) => ({ id: text(index), bytes: utf8(text(index)) }));
  await sequence(facts, log.ports());
});

const read = async (path: string) => log.objects.get(path);

describe("reading entries", () => {
  it("gives those of a bundle, a full one or the last", async () => {
    const full = await readEntries(0, 300, read);
    expect([full.length, fromUtf8(full[255] ?? new Uint8Array())]).toEqual([256, "fact 255"]);
    const last = await readEntries(256, 300, read);
    expect(last.map(fromUtf8)).toEqual(Array.from({ length: 44 }, (_, at) => text(256 + at)));
  });

  it("is refused with its path where a bundle is not there", async () => {
    expect(told(await refused(readEntries(256, 300, async () => undefined)))).toBe(
      "ledger-invalid: The ledger lacks tile/entries/001.p/44.",
    );
  });
});

describe("reading leaf hashes", () => {
  it("gives those of any indices, each tile read once", async () => {
    const paths: string[] = [];
    const counted = (path: string) => {
      paths.push(path);
      return read(path);
    };
    const leaves = await readLeaves([299, 3, 0, 256, 255], 300, counted);
    expect([...leaves.keys()].toSorted((a, b) => a - b)).toEqual([0, 3, 255, 256, 299]);
    for (const [index, leaf] of leaves) expect(leaf).toEqual(leafHash(utf8(text(index))));
    expect(paths.toSorted()).toEqual(["tile/0/000", "tile/0/001.p/44"]);
  });

  it("leaves out what is not there", async () => {
    expect((await readLeaves([300, 5000], 300, read)).size).toBe(0);
    expect((await readLeaves([1], 300, async () => undefined)).size).toBe(0);
    expect([
      ...(await readLeaves([1, 299], 300, async (path) => (path.includes(".p/") ? undefined : read(path)))).keys(),
    ]).toEqual([1]);
    const short = await readLeaves([0, 1], 300, async () => leafHash(utf8(text(0))));
    expect([...short.keys()]).toEqual([0]);
  });
});
