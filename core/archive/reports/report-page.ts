import type { Person } from "../../approval/people.ts";
import type { Json } from "../../encoding/canonical-json.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { SignedStatement } from "./report-decisions.ts";

export interface PlacedRecord {
  readonly index: number;
  readonly record: LedgerRecord;
}

export type Records = readonly PlacedRecord[];

export type Rows = readonly (readonly string[])[];

/** What a report is made of. */
export interface ReportPage {
  readonly promotion: PromotionId;
  readonly records: Records;
  readonly signed: readonly SignedStatement[];
  /** Names as the ID tokens of records have them, by ledger entries; none where a token is not at hand. */
  readonly names: ReadonlyMap<number, string>;
  /** The frozen manifest, and the model by it, else by the request. */
  readonly manifest: Json;
  readonly model: Json;
  /** Roles of the requirements that it was judged by last. */
  readonly roles: Json;
  /** Who is whom by the people.yaml that it was judged by last. */
  readonly people: readonly Person[];
}

/** What a version of the report says otherwise than another; all else is the same in each. */
export interface Edition {
  /** What came of it, as HTML. */
  readonly headline: string;
  readonly overview: Rows;
  readonly decisions: Rows;
  /** Tables behind those who decided, as HTML. */
  readonly besides: readonly string[];
  /** What a record is called among all. */
  readonly nameOf: (record: PlacedRecord) => string;
  /** The last words, as HTML. */
  readonly closing: string;
}
