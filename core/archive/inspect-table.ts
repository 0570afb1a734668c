import { fromUtf8 } from "../encoding/bytes.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { csvPath, parquetPath, recordPath } from "./pack/pack-layout.ts";
import { promotionsForm, signOffsForm, type TableForm } from "./pack/pack-tables.ts";
import type { PromotionRecord } from "./pack/promotion-file.ts";
import { type SignedFor, signedForAsTold, signedForNothing } from "./pack/sign-off-row.ts";
import type { StartSha256 } from "./pack/sums.ts";
import { csvHead, csvLine } from "./tables/csv-table.ts";
import { growingText, heldRows } from "./tables/held-rows.ts";
import { type ParquetGroup, parquetFoot, parquetGroup, parquetHead, rowGroup } from "./tables/parquet-table.ts";
import { type Cells, cellsOf } from "./tables/table.ts";
import type { PackSource } from "./zip/pack-source.ts";

// A table has as many rows as there are records, and where in its files a row stands is known only once all before it
// are. So rows are written again in groups, whenever they come, and of each group only the length and the digest are
// kept; once all are there, the files are read once and held against them piece by piece.

/** Rows of a table that are derived from records, all of which were looked at before; `rowGroup` of them at most. */
export type TableJob =
  /** Promotions by the indices of their records; with a row where they were inspected. */
  | { readonly table: "promotions"; readonly promotions: readonly TabledPromotion[] }
  /** Sign-offs by their places, with what each is about, or the promotion's records where that was not inspected. */
  | { readonly table: "sign-offs"; readonly signOffs: readonly TabledSignOff[] };

export type TabledPromotion = readonly [PromotionId, indices: readonly number[], row: Cells | undefined];

export type TabledSignOff = readonly [index: number, of: SignedFor | readonly number[]];

/** A run of bytes that a file must have next. */
interface Piece {
  readonly length: number;
  readonly sha256: Sha256;
}

/** What a group of rows comes to in both forms of its table. */
export interface TableGroup {
  readonly csv: Piece;
  readonly parquet: Piece;
  readonly told: ParquetGroup["told"];
}

/** A file and all that it must consist of. */
export interface PiecedFile {
  readonly path: string;
  readonly pieces: readonly Piece[];
}

/** Writes a group of rows again from its records. */
export async function inspectTable(job: TableJob, source: PackSource): Promise<TableGroup> {
  switch (job.table) {
    case "promotions": {
      const group = startGroup(promotionsForm);
      for (const [promotion, indices, row] of job.promotions) {
        if (row !== undefined) {
          group.add(row);
          continue;
        }
        const records: PromotionRecord[] = [];
        for (const index of indices) records.push(await recordOf(index, source));
        group.add(cellsOf(promotionsForm.columns, { promotion, records }));
      }
      return group.end();
    }
    case "sign-offs": {
      const group = startGroup(signOffsForm);
      for (const [index, of] of job.signOffs) {
        const signedFor = isIndices(of) ? await signedForAt(index, of, source) : of;
        group.add(cellsOf(signOffsForm.columns, { ...(await recordOf(index, source)), signedFor }));
      }
      return group.end();
    }
    default:
      return job satisfies never;
  }
}

function isIndices(of: TabledSignOff[1]): of is readonly number[] {
  return Array.isArray(of);
}

/** What a sign-off is about, by its promotion's records. */
async function signedForAt(index: number, indices: readonly number[], source: PackSource): Promise<SignedFor> {
  const signedFor = signedForAsTold();
  for (const own of indices) {
    const found = signedFor((await recordOf(own, source)).record);
    if (own === index && found !== undefined) return found;
  }
  return signedForNothing;
}

/** That it is canonical, and a record, was found before: it is not looked at as closely again. */
async function recordOf(index: number, source: PackSource): Promise<PromotionRecord> {
  const bytes = await source.read(recordPath(index));
  if (bytes === undefined) throw new Failure("pack-invalid", `${recordPath(index)} is gone since it was read.`);
  return { index, record: JSON.parse(fromUtf8(bytes)) as LedgerRecord };
}

/** A group of rows that come one after the other; every group but the last of a table has `rowGroup` of them. */
export interface StartedGroup {
  add(cells: Cells): void;
  /** What all of them come to. */
  end(): TableGroup;
}

export function startGroup<Row>({ columns }: TableForm<Row>): StartedGroup {
  const rows = heldRows(columns);
  const lines = growingText();
  return {
    add(cells) {
      rows.add(cells);
      lines.append(csvLine(cells));
    },
    end() {
      const { bytes, told } = parquetGroup(columns, rows);
      const group = { csv: pieceOf(lines.bytes()), parquet: pieceOf(bytes), told };
      lines.letGo();
      rows.letGo();
      return group;
    },
  };
}

/** Both files of a table that consists of these groups. */
export function tableFilesOf<Row>(
  { name, columns }: TableForm<Row>,
  groups: readonly TableGroup[],
): readonly PiecedFile[] {
  const foot = parquetFoot(
    columns,
    groups.map(({ parquet, told }) => ({ length: parquet.length, told })),
  );
  return [
    { path: csvPath(name), pieces: [pieceOf(csvHead(columns)), ...groups.map(({ csv }) => csv)] },
    {
      path: parquetPath(name),
      pieces: [pieceOf(parquetHead()), ...groups.map(({ parquet }) => parquet), pieceOf(foot)],
    },
  ];
}

/** Cuts a list of what has a row each into what makes a group each. */
export function inGroups<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / rowGroup) }, (_, group) =>
    items.slice(group * rowGroup, (group + 1) * rowGroup),
  );
}

function pieceOf(bytes: Uint8Array): Piece {
  return { length: bytes.length, sha256: sha256Hex(bytes) };
}

/** Holds a file against all that it must consist of. */
export async function inspectPieces(
  { path, pieces }: PiecedFile,
  source: PackSource,
  startSha256: StartSha256,
): Promise<readonly PackFinding[]> {
  if (source.sizeOf(path) === undefined) return [{ code: "file-missing", path, sentence: `${path} is missing.` }];
  const differs: readonly PackFinding[] = [
    { code: "view-differs", path, sentence: `${path} does not say what the records say.` },
  ];
  // Read also where its length tells already that it differs: what nobody reads would be said to belong to nothing.
  let place = 0;
  let hash = startSha256();
  let left = pieces[0]?.length ?? 0;
  for await (const chunk of source.chunks(path)) {
    for (let at = 0; at < chunk.length; ) {
      // It goes on behind all that it should be.
      if (place === pieces.length) return differs;
      const taken = Math.min(left, chunk.length - at);
      hash.update(chunk.subarray(at, at + taken));
      at += taken;
      left -= taken;
      if (left > 0) continue;
      if (hash.digest() !== pieces[place]?.sha256) return differs;
      place += 1;
      hash = startSha256();
      left = pieces[place]?.length ?? 0;
    }
  }
  return place === pieces.length ? [] : differs;
}
