import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, it } from "vitest";
import { heldRows } from "../../../../core/archive/tables/held-rows.ts";
import {
  parquetFoot,
  parquetGroup,
  parquetHead,
  parquetTable,
  rowGroup,
} from "../../../../core/archive/tables/parquet-table.ts";
import { type Column, cellsOf } from "../../../../core/archive/tables/table.ts";
import { concatBytes, equalBytes, fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { codeOf } from "../../refusal.ts";
import { collected } from "../memory-pack.ts";

type Row = readonly [text: string | undefined, number: number | undefined, at: string | undefined];
const columns: readonly Column<Row>[] = [
  { name: "text", kind: "text", of: ([text]) => text },
  { name: "number", kind: "number", of: ([, number]) => number },
  { name: "at", kind: "instant", of: ([, , at]) => at },
];
const tableOf = (rows: readonly Row[]) => ({
  name: "rows",
  columns,
  rows: async function* () {
    yield* rows;
  },
});
const written = (rows: readonly Row[]) => collected(parquetTable(tableOf(rows)));
/** As somebody else's reader reads it. */
function read(bytes: Uint8Array) {
  const file = bytes.slice().buffer;
  return parquetReadObjects({ file });
}

describe("a table in Parquet", () => {
  it("is read by somebody else's reader as it was written", async () => {
    const rows: readonly Row[] = [
      ["a", 1, "2026-11-23T09:00:00.123Z"],
      ['ä, "b"', -(2 ** 40), "1999-12-31T23:59:59.999Z"],
      [undefined, undefined, undefined],
      ["", 0, "yesterday"],
    ];
    expect(await read(await written(rows))).toEqual([
      { text: "a", number: 1n, at: new Date("2026-11-23T09:00:00.123Z") },
      { text: 'ä, "b"', number: BigInt(-(2 ** 40)), at: new Date("1999-12-31T23:59:59.999Z") },
      { text: null, number: null, at: null },
      { text: "", number: 0n, at: null },
    ]);
  });

  it("says what its columns are, who made it, and nothing of statistics or compression", async () => {
    const bytes = await written([["a", 1, "2026-11-23T09:00:00.000Z"]]);
    const { schema, created_by, num_rows, row_groups } = parquetMetadata(bytes.slice().buffer);
    expect(schema).toMatchObject([
      { name: "root", num_children: 3 },
      { name: "text", type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" },
      { name: "number", type: "INT64", repetition_type: "OPTIONAL" },
      { name: "at", type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" },
    ]);
    expect([created_by, num_rows, row_groups.length]).toEqual(["countersign", 1n, 1]);
    const [{ meta_data } = { meta_data: undefined }] = row_groups[0]?.columns ?? [];
    expect(meta_data).toMatchObject({ codec: "UNCOMPRESSED", num_values: 1n });
    expect(meta_data?.statistics).toBeUndefined();
    expect(meta_data?.encodings).toContain("PLAIN");
  });

  it("has no rows where there are none", async () => {
    const bytes = await written([]);
    expect(await read(bytes)).toEqual([]);
    expect(equalBytes(bytes, concatBytes([parquetHead(), parquetFoot(columns, [])]))).toBe(true);
    expect(fromUtf8(parquetHead())).toBe("PAR1");
  });

  it.each([
    [rowGroup, [rowGroup]],
    [rowGroup + 1, [rowGroup, 1]],
  ])("of %i rows stands in groups of %j", async (count, groups) => {
    const rows = Array.from({ length: count }, (_, at): Row => [`row ${at}`, at, undefined]);
    const bytes = await written(rows);
    const { row_groups, num_rows } = parquetMetadata(bytes.slice().buffer);
    expect([Number(num_rows), row_groups.map(({ num_rows: own }) => Number(own))]).toEqual([count, groups]);
    const all = await read(bytes);
    expect([all.length, all.at(-1)]).toEqual([
      count,
      { text: `row ${count - 1}`, number: BigInt(count - 1), at: null },
    ]);
  });
});

describe("a group of rows", () => {
  const rows: readonly Row[] = [["a", 1, undefined]];
  const held = (own: readonly Row[]) => {
    const all = heldRows(columns);
    for (const row of own) all.add(cellsOf(columns, row));
    return all;
  };

  it("has the same bytes wherever in a file it stands", async () => {
    const [one, two] = [parquetGroup(columns, held(rows)), parquetGroup(columns, held(rows))];
    expect(equalBytes(one.bytes, two.bytes)).toBe(true);
    const groups = [one, two].map(({ bytes, told }) => ({ length: bytes.length, told }));
    const file = concatBytes([parquetHead(), one.bytes, two.bytes, parquetFoot(columns, groups)]);
    expect(await read(file)).toEqual([
      { text: "a", number: 1n, at: null },
      { text: "a", number: 1n, at: null },
    ]);
  });

  it("has rows", () => {
    expect(codeOf(() => parquetGroup(columns, held([]))).code).toBe("internal");
  });
});
