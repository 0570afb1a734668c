import { msOfInstant } from "../encoding/instant.ts";
import { hashLength, leafHash } from "../ledger/merkle.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import { hasOwnId } from "./documents/record-ids.ts";
import { type InspectedLog, inspectLog, type LogTrust } from "./inspect-log.ts";
import {
  type InspectedPromotion,
  inspectPromotion,
  inspectSettled,
  type PromotionContext,
  type SettledPromotion,
} from "./inspect-promotion.ts";
import {
  inspectPieces,
  inspectTable,
  type PiecedFile,
  startGroup,
  type TableGroup,
  type TableJob,
} from "./inspect-table.ts";
import { noteKeysBefore } from "./keys-before.ts";
import { type FileStates, hashRest } from "./pack/file-states.ts";
import { leavesOpen, lifetimeOf, wasTooYoung } from "./pack/left-open.ts";
import { indexedRecord } from "./pack/log-entries.ts";
import { recordsAt } from "./pack/pack-documents.ts";
import type { PackFinding } from "./pack/pack-findings.ts";
import { isTable, recordPath } from "./pack/pack-layout.ts";
import { isOfDelegation, isOfPasskey } from "./pack/pack-scope.ts";
import { recordsForm } from "./pack/pack-tables.ts";
import type { PromotionRecord } from "./pack/promotion-file.ts";
import type { StartSha256 } from "./pack/sums.ts";
import type { SignInKey } from "./people/sign-in-keys.ts";
import { promotionsAsTheyEnd } from "./promotions-as-they-end.ts";
import { cellsOf } from "./tables/table.ts";
import { noteSums } from "./verify-container.ts";
import type { VerifiedBefore } from "./verify-continuation.ts";
import type { ContainerProblem, PackSource } from "./zip/pack-source.ts";

// The work on a pack that can be done in any order, in parts that know nothing of each other: by one thread after the
// other, or by several at once. What comes of it does not depend on how many there are.

export type PackJob =
  /** Records of the pack by their indices, ascending; and the promotions of which every one is among them. */
  | { readonly kind: "records"; readonly indices: readonly number[] }
  /** Whole promotions by the indices of their records. */
  | { readonly kind: "promotions"; readonly promotions: readonly (readonly [PromotionId, readonly number[]])[] }
  /** Rows of a table that are derived from records, once all of them were looked at. */
  | ({ readonly kind: "table" } & TableJob)
  /** Files against all that they must consist of. */
  | { readonly kind: "pieces"; readonly files: readonly PiecedFile[] }
  /** What `SHA256SUMS` says of each file. */
  | { readonly kind: "sums" }
  /** The log, where the pack holds all of it. */
  | { readonly kind: "log" }
  /** The bytes of files that nobody has asked for yet, but for tables, which whoever compares them hashes. */
  | { readonly kind: "rest"; readonly from: number; readonly to: number };

export interface PackJobResult {
  /** Of each record in the job's order, its leaf hash: 32 bytes, of a record that is missing zeroes. */
  readonly leaves: Uint8Array;
  /** What time each says, in milliseconds; of one that is malformed or missing NaN. */
  readonly times: Float64Array;
  readonly malformed: readonly number[];
  /** Records by promotion, and those of the installation by their ids. */
  readonly byPromotion: readonly (readonly [PromotionId, readonly number[]])[];
  readonly installation: readonly (readonly [index: number, id: string])[];
  /** Records that tell what the installation is. */
  readonly installationRecords: readonly number[];
  /** Records about the service's keys. */
  readonly keyRecords: readonly number[];
  readonly passkeyRecords: readonly number[];
  readonly delegationRecords: readonly number[];
  /** Records that put policies in force. */
  readonly policyRecords: readonly number[];
  /** The beginnings of deployments. */
  readonly deployments: readonly number[];
  readonly signOffs: readonly number[];
  /** Rows of a table; of records, in their job's order. */
  readonly table?: TableGroup;
  /** What is wrong with files of tables, or with the sums. */
  readonly findings: readonly PackFinding[];
  readonly promotions: readonly InspectedPromotion[];
  /** Those that were verified before. */
  readonly settled: readonly SettledPromotion[];
  /** By which of the identity provider's keys their sign-ins were signed. */
  readonly signInKeys: readonly SignInKey[];
  readonly log?: InspectedLog;
  /** What was noticed about the container so far. */
  readonly problems: readonly ContainerProblem[];
}

/** Does parts of the work; may be far away. */
export type Inspect = (job: PackJob) => Promise<PackJobResult>;

export interface InspectionContext {
  /** The files as they are: hashing one that belongs to nothing must not make it wanted. */
  readonly pack: PackSource;
  /** The same files, checked and marked as wanted by whoever reads them. */
  readonly source: PackSource;
  readonly states: FileStates;
  readonly startSha256: StartSha256;
  /** Whose checkpoints count. */
  readonly log: LogTrust;
  /** Absent where only the log is looked at. */
  readonly promotions?: PromotionContext;
  /** Promotions of which nothing was recorded since were verified before; those that leave something to be told, or left it then, are looked at all the same. */
  readonly since?: VerifiedBefore;
}

/** What a job itself comes to; the rest is told of whatever was done by then. */
type Done = Omit<PackJobResult, "problems" | "signInKeys">;

