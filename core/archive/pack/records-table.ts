import { hex } from "../../encoding/bytes.ts";
import { leafHash } from "../../ledger/merkle.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { Column } from "../tables/table.ts";

/** A record as it lies in the log. */
export interface IndexedRecord {
  readonly index: number;
  readonly bytes: Uint8Array;
  /** `undefined` where the entry is no record that this version can read. */
  readonly record: LedgerRecord | undefined;
  /** Its leaf hash, where it was computed already. */
  readonly leaf?: Uint8Array;
}

/** A row for each record. */
export const recordColumns: readonly Column<IndexedRecord>[] = [
  { name: "index", kind: "number", of: ({ index }) => index },
  { name: "at", kind: "instant", of: ({ record }) => record?.at },
  { name: "type", kind: "text", of: ({ record }) => record?.type ?? "unreadable" },
  { name: "promotion", kind: "text", of: ({ record }) => record?.promotion },
  { name: "id", kind: "text", of: ({ record }) => record?.id },
  { name: "summary", kind: "text", of: ({ record }) => record?.summary },
  {
    name: "documents",
    kind: "text",
    of: ({ record }) => record?.attachments.map(({ name, sha256 }) => `${name}=${sha256}`).join(" "),
  },
  { name: "leafHash", kind: "text", of: ({ bytes, leaf }) => hex(leaf ?? leafHash(bytes)) },
];
