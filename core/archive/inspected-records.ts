import { hashLength } from "../ledger/merkle.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { firstFrom } from "./documents/first-from.ts";
import type { InspectedLog } from "./inspect-log.ts";
import type { Inspect, PackJobResult } from "./inspect-pack.ts";
import type { InspectedPromotion, SettledPromotion } from "./inspect-promotion.ts";
import {
  inGroups,
  type TabledPromotion,
  type TabledSignOff,
  type TableGroup,
  type TableJob,
  tableFilesOf,
} from "./inspect-table.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { promotionsForm, recordsForm, signOffsForm, type TableForm } from "./pack/pack-tables.ts";
import type { SignInKey } from "./people/sign-in-keys.ts";
import { rowGroup } from "./tables/parquet-table.ts";
import type { ContainerProblem } from "./zip/pack-source.ts";

/** All records of a pack, as the parts of the work told of them. */
export interface InspectedRecords {
  /** Ascending. */
  readonly indices: readonly number[];
  /** Their leaf hashes in this order, 32 bytes each. */
  readonly leaves: Uint8Array;
  /** What time each says, in milliseconds; of one that is malformed or missing NaN. */
  readonly times: Float64Array;
  readonly byPromotion: ReadonlyMap<PromotionId, readonly number[]>;
  /** Records about the installation itself. */
  readonly installation: readonly number[];
  /** Those of them about the service's keys. */
  readonly installationRecords: readonly number[];
  readonly keyRecords: readonly number[];
  readonly passkeyRecords: readonly number[];
  readonly delegationRecords: readonly number[];
  /** Records that put policies in force, of promotions too. */
  readonly policyRecords: readonly number[];
  /** The beginnings of deployments. */
  readonly deployments: readonly number[];
  readonly malformed: readonly number[];
  /** Records of the installation whose id was there before. */
  readonly repeated: readonly (readonly [index: number, id: string])[];
  /** Where the pack holds the whole log. */
  readonly log: InspectedLog | undefined;
  /** What is wrong with `SHA256SUMS`. */
  readonly sums: readonly PackFinding[];
  /** What is wrong with the tables. */
  readonly tables: readonly PackFinding[];
  readonly promotions: readonly InspectedPromotion[];
  /** Those that were verified before. */
  readonly settled: readonly SettledPromotion[];
  readonly signInKeys: readonly SignInKey[];
  readonly problems: readonly ContainerProblem[];
  readonly promotionOf: (index: number) => PromotionId | undefined;
}

// As many as stand together in a table. Enough for a few hundred promotions, so that most are in one part as a whole;
// few enough for parts to be many.
const recordsAtOnce = rowGroup;
const promotionsAtOnce = 200;

// Mostly, all of them have been hashed already.
const rowsAtOnce = 65_536;

/** What of a pack is inspected: `files` of them, its records, and whether log and tables too. */
export interface Inspected {
  readonly files: number;
  readonly indices: readonly number[];
  readonly log: boolean;
  readonly tables: boolean;
}