const nothing: Done = {
  leaves: new Uint8Array(),
  times: new Float64Array(),
  malformed: [],
  byPromotion: [],
  installation: [],
  installationRecords: [],
  keyRecords: [],
  passkeyRecords: [],
  delegationRecords: [],
  policyRecords: [],
  deployments: [],
  signOffs: [],
  findings: [],
  promotions: [],
  settled: [],
};

/** Does one part of the work. */
export async function inspect(job: PackJob, context: InspectionContext): Promise<PackJobResult> {
  const { pack, source, states, startSha256 } = context;
  const done = async (): Promise<Done> => {
    switch (job.kind) {
      case "records":
        return await inspectRecords(job.indices, context);
      case "promotions": {
        const all: Inspected[] = [];
        for (const [promotion, indices] of job.promotions) {
          all.push(await inspected(promotion, await recordsAt(indices, source), context));
        }
        return { ...nothing, ...together(all) };
      }
      case "table":
        return { ...nothing, table: await inspectTable(job, source) };
      case "pieces": {
        const findings: PackFinding[] = [];
        for (const file of job.files) findings.push(...(await inspectPieces(file, source, startSha256)));
        return { ...nothing, findings };
      }
      case "sums":
        return { ...nothing, findings: await noteSums(pack, states) };
      case "log":
        return { ...nothing, log: await inspectLog(source, context.log) };
      case "rest":
        await hashRest(pack, states, startSha256, { ...job, except: isTable });
        return nothing;
      default:
        return job satisfies never;
    }
  };
  const signInKeys = () => context.promotions?.trust.signInKeys?.take() ?? [];
  return { ...(await done()), signInKeys: signInKeys(), problems: source.problems() };
}

async function inspectRecords(indices: readonly number[], context: InspectionContext): Promise<Done> {
  const { source } = context;
  const leaves = new Uint8Array(indices.length * hashLength);
  const times = new Float64Array(indices.length);
  const rows = context.promotions === undefined ? undefined : startGroup(recordsForm);
  const malformed: number[] = [];
  const installation: (readonly [number, string])[] = [];
  const installationRecords: number[] = [];
  const keyRecords: number[] = [];
  const passkeyRecords: number[] = [];
  const delegationRecords: number[] = [];
  const policyRecords: number[] = [];
  const deployments: number[] = [];
  const signOffs: number[] = [];
  const promotions = promotionsAsTheyEnd({
    inspect: (promotion, records) => inspected(promotion, records, context),
    recordsAt: (own) => recordsAt(own, source),
  });
  for (const [at, index] of indices.entries()) {
    const bytes = (await source.read(recordPath(index))) ?? new Uint8Array();
    const leaf = leafHash(bytes);
    leaves.set(leaf, at * hashLength);
    const { record } = indexedRecord(index, bytes);
    times[at] = record === undefined ? Number.NaN : msOfInstant(record.at);
    rows?.add(cellsOf(recordsForm.columns, { index, bytes, record, leaf }));
    if (record?.type === "sign-off") signOffs.push(index);
    // Under an id of another type it is none of those that people signed for, or a deployment brought.
    if (record?.type === "policy-activated" && hasOwnId(record)) policyRecords.push(index);
    if (record?.type === "deployment-started") deployments.push(index);
    if (record === undefined) malformed.push(index);
    else if (record.promotion === undefined) {
      installation.push([index, record.id]);
      if (record.type === "installation") installationRecords.push(index);
      if (record.type === "key") keyRecords.push(index);
      if (isOfPasskey(record)) passkeyRecords.push(index);
      if (isOfDelegation(record)) delegationRecords.push(index);
    } else await promotions.add(record.promotion, { index, record });
  }
  const table = rows === undefined ? {} : { table: rows.end() };
  const whole = await promotions.rest();
  return {
    leaves,
    times,
    malformed,
    installation,
    installationRecords,
    keyRecords,
    passkeyRecords,
    delegationRecords,
    policyRecords,
    deployments,
    signOffs,
    byPromotion: [...promotions.indices],
    ...table,
    findings: [],
    ...together(whole),
  };
}

/** What became of a promotion: one of both, or none where only the log is looked at. */
type Inspected = Partial<Pick<PackJobResult, "promotions" | "settled">>;

function together(all: readonly Inspected[]): Required<Inspected> {
  return {
    promotions: all.flatMap(({ promotions = [] }) => promotions),
    settled: all.flatMap(({ settled = [] }) => settled),
  };
}

async function inspected(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  { promotions, since }: InspectionContext,
): Promise<Inspected> {
  if (promotions === undefined) return {};
  if (since === undefined || !wasSettled(promotion, records, since))
    return { promotions: [await inspectPromotion(promotion, records, promotions)] };
  await noteKeysBefore(records, promotions);
  return { settled: [await inspectSettled(promotion, records, promotions)] };
}

/** Whether all of a promotion was verified before, and nothing of it becomes wrong by time alone. */
function wasSettled(
  promotion: PromotionId,
  records: readonly PromotionRecord[],
  { size, goesTo }: VerifiedBefore,
): boolean {
  if ((records.at(-1)?.index ?? 0) >= size || leavesOpen(records)) return false;
  const lifetime = lifetimeOf(records);
  return lifetime === undefined || (goesTo !== undefined && !wasTooYoung(promotion, lifetime, goesTo));
}
