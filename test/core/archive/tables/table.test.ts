import { describe, expect, it } from "vitest";
import { csvHead, csvLine, csvRow, csvTable } from "../../../../core/archive/tables/csv-table.ts";
import { type Column, cellsOf } from "../../../../core/archive/tables/table.ts";
import { fromUtf8 } from "../../../../core/encoding/bytes.ts";
import { collected } from "../memory-pack.ts";
import { each } from "../zipped.ts";

type Row = readonly (string | number | undefined)[];
const columns: readonly Column<Row>[] = [
  { name: "text", kind: "text", of: ([text]) => text },
  { name: "number", kind: "number", of: ([, number]) => number },
  { name: "instant", kind: "instant", of: ([, , instant]) => instant },
];

describe("a row of a table", () => {
  it("has its values in the order of the columns, and none where they are of another kind", () => {
    const at = "2026-11-23T09:00:00.000Z";
    expect(cellsOf(columns, ["a", 0, at])).toEqual(["a", 0, at]);
    expect(cellsOf(columns, [0, "a", 0])).toEqual([undefined, undefined, undefined]);
    expect(cellsOf(columns, [undefined, undefined, undefined])).toEqual([undefined, undefined, undefined]);
  });
});

describe("a table for spreadsheets", () => {
  it("is a row of names, and then a row for each (RFC 4180)", async () => {
    const rows: readonly Row[] = [
      ["a", 1, undefined],
      ["b", undefined, "c"],
    ];
    const table = { name: "rows", columns, rows: () => each(rows) };
    expect(fromUtf8(await collected(csvTable(table)))).toBe(
      '"text","number","instant"\r\n"a","1",""\r\n"b","","c"\r\n',
    );
    expect(fromUtf8(csvHead(columns))).toBe('"text","number","instant"\r\n');
    expect(fromUtf8(csvRow(columns, ["a", 1, "c"]))).toBe('"a","1","c"\r\n');
  });

  it("holds quotation marks twice, and everything else as it is", () => {
    expect(csvLine(['say "no", "no"', "one\ntwo, three", "'"])).toBe('"say ""no"", ""no""","one\ntwo, three","\'"\r\n');
    expect(csvLine([])).toBe("\r\n");
  });

  it.each(["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])(
    "is never taken for a formula: %j is guarded where a cell begins with it, and only there",
    (sign) => {
      expect(csvLine([`${sign}1`, `1${sign}`])).toBe(`"'${sign}1","1${sign}"\r\n`);
    },
  );

  it("is guarded for numbers below zero too, and not for nothing", () => {
    expect(csvLine([-1, 1, "", undefined])).toBe('"\'-1","1","",""\r\n');
  });
});
