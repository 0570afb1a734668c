import { ByteWriter } from "hyparquet-writer/src/bytewriter.js";
import { ParquetWriter } from "hyparquet-writer/src/parquet-writer.js";
import { isInstant, msOfInstant } from "../encoding/instant.ts";
import { type Cells, type Column, cellsOf, type Table } from "./table.ts";

/** So many rows are in memory at a time, and stand together in the file. */
const rowGroup = 4096;

/**
 * A table for Athena and everything else that reads Apache Parquet (https://parquet.apache.org/docs/file-format/):
 * flat, plain and uncompressed, so that the same rows give the same bytes, which verification makes again. An instant
 * is a timestamp in milliseconds, UTC. Holds one group of rows, and of those before it where they are.
 */
export async function* parquetTable<Row>({ columns, rows }: Table<Row>): AsyncGenerator<Uint8Array> {
  const form = parquetRows(columns);
  for await (const row of rows()) {
    const group = await form.add(cellsOf(columns, row));
    if (group !== undefined) yield group;
  }
  yield await form.end();
}

/** The same, for rows as they come. */
export function parquetRows<Row>(columns: readonly Column<Row>[]): {
  /** Answers the bytes of a group of rows with its last one. */
  add(cells: Cells): Promise<Uint8Array | undefined>;
  end(): Promise<Uint8Array>;
} {
  const writer = new ByteWriter(rowGroup * 64);
  const file = new ParquetWriter({
    writer,
    codec: "UNCOMPRESSED",
    statistics: false,
    schema: [{ name: "root", num_children: columns.length }, ...columns.map(schemaOf)],
    createdBy: "countersign",
  });
  let group: Cells[] = [];
  return {
    add: async (cells) => {
      group.push(cells);
      if (group.length < rowGroup) return undefined;
      await write();
      return taken();
    },
    end: async () => {
      if (group.length > 0) await write();
      await file.finish();
      return taken();
    },
  };

  async function write(): Promise<void> {
    const held = group;
    group = [];
    await file.write({
      rowGroupSize: held.length,
      columnData: columns.map(({ name, kind }, at) => ({
        name,
        data: held.map((cells) => plainValue(kind, cells[at])),
        encoding: "PLAIN",
        offsetIndex: false,
      })),
    });
  }

  /** What was written since the last time; the writer goes on counting where it is in the file. */
  function taken(): Uint8Array {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  }
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

function plainValue(kind: Column<never>["kind"], value: Cells[number]): string | bigint | null {
  if (value === undefined) return null;
  switch (kind) {
    case "text":
      return String(value);
    case "number":
      return BigInt(value);
    case "instant":
      return isInstant(value) ? BigInt(msOfInstant(value)) : null;
    default:
      return kind satisfies never;
  }
}
