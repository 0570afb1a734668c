import { utf8 } from "../../encoding/bytes.ts";
import { type Cells, type Column, cellsOf, type Table } from "./table.ts";

/** A table for people and spreadsheets: RFC 4180, a row of names and then a row for each of its rows. */
export async function* csvTable<Row>({ columns, rows }: Table<Row>): AsyncGenerator<Uint8Array> {
  yield csvHead(columns);
  for await (const row of rows()) yield csvRow(columns, row);
}

/** The row of names. */
export function csvHead<Row>(columns: readonly Column<Row>[]): Uint8Array {
  return utf8(csvLine(columns.map(({ name }) => name)));
}

/** One row. */
export function csvRow<Row>(columns: readonly Column<Row>[], row: Row): Uint8Array {
  return utf8(csvLine(cellsOf(columns, row)));
}

/** One row, as text. */
export function csvLine(cells: Cells): string {
  return `${cells.map((value) => (value === undefined ? '""' : cell(String(value)))).join(",")}\r\n`;
}

const formulaBeginnings = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

/**
 * A cell that a spreadsheet takes for text whatever it begins with: a leading apostrophe where it could be a formula,
 * in characters of full width too (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function cell(text: string): string {
  const guarded = formulaBeginnings.includes(text.charAt(0)) && text !== "" ? `'${text}` : text;
  return guarded.includes('"') ? `"${guarded.replaceAll('"', '""')}"` : `"${guarded}"`;
}
