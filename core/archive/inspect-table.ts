import { fromUtf8 } from "../encoding/bytes.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { compareStream } from "./compare-view.ts";
import type { PackFinding } from "./pack-findings.ts";
import { recordPath } from "./pack-layout.ts";
import type { PackSource } from "./pack-source.ts";
import { tableFiles } from "./pack-tables.ts";
import type { IndexedRecord } from "./records-table.ts";

/** Holds one table against the records, all of which were looked at before. */
export async function inspectTable(
  job: {
    readonly path: string;
    readonly indices: readonly number[];
    readonly byPromotion: readonly (readonly [PromotionId, readonly number[]])[];
    readonly malformed: readonly number[];
  },
  source: PackSource,
): Promise<readonly PackFinding[]> {
  const findings: PackFinding[] = [];
  const malformed = new Set(job.malformed);
  const entry = async (index: number): Promise<IndexedRecord> => {
    const bytes = (await source.read(recordPath(index))) ?? new Uint8Array();
    // That it is canonical, and a record, was found before; read for each table, it is not looked at as closely again.
    const record =
      malformed.has(index) || bytes.length === 0 ? undefined : (JSON.parse(fromUtf8(bytes)) as LedgerRecord);
    return { index, bytes, record };
  };
  const { indices, byPromotion } = job;
  for (const { name, content } of tableFiles({ indices, byPromotion: new Map(byPromotion), entry })) {
    if (name !== job.path) continue;
    await compareStream(source, name, content, (code, path, sentence) => void findings.push({ code, path, sentence }));
  }
  return findings;
}

/** The tables of a pack. */
export function tablePaths(): readonly string[] {
  const none = { indices: [], byPromotion: new Map(), entry: async (index: number) => noEntry(index) };
  return [...tableFiles(none)].map(({ name }) => name);
}

function noEntry(index: number): IndexedRecord {
  return { index, bytes: new Uint8Array(), record: undefined };
}
