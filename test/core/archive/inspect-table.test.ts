import { describe, expect, it } from "vitest";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { inGroups, inspectPieces, startGroup, tableFilesOf } from "../../../core/archive/inspect-table.ts";
import { csvTable } from "../../../core/archive/tables/csv-table.ts";
import { parquetTable } from "../../../core/archive/tables/parquet-table.ts";
import { type Column, cellsOf, type Table } from "../../../core/archive/tables/table.ts";
import { memorySource, type PackSource } from "../../../core/archive/zip/pack-source.ts";
import { concatBytes, utf8 } from "../../../core/encoding/bytes.ts";

const columns: readonly Column<number>[] = [
  { name: "number", kind: "number", of: (row) => row },
  { name: "at", kind: "instant", of: (row) => (row % 7 === 0 ? undefined : "2026-11-26T09:00:00.000Z") },
  { name: "words", kind: "text", of: (row) => `=${row} "words"`.slice(0, row % 12) },
];
const form = { name: "numbers", columns };

function table(rows: number): Table<number> & { readonly files: Promise<ReadonlyMap<string, Uint8Array>> } {
  const whole: Table<number> = {
    ...form,
    async *rows() {
      for (let row = 0; row < rows; row += 1) yield row;
    },
  };
  const files = async () =>
    new Map([
      ["numbers.csv", await gathered(csvTable(whole))],
      ["parquet/numbers/numbers.parquet", await gathered(parquetTable(whole))],
    ]);
  return { ...whole, files: files() };
}

async function gathered(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return concatBytes(all);
}

function pieced(rows: number) {
  const groups = inGroups(Array.from({ length: rows }, (_, row) => row)).map((own) => {
    const group = startGroup(form);
    for (const row of own) group.add(cellsOf(columns, row));
    return group.end();
  });
  return tableFilesOf(form, groups);
}

async function judged(rows: number, files: ReadonlyMap<string, Uint8Array>, over: Partial<PackSource> = {}) {
  const source = { ...memorySource(files), ...over };
  const findings = await Promise.all(pieced(rows).map((file) => inspectPieces(file, source, startSha256)));
  return findings.flat().map(({ code, path }) => `${code} ${path}`);
}

const both = ["view-differs numbers.csv", "view-differs parquet/numbers/numbers.parquet"];

describe("a table that is written again in groups of rows", () => {
  it.each([0, 1, 4095, 4096, 4097, 8200])("has the files that an export writes: %i rows", async (rows) => {
    expect(await judged(rows, await table(rows).files)).toEqual([]);
  });

  it("differs where a row is more or less than there are", async () => {
    expect(await judged(4096, await table(4097).files)).toEqual(both);
    expect(await judged(4097, await table(4096).files)).toEqual(both);
  });

  it("differs wherever a byte does", async () => {
    const whole = await table(4100).files;
    for (const part of [0, 0.3, 0.7, 1]) {
      const flipped = new Map(
        [...whole].map(([name, bytes]) => {
          const copy = bytes.slice();
          const at = Math.round(part * (copy.length - 1));
          copy[at] = (copy[at] ?? 0) ^ 1;
          return [name, copy];
        }),
      );
      expect(await judged(4100, flipped)).toEqual(both);
    }
  });

  it("is missed where it is not there", async () => {
    expect(await judged(3, new Map())).toEqual([
      "file-missing numbers.csv",
      "file-missing parquet/numbers/numbers.parquet",
    ]);
  });

  it("differs where the file turns out to be of another length than it says", async () => {
    const files = await table(3).files;
    const longer = async function* (name: string) {
      yield files.get(name) ?? new Uint8Array();
      yield utf8("more");
    };
    const shorter = async function* (name: string) {
      yield (files.get(name) ?? new Uint8Array()).slice(0, 9);
    };
    expect(await judged(3, files, { chunks: longer })).toEqual(both);
    expect(await judged(3, files, { chunks: shorter })).toEqual(both);
  });
});