/** Has all records of a pack inspected, every promotion as a whole, and whatever can be looked at beside them. */
export async function inspectAll(
  { files, indices, log, tables }: Inspected,
  inspect: Inspect,
): Promise<InspectedRecords> {
  // The longest of the parts, and nothing waits for them: begun first, they are done beside the others.
  const logged = Promise.all(log ? [inspect({ kind: "log" })] : []);
  const summed = inspect({ kind: "sums" });
  // Whoever throws first says what went wrong.
  logged.catch(() => undefined);
  summed.catch(() => undefined);
  const parts = slices(indices, recordsAtOnce);
  const results = await Promise.all(parts.map((part) => inspect({ kind: "records", indices: part })));
  const byPromotion = new Map<PromotionId, number[]>();
  const split = new Set<PromotionId>();
  for (const [promotion, own] of results.flatMap((result) => result.byPromotion)) {
    const known = byPromotion.get(promotion);
    if (known === undefined) byPromotion.set(promotion, [...own]);
    else {
      known.push(...own);
      split.add(promotion);
    }
  }
  // A promotion whose records lie in several parts was inspected without some of them: once more, as a whole.
  const again = [...byPromotion].filter(([promotion]) => split.has(promotion));
  const wholes = await Promise.all(
    slices(again, promotionsAtOnce).map((promotions) => inspect({ kind: "promotions", promotions })),
  );
  const inParts = results.flatMap((result) => result.promotions).filter((each) => !split.has(each.verdict.promotion));
  const promotions = new Map(
    [...inParts, ...wholes.flatMap((result) => result.promotions)].map((each) => [each.verdict.promotion, each]),
  );
  const settledInParts = results.flatMap((result) => result.settled).filter((each) => !split.has(each.promotion));
  const leaves = new Uint8Array(indices.length * hashLength);
  const times = new Float64Array(indices.length);
  for (const [at, result] of results.entries()) {
    leaves.set(result.leaves, at * recordsAtOnce * hashLength);
    times.set(result.times, at * recordsAtOnce);
  }
  const starts = Array.from({ length: Math.ceil(files / rowsAtOnce) }, (_, part) => part * rowsAtOnce);
  const rest = starts.map((from) => ({ from, to: Math.min(files, from + rowsAtOnce) }));
  const tabled = [...byPromotion].map(([id, own]): TabledPromotion => [id, own, promotions.get(id)?.row]);
  const signedFor = new Map([...promotions.values()].flatMap((each) => each.signedFor));
  const ownerOf = ownersOf(indices, byPromotion);
  const signOffs = results
    .flatMap((result) => result.signOffs)
    .map((index): TabledSignOff => {
      const owner = ownerOf(index);
      return [index, signedFor.get(index) ?? (owner === undefined ? [] : (byPromotion.get(owner) ?? []))];
    });
  const last = (
    await Promise.all([
      tables ? inspectTables(results, { promotions: tabled, signOffs }, inspect) : [],
      Promise.all(rest.map((rows) => inspect({ kind: "rest", ...rows }))),
      logged,
    ])
  ).flat();
  const installation = results.flatMap((result) => result.installation);
  return {
    indices,
    leaves,
    times,
    byPromotion,
    installation: installation.map(([index]) => index),
    installationRecords: results.flatMap((result) => result.installationRecords),
    keyRecords: results.flatMap((result) => result.keyRecords),
    passkeyRecords: results.flatMap((result) => result.passkeyRecords),
    delegationRecords: results.flatMap((result) => result.delegationRecords),
    policyRecords: results.flatMap((result) => result.policyRecords),
    deployments: results.flatMap((result) => result.deployments),
    malformed: results.flatMap((result) => result.malformed),
    repeated: repeatedOf(installation),
    log: last.find((result) => result.log !== undefined)?.log,
    sums: (await summed).findings,
    tables: last.flatMap((result) => result.findings),
    // In the order of the log, whoever was ready first.
    promotions: [...byPromotion.keys()].flatMap((promotion) => promotions.get(promotion) ?? []),
    settled: [...settledInParts, ...wholes.flatMap((result) => result.settled)],
    signInKeys: [...results, ...wholes].flatMap((result) => result.signInKeys),
    problems: [...results, ...wholes, ...last].flatMap((result) => result.problems),
    promotionOf: ownerOf,
  };
}

/** Whose record each is. Made once somebody asks, and then of all: whoever asks may do so of every record there is. */
function ownersOf(
  indices: readonly number[],
  byPromotion: InspectedRecords["byPromotion"],
): InspectedRecords["promotionOf"] {
  let owners: Uint32Array | undefined;
  const promotions = [...byPromotion.keys()];
  return (index) => {
    owners ??= owned();
    const place = firstFrom(indices, index);
    // From 1: what belongs to none is left at 0.
    return indices[place] === index ? promotions[(owners[place] ?? 0) - 1] : undefined;
  };

  function owned(): Uint32Array {
    const found = new Uint32Array(indices.length);
    for (const [number, own] of [...byPromotion.values()].entries())
      for (const index of own) found[firstFrom(indices, index)] = number + 1;
    return found;
  }
}

/** Holds all tables against the records: rows of records were written again as those were inspected. */
async function inspectTables(
  records: readonly PackJobResult[],
  rows: { readonly promotions: readonly TabledPromotion[]; readonly signOffs: readonly TabledSignOff[] },
  inspect: Inspect,
): Promise<readonly PackJobResult[]> {
  const compared = async <Row>(form: TableForm<Row>, written: readonly PackJobResult[]) => {
    const groups = written.flatMap(({ table }): readonly TableGroup[] => (table === undefined ? [] : [table]));
    // One file at a time: that of all records is longer than all else that is left.
    const files = tableFilesOf(form, groups).map((file) => inspect({ kind: "pieces", files: [file] }));
    return await Promise.all(files);
  };
  const again = async <Row>(form: TableForm<Row>, jobs: readonly TableJob[]) => {
    const written = await Promise.all(jobs.map((job) => inspect({ kind: "table", ...job })));
    return [...written, ...(await compared(form, written))];
  };
  const all = await Promise.all([
    again(
      signOffsForm,
      inGroups(rows.signOffs).map((signOffs) => ({ table: "sign-offs", signOffs })),
    ),
    again(
      promotionsForm,
      inGroups(rows.promotions).map((promotions) => ({ table: "promotions", promotions })),
    ),
    compared(recordsForm, records),
  ]);
  return all.flat();
}

function repeatedOf(installation: PackJobResult["installation"]): InspectedRecords["repeated"] {
  const seen = new Set<string>();
  return installation.filter(([, id]) => {
    if (seen.has(id)) return true;
    seen.add(id);
    return false;
  });
}

function slices<Item>(items: readonly Item[], length: number): readonly (readonly Item[])[] {
  const parts: (readonly Item[])[] = [];
  for (let at = 0; at < items.length; at += length) parts.push(items.slice(at, at + length));
  return parts;
}
