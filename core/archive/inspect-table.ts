import { fromUtf8, utf8 } from "../encoding/bytes.ts";
import { hashLength } from "../ledger/merkle.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { comparison } from "./compare-view.ts";
import { csvHead, csvLine } from "./csv-table.ts";
import type { PackFinding } from "./pack-findings.ts";
import { csvPath, parquetPath, recordPath } from "./pack-layout.ts";
import type { PackSource } from "./pack-source.ts";
import { promotionsForm, recordsForm, signOffsForm, type TableForm } from "./pack-tables.ts";
import { parquetRows } from "./parquet-table.ts";
import type { PromotionRecord } from "./promotion-file.ts";
import type { IndexedRecord } from "./records-table.ts";
import { type Cells, cellsOf } from "./table.ts";

/** A table that is derived from records, all of which were looked at before. */
export type TableJob =
  | {
      readonly table: "records";
      readonly indices: readonly number[];
      readonly malformed: readonly number[];
      /** Their leaf hashes, 32 bytes each. */
      readonly leaves: Uint8Array;
    }
  /** Promotions by the indices of their records; with a row where they were inspected. */
  | {
      readonly table: "promotions";
      readonly promotions: readonly TabledPromotion[];
      readonly malformed: readonly number[];
    }
  | { readonly table: "sign-offs"; readonly indices: readonly number[]; readonly malformed: readonly number[] };

export type TabledPromotion = readonly [PromotionId, indices: readonly number[], row: Cells | undefined];

/** Holds both forms of a table against the records. */
export async function inspectTable(job: TableJob, source: PackSource): Promise<readonly PackFinding[]> {
  const malformed = new Set(job.malformed);
  const entry = async (index: number): Promise<IndexedRecord> => {
    const bytes = (await source.read(recordPath(index))) ?? new Uint8Array();
    // That it is canonical, and a record, was found before: it is not looked at as closely again.
    const record =
      malformed.has(index) || bytes.length === 0 ? undefined : (JSON.parse(fromUtf8(bytes)) as LedgerRecord);
    return { index, bytes, record };
  };
  switch (job.table) {
    case "records":
      return await compareTable(
        recordsForm,
        source,
        rows(job.indices, async (index, at) => {
          const leaf = job.leaves.subarray(at * hashLength, (at + 1) * hashLength);
          return cellsOf(recordsForm.columns, { ...(await entry(index)), leaf });
        }),
      );
    case "promotions":
      return await compareTable(
        promotionsForm,
        source,
        rows(job.promotions, async ([promotion, indices, row]) => {
          if (row !== undefined) return row;
          const records: PromotionRecord[] = [];
          for (const index of indices) {
            const { record } = await entry(index);
            if (record !== undefined) records.push({ index, record });
          }
          return cellsOf(promotionsForm.columns, { promotion, records });
        }),
      );
    case "sign-offs":
      return await compareTable(
        signOffsForm,
        source,
        rows(job.indices, async (index) => {
          const { record } = await entry(index);
          return record === undefined ? undefined : cellsOf(signOffsForm.columns, { index, record });
        }),
      );
    default:
      return job satisfies never;
  }
}

async function* rows<Item>(
  items: readonly Item[],
  row: (item: Item, at: number) => Promise<Cells | undefined>,
): AsyncGenerator<Cells> {
  for (const [at, item] of items.entries()) {
    const cells = await row(item, at);
    if (cells !== undefined) yield cells;
  }
}

async function compareTable<Row>(
  { name, columns }: TableForm<Row>,
  source: PackSource,
  cells: AsyncIterable<Cells>,
): Promise<readonly PackFinding[]> {
  const findings: PackFinding[] = [];
  const to = (path: string) =>
    comparison(source, path, (code, at, sentence) => void findings.push({ code, path: at, sentence }));
  const [csv, parquet] = [to(csvPath(name)), to(parquetPath(name))];
  const groups = parquetRows(columns);
  await csv.take(csvHead(columns));
  let lines = "";
  for await (const row of cells) {
    lines += csvLine(row);
    if (lines.length > linesAtOnce) {
      await csv.take(utf8(lines));
      lines = "";
    }
    const group = await groups.add(row);
    if (group !== undefined) await parquet.take(group);
  }
  await csv.take(utf8(lines));
  await csv.end();
  await parquet.take(await groups.end());
  await parquet.end();
  return findings;
}

const linesAtOnce = 64 * 1024;
