import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";
import { Failure } from "../../failure.ts";
import { type HeldRows, heldRows } from "./held-rows.ts";
import { type Column, cellsOf, type Table } from "./table.ts";

/** So many rows are in memory at a time, and stand together in the file. */
export const rowGroup = 4096;

/** What the end of a file says of a group of rows, as if it were the first. */
type Told = ParquetWriter["row_groups"][number];

/** A group of rows as bytes, which are the same wherever in a file they stand. */
export interface ParquetGroup {
  readonly bytes: Uint8Array;
  readonly told: Told;
}

/**
 * A table for Athena and everything else that reads Apache Parquet (https://parquet.apache.org/docs/file-format/):
 * flat, plain and uncompressed, so that the same rows give the same bytes, which verification makes again. An instant
 * is a timestamp in milliseconds, UTC. Holds one group of rows, and of those before it where they are.
 */
export async function* parquetTable<Row>({ columns, rows }: Table<Row>): AsyncGenerator<Uint8Array> {
  const groups: { readonly length: number; readonly told: Told }[] = [];
  let held = heldRows(columns);
  const group = (): Uint8Array => {
    const { bytes, told } = parquetGroup(columns, held);
    held.letGo();
    held = heldRows(columns);
    groups.push({ length: bytes.length, told });
    return bytes;
  };
  yield parquetHead();
  for await (const row of rows()) {
    held.add(cellsOf(columns, row));
    if (held.length === rowGroup) yield group();
  }
  if (held.length > 0) yield group();
  yield parquetFoot(columns, groups);
}

/** What every file begins with. */
export function parquetHead(): Uint8Array {
  const { writer } = fileOf([]);
  return writer.getBytes();
}

/** A group of rows; every one but the last of a table has `rowGroup` of them. */
export function parquetGroup<Row>(columns: readonly Column<Row>[], rows: HeldRows): ParquetGroup {
  const { writer, file } = fileOf(columns);
  const head = writer.offset;
  // The writer answers a promise only where what it writes to has to be waited for.
  void file.write({
    rowGroupSize: rows.length,
    columnData: columns.map(({ name }, at) => ({
      name,
      // Asked for as the column is written: those of all columns at once would outlive several collections of garbage.
      get data() {
        return rows.valuesOf(at);
      },
      encoding: "PLAIN",
      offsetIndex: false,
    })),
  });
  const [told] = file.row_groups;
  if (told === undefined) throw new Failure("internal", "A group of a table has no rows.");
  return { bytes: writer.getBytes().subarray(head), told: moved(told, -head) };
}

/** What a file ends in that has these groups, in this order, and nothing else. */
export function parquetFoot<Row>(
  columns: readonly Column<Row>[],
  groups: readonly { readonly length: number; readonly told: Told }[],
): Uint8Array {
  const { writer, file } = fileOf(columns);
  const head = writer.offset;
  let at = head;
  for (const { length, told } of groups) {
    file.row_groups.push(moved(told, at));
    file.num_rows += told.num_rows;
    at += length;
  }
  // Where it is in the file stands in nothing that it writes.
  void file.finish();
  return writer.getBytes().subarray(head);
}

function fileOf<Row>(columns: readonly Column<Row>[]): { readonly writer: ByteWriter; readonly file: ParquetWriter } {
  const writer = new ByteWriter(rowGroup * 64);
  const file = new ParquetWriter({
    writer,
    codec: "UNCOMPRESSED",
    statistics: false,
    schema: [{ name: "root", num_children: columns.length }, ...columns.map(schemaOf)],
    createdBy: "countersign",
  });
  return { writer, file };
}

/** The same group so many bytes further on. */
function moved(told: Told, bytes: number): Told {
  const by = BigInt(bytes);
  const columns = told.columns.map(({ meta_data: data, ...column }) => ({
    ...column,
    file_offset: column.file_offset + by,
    ...(data === undefined ? {} : { meta_data: { ...data, data_page_offset: data.data_page_offset + by } }),
  }));
  return { ...told, columns };
}

function schemaOf<Row>({ name, kind }: Column<Row>) {
  switch (kind) {
    case "text":
      return { name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" } as const;
    case "number":
      return { name, type: "INT64", repetition_type: "OPTIONAL" } as const;
    case "instant":
      return { name, type: "INT64", converted_type: "TIMESTAMP_MILLIS", repetition_type: "OPTIONAL" } as const;
    default:
      return kind satisfies never;
  }
}
