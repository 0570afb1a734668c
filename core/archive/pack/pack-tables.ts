import { isInstant } from "../../encoding/instant.ts";
import type { FactType } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { listIn, objectIn, textIn } from "../documents/json-member.ts";
import { standingOf } from "../documents/outcome.ts";
import { servedOf } from "../documents/served-when.ts";
import { csvTable } from "../tables/csv-table.ts";
import { parquetTable } from "../tables/parquet-table.ts";
import type { Column, Table } from "../tables/table.ts";
import { csvPath, parquetPath } from "./pack-layout.ts";
import type { PromotionRecord } from "./promotion-file.ts";
import { type IndexedRecord, recordColumns } from "./records-table.ts";
import { type SignOffRow, signedForAsTold, signOffColumns } from "./sign-off-row.ts";

/** The records of a pack. */
export interface PackRecords {
  /** Of all records, ascending. */
  readonly indices: readonly number[];
  readonly byPromotion: ReadonlyMap<PromotionId, readonly number[]>;
  readonly entry: (index: number) => Promise<IndexedRecord>;
}

/** A file that is derived from the records alone, as a stream: the same records give the same bytes. */
export interface TableFile {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** A table's name and columns. */
export type TableForm<Row> = Pick<Table<Row>, "name" | "columns">;

/** The tables, each for spreadsheets and for Athena. */
export function* tableFiles({ indices, byPromotion, entry }: PackRecords): Generator<TableFile> {
  yield* filesOf({
    ...recordsForm,
    async *rows() {
      for (const index of indices) yield await entry(index);
    },
  });
  yield* filesOf({
    ...promotionsForm,
    async *rows() {
      for (const [promotion, own] of byPromotion) {
        const records: PromotionRecord[] = [];
        for (const index of own) {
          const { record } = await entry(index);
          if (record !== undefined) records.push({ index, record });
        }
        yield { promotion, records };
      }
    },
  });
  yield* filesOf({
    ...signOffsForm,
    async *rows() {
      const signedForAt = signedForAsTold();
      for (const index of indices) {
        const { record } = await entry(index);
        const signedFor = record === undefined ? undefined : signedForAt(record);
        if (record !== undefined && signedFor !== undefined) yield { index, record, signedFor };
      }
    },
  });
}

function* filesOf<Row>(table: Table<Row>): Generator<TableFile> {
  yield { name: csvPath(table.name), content: csvTable(table) };
  yield { name: parquetPath(table.name), content: parquetTable(table) };
}

/** A row for each record. */
export const recordsForm: TableForm<IndexedRecord> = { name: "records", columns: recordColumns };

export interface PromotionRow {
  readonly promotion: PromotionId;
  readonly records: readonly PromotionRecord[];
}

const request = ({ records }: PromotionRow) => records.find(({ record }) => record.type === "request")?.record;
const asked = (row: PromotionRow) => request(row)?.body ?? null;
const model = (row: PromotionRow) => objectIn(asked(row), "model");
const ofType = ({ records }: PromotionRow, type: string) => records.filter(({ record }) => record.type === type);
const decisions = (row: PromotionRow, result: string) =>
  ofType(row, "sign-off").filter(({ record }) => record.body["result"] === result).length;

/** By which requirements it was judged last; those that it was asked for under, until it is. */
const requirements = (row: PromotionRow) =>
  textIn(ofType(row, "gates").at(-1)?.record.body ?? asked(row), "requirements");

/** What the last record about a loan came to, in a word; empty where nobody asked for one. */
const loanWords: Readonly<Partial<Record<FactType, string>>> = {
  "loan-requested": "Asked for",
  "loan-refused": "Refused",
  loan: "Given",
  "loan-running": "Running",
  "loan-ratified": "Ratified",
  "loan-ended": "Ended",
  "loan-taken-back": "Ended",
};
const loanWord = ({ records }: PromotionRow) =>
  records.flatMap(({ record }) => loanWords[record.type] ?? []).at(-1) ?? "";
const loan = (row: PromotionRow) => ofType(row, "loan").at(-1)?.record.body ?? null;
const lenders = (row: PromotionRow) =>
  listIn(loan(row), "lenders")
    .map((lender) => textIn(objectIn(lender, "person"), "subject"))
    .join(", ");
const loanUntil = (row: PromotionRow) => {
  const until = textIn(loan(row), "until");
  return isInstant(until) ? until : undefined;
};

const promotionColumns: readonly Column<PromotionRow>[] = [
  { name: "promotion", kind: "text", of: ({ promotion }) => promotion },
  { name: "model", kind: "text", of: (row) => textIn(model(row), "name") },
  { name: "version", kind: "text", of: (row) => textIn(model(row), "version") },
  { name: "modelType", kind: "text", of: (row) => textIn(model(row), "type") },
  { name: "target", kind: "text", of: (row) => textIn(asked(row), "target") },
  { name: "submittedAt", kind: "instant", of: (row) => request(row)?.at },
  { name: "outcome", kind: "text", of: ({ records }) => standingOf(records)?.word ?? "Not decided" },
  { name: "outcomeAt", kind: "instant", of: ({ records }) => standingOf(records)?.record.at },
  { name: "why", kind: "text", of: ({ records }) => standingOf(records)?.record.summary },
  { name: "approvals", kind: "number", of: (row) => decisions(row, "approve") },
  { name: "keptApprovals", kind: "number", of: (row) => ofType(row, "sign-off-kept").length },
  { name: "rejections", kind: "number", of: (row) => decisions(row, "reject") },
  { name: "verdict", kind: "text", of: (row) => textIn(ofType(row, "verdict").at(-1)?.record.body ?? null, "result") },
  {
    name: "endpoint",
    kind: "text",
    of: (row) => textIn(ofType(row, "deployment-started").at(-1)?.record.body ?? null, "endpoint"),
  },
  { name: "startedAt", kind: "instant", of: ({ records }) => servedOf(records).startedAt },
  { name: "servedFrom", kind: "instant", of: ({ records }) => servedOf(records).servedFrom },
  { name: "goneAt", kind: "instant", of: ({ records }) => servedOf(records).goneAt },
  { name: "requestedBy", kind: "text", of: (row) => textIn(objectIn(asked(row), "requester"), "subject") },
  { name: "freezeDigest", kind: "text", of: (row) => textIn(asked(row), "freezeDigest") },
  { name: "requirements", kind: "text", of: requirements },
  { name: "loan", kind: "text", of: loanWord },
  { name: "loanUntil", kind: "instant", of: loanUntil },
  { name: "lenders", kind: "text", of: lenders },
  { name: "records", kind: "number", of: ({ records }) => records.length },
  { name: "firstIndex", kind: "number", of: ({ records }) => records[0]?.index },
  { name: "lastIndex", kind: "number", of: ({ records }) => records.at(-1)?.index },
];

/** A row for each promotion. */
export const promotionsForm: TableForm<PromotionRow> = { name: "promotions", columns: promotionColumns };

/** A row for each sign-off. */
export const signOffsForm: TableForm<SignOffRow> = { name: "sign-offs", columns: signOffColumns };
