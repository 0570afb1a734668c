import { describe, expect, it } from "vitest";
import { entryReader, indexedRecord, logEntries, logObjects } from "../../../../core/archive/pack/log-entries.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { encodeBundle } from "../../../../core/ledger/entry-bundle.ts";
import { entriesPath, tileWidth, widthAt } from "../../../../core/ledger/tiles.ts";
import { ledgerEntry } from "../../../../core/promotion/ledger-record.ts";
import { refused } from "../../refusal.ts";
import { told } from "../told.ts";

const [fact] = told.house.facts;
if (fact === undefined) throw new Error("Nothing was told.");
const entry = ledgerEntry(fact);
/** A log of so many entries, the last of which is a record; and which of its bundles were read. */
function logOf(size: number) {
  const asked: string[] = [];
  const bundles = new Map(
    Array.from({ length: Math.ceil(size / tileWidth) }, (_, bundle) => {
      const width = widthAt(0, bundle, size);
      const entries = Array.from({ length: width }, (__, at) =>
        bundle * tileWidth + at === size - 1 ? entry : utf8(`${bundle * tileWidth + at}`),
      );
      return [entriesPath(bundle, width), encodeBundle(entries)] as const;
    }),
  );
  const read = async (path: string) => {
    asked.push(path);
    return bundles.get(path);
  };
  return { asked, bundles, read };
}

describe("the entries of a log", () => {
  it("come in order, each with the record that it is, if it is one", async () => {
    const { read, asked } = logOf(258);
    const entries = [];
    for await (const each of logEntries(258, read)) entries.push(each);
    expect(entries.map(({ index }) => index)).toEqual(Array.from({ length: 258 }, (_, index) => index));
    expect(entries.map(({ record }) => record?.id).filter((id) => id !== undefined)).toEqual([fact.id]);
    expect(entries[257]).toMatchObject({ bytes: entry, record: { type: fact.type } });
    expect(entries[256]).toEqual({ index: 256, bytes: utf8("256"), record: undefined });
    expect(asked).toEqual(["tile/entries/000", "tile/entries/001.p/2"]);
  });

  it("are none in an empty log, and one bundle where they fill it", async () => {
    for (const [size, bundles] of [
      [0, 0],
      [256, 1],
    ] as const) {
      const { read, asked } = logOf(size);
      let count = 0;
      for await (const { index } of logEntries(size, read)) expect(index).toBe(count++);
      expect([count, asked.length]).toEqual([size, bundles]);
    }
  });

  it("cannot be told where a bundle was lost", async () => {
    const { bundles, read } = logOf(258);
    bundles.delete("tile/entries/000");
    const all = async () => {
      for await (const _ of logEntries(258, read));
    };
    expect(await refused(all())).toEqual({ code: "ledger-invalid", sentence: "The ledger lacks tile/entries/000." });
  });
});

describe("single entries of a log", () => {
  it("are read by their index, a bundle once", async () => {
    const { read, asked } = logOf(258);
    const entryAt = entryReader(258, read);
    expect(await entryAt(0)).toEqual({ index: 0, bytes: utf8("0"), record: undefined });
    expect(await entryAt(255)).toEqual({ index: 255, bytes: utf8("255"), record: undefined });
    expect(await entryAt(257)).toMatchObject({ index: 257, record: { id: fact.id } });
    expect(asked).toHaveLength(2);
    expect(await refused(entryAt(258))).toEqual({ code: "ledger-invalid", sentence: "The ledger has no entry 258." });
  });

  it("forget the bundle that was asked for longest ago, beyond thirty-two", async () => {
    const size = 34 * tileWidth;
    const { read, asked } = logOf(size);
    const entryAt = entryReader(size, read);
    for (let bundle = 0; bundle < 32; bundle += 1) await entryAt(bundle * tileWidth);
    // The first is asked for again, so the second is the oldest now.
    await entryAt(1);
    expect(asked).toHaveLength(32);
    await entryAt(32 * tileWidth);
    await entryAt(2);
    expect(asked).toHaveLength(33);
    await entryAt(tileWidth);
    expect(asked.slice(33)).toEqual(["tile/entries/001"]);
  });
});

describe("an entry", () => {
  it("that is no record is told as such, whatever is wrong with it", () => {
    for (const bytes of [utf8(""), utf8("{}"), utf8('{"recordVersion":1}')])
      expect(indexedRecord(3, bytes)).toEqual({ index: 3, bytes, record: undefined });
    expect(indexedRecord(3, entry).record).toMatchObject({ id: fact.id });
  });
});

describe("a whole copy of a log", () => {
  it("needs its tiles, of every level, and its bundles where they are asked for", () => {
    expect([...logObjects(0, { entries: true })]).toEqual([]);
    expect([...logObjects(2, { entries: false })]).toEqual(["tile/0/000.p/2"]);
    expect([...logObjects(258, { entries: true })]).toEqual([
      "tile/0/000",
      "tile/0/001.p/2",
      "tile/1/000.p/1",
      "tile/entries/000",
      "tile/entries/001.p/2",
    ]);
    expect([...logObjects(512, { entries: false })]).toEqual(["tile/0/000", "tile/0/001", "tile/1/000.p/2"]);
  });
});
