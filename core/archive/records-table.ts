import { hex, utf8 } from "../encoding/bytes.ts";
import { leafHash } from "../ledger/merkle.ts";
import type { LedgerRecord } from "../promotion/fact.ts";

/** A record as it lies in the log. */
export interface IndexedRecord {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** `undefined` where the entry is no record that this version can read. */
  readonly record: LedgerRecord | undefined;
}

const columns = ["index", "at", "type", "promotion", "id", "summary", "documents", "leafHash"] as const;

/** `records.csv` for people and spreadsheets: RFC 4180, a row for each record. */
export async function* recordsTable(records: AsyncIterable<IndexedRecord>): AsyncGenerator<Uint8Array> {
  yield row(columns);
  for await (const each of records) yield tableRow(each);
}

/** One record's row. */
export function tableRow({ index, bytes, record }: IndexedRecord): Uint8Array {
  return row([
    String(index),
    record?.at ?? "",
    record?.type ?? "unreadable",
    record?.promotion ?? "",
    record?.id ?? "",
    record?.summary ?? "",
    (record?.attachments ?? []).map(({ name, sha256 }) => `${name}=${sha256}`).join(" "),
    hex(leafHash(bytes)),
  ]);
}

/** The table's first row. */
export function tableHead(): Uint8Array {
  return row(columns);
}

function row(cells: readonly string[]): Uint8Array {
  return utf8(`${cells.map(cell).join(",")}\r\n`);
}

/**
 * A cell that a spreadsheet takes for text whatever it begins with: a leading apostrophe where it could be a formula
 * (https://owasp.org/www-community/attacks/CSV_Injection).
 */
function cell(text: string): string {
  const guarded = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text;
  return `"${guarded.replaceAll('"', '""')}"`;
}
