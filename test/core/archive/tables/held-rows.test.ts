import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growingText, heldRows } from "../../../../core/archive/tables/held-rows.ts";
import type { Cells, Column } from "../../../../core/archive/tables/table.ts";
import { fromUtf8, utf8 } from "../../../../core/encoding/bytes.ts";
import { codeOf } from "../../refusal.ts";

const columns: readonly Column<Cells>[] = [
  { name: "text", kind: "text", of: ([text]) => text },
  { name: "number", kind: "number", of: ([, number]) => number },
  { name: "at", kind: "instant", of: ([, , at]) => at },
];

function held(rows: readonly Cells[]) {
  const all = heldRows(columns);
  for (const row of rows) all.add(row);
  return all;
}

describe("rows that are held until they are written", () => {
  it("have the values of each column, and null where there is none", () => {
    const rows = held([
      ["a", 1, "1970-01-01T00:00:00.001Z"],
      [undefined, undefined, undefined],
      ["", -7, "yesterday"],
      ["é", 0, "1970-01-01T00:00:01.000Z"],
    ]);
    expect(rows.length).toBe(4);
    expect([0, 1, 2].map(rows.valuesOf)).toEqual([
      [utf8("a"), null, utf8(""), utf8("é")],
      [1n, null, -7n, 0n],
      [1n, null, null, 1000n],
    ]);
    expect(codeOf(() => rows.valuesOf(3)).code).toBe("internal");
  });

  it("are their own, however many there are, and whichever were held before", () => {
    const text = fc.option(
      fc.oneof(
        fc.string({ unit: "binary" }),
        fc.nat({ max: 30_000 }).map((length) => "é".repeat(length)),
      ),
      { nil: undefined },
    );
    const tables = fc.tuple(fc.array(text, { maxLength: 9 }), fc.array(text, { maxLength: 9 }));
    const texts = (rows: ReturnType<typeof held>) =>
      rows.valuesOf(0).map((value) => (value instanceof Uint8Array ? fromUtf8(value) : undefined));
    fc.assert(
      fc.property(tables, ([one, other]) => {
        const first = held(one.map((each) => [each]));
        const second = held(other.map((each) => [each]));
        expect(texts(first)).toEqual(one);
        first.letGo();
        const third = held(one.toReversed().map((each) => [each]));
        expect(texts(second)).toEqual(other);
        expect(texts(third)).toEqual(one.toReversed());
        second.letGo();
        third.letGo();
      }),
      { numRuns: 20 },
    );
  });
});

describe("text that grows", () => {
  it("is what was appended, in UTF-8", () => {
    const text = growingText();
    for (const part of ["one,", "\ud800", "", "é".repeat(50_000)]) text.append(part);
    expect(fromUtf8(text.bytes())).toBe(`one,\ufffd${"é".repeat(50_000)}`);
    expect(text.length).toBe(4 + 3 + 100_000);
    text.letGo();
    expect(growingText().length).toBe(0);
  });
});
