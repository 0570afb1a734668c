import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { Fact } from "../../promotion/fact.ts";
import type { Identity } from "../../promotion/identity.ts";
import type { PackScope } from "../pack/pack-manifest.ts";

declare const exportIdBrand: unique symbol;

/** A UUID that nobody can guess. */
export type ExportId = string & { readonly [exportIdBrand]: true };

/** Narrows text to the id of an export. */
export function isExportId(text: unknown): text is ExportId {
  return typeof text === "string" && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

/** What is to be packed. */
export interface ExportRequest {
  readonly scope: PackScope;
  /** Leaves out what tells about people and is not needed to identify a signer; what it is, the manifest names. */
  readonly withoutPersonalData: boolean;
}

/** A pack that was written, and how far the ledger went then. */
export interface WrittenPack {
  /** Its name below `exports/` in the exchange bucket. */
  readonly file: string;
  readonly bytes: number;
  readonly sha256: Sha256;
  readonly ledger: { readonly origin: string; readonly entries: number; readonly rootHash: string };
}

type ExportState =
  | { readonly kind: "queued" }
  /** Counted from 1. */
  | { readonly kind: "running"; readonly attempt: number; readonly startedAt: Instant }
  | { readonly kind: "done"; readonly at: Instant; readonly pack: WrittenPack }
  | { readonly kind: "failed"; readonly at: Instant; readonly reason: string };

/** An export on its way: kept in one item, which moves from revision to revision as a promotion does. */
export interface ExportJob {
  readonly id: ExportId;
  readonly revision: number;
  readonly request: ExportRequest;
  readonly by: Identity;
  /** What the facts call whoever asked. */
  readonly byName: string;
  readonly requestedAt: Instant;
  readonly state: ExportState;
  /** Every fact about it, oldest first: each becomes a record of the ledger. */
  readonly history: readonly Fact[];
}

/** The writer is Lambda's, which ends it after 15 minutes. */
const attemptSeconds = 900;
/** Lambda tries an event three times. */
export const mostAttempts = 3;
/** The exchange bucket removes packs after 30 days; a day less is promised. */
const keptSeconds = 29 * 86_400;
/** Until an attempt that was cut off is told as such, its end may be on its way. */
const graceSeconds = 60;
/** What nobody has begun by then was not heard of: it takes nobody's place, and is begun no more. */
const longestWaitSeconds = 3600;
const notBegun = "Nobody has begun to write it within an hour, and nobody will any more. Please ask again.";

/** A new export, and the fact that somebody asked for it: that fact, once in the ledger, wakes the writer. */
export function requestedExport(asked: Pick<ExportJob, "id" | "request" | "by" | "byName" | "requestedAt">): ExportJob {
  const { request, by, byName, requestedAt: at } = asked;
  const summary = `${byName} asked for an export of the audit archive: ${scopeText(request.scope)}.`;
  const fact = factOf(asked, "export-requested", at, summary, { ...askedOf(request), by: { ...by } });
  return { ...asked, revision: 1, state: { kind: "queued" }, history: [fact] };
}

/**
 * The export with its next attempt under way; `undefined` where there is nothing to do any more, or whoever asked was told by now that
 * nothing comes of it.
 */
export function startedExport(job: ExportJob, now: Instant): ExportJob | undefined {
  const { state } = job;
  if (exportStanding(job, now).status === "failed") return undefined;
  switch (state.kind) {
    case "queued":
      return moved(job, { kind: "running", attempt: 1, startedAt: now });
    case "running":
      // An earlier attempt that was cut off; should it live after all, it finds the revision moved and gives up.
      return state.attempt < mostAttempts
        ? moved(job, { kind: "running", attempt: state.attempt + 1, startedAt: now })
        : undefined;
    case "done":
    case "failed":
      return undefined;
    default:
      return state satisfies never;
  }
}

/** The export with its pack, and the fact that it was taken: nobody gets an address before that is recorded. */
export function finishedExport(job: ExportJob, pack: WrittenPack, now: Instant): ExportJob {
  const { by, byName, request } = job;
  const { ledger, sha256, bytes } = pack;
  const fact = factOf(job, "export", now, `${byName} exported the audit archive: ${scopeText(request.scope)}.`, {
    ...askedOf(request),
    by: { ...by },
    ledgerSize: ledger.entries,
    pack: { sha256, bytes },
  });
  return { ...moved(job, { kind: "done", at: now, pack }), history: [...job.history, fact] };
}

/** The export given up, with the sentence that says why. */
export function failedExport(job: ExportJob, reason: string, now: Instant): ExportJob {
  return moved(job, { kind: "failed", at: now, reason });
}

/** The number of the attempt that is under way. */
export function attemptOf({ state }: ExportJob): number {
  if (state.kind === "running") return state.attempt;
  throw new Failure("internal", "An export that is not running has no attempt.");
}

/** How an export stands at an instant, as whoever asked is told. */
export type ExportStanding =
  | { readonly status: "queued" }
  | { readonly status: "running"; readonly attempt: number; readonly startedAt: Instant }
  /** Without a pack once its file is no longer kept. */
  | { readonly status: "done"; readonly finishedAt: Instant; readonly keptUntil: Instant; readonly pack?: WrittenPack }
  | { readonly status: "failed"; readonly finishedAt: Instant; readonly reason: string };

/** Judges how an export stands: an attempt that was cut off for good, or never came, cannot say so itself. */
export function exportStanding(
  { state, requestedAt }: Pick<ExportJob, "state" | "requestedAt">,
  now: Instant,
): ExportStanding {
  switch (state.kind) {
    case "queued": {
      const end = addSeconds(requestedAt, longestWaitSeconds);
      return now < end ? { status: "queued" } : { status: "failed", finishedAt: end, reason: notBegun };
    }
    case "running": {
      const { attempt, startedAt } = state;
      const end = addSeconds(startedAt, attemptSeconds + graceSeconds);
      const last = addSeconds(end, longestWaitSeconds);
      if (attempt < mostAttempts && now >= last) return { status: "failed", finishedAt: last, reason: notBegun };
      if (attempt < mostAttempts || now < end) return { status: "running", attempt, startedAt };
      const reason =
        `It could not be written within the ${attemptSeconds / 60} minutes that an export may take. ` +
        "Ask for a part of it: a time, a model or one promotion.";
      return { status: "failed", finishedAt: end, reason };
    }
    case "done": {
      const keptUntil = addSeconds(state.at, keptSeconds);
      return {
        status: "done",
        finishedAt: state.at,
        keptUntil,
        ...(now < keptUntil ? { pack: state.pack } : {}),
      };
    }
    case "failed":
      return { status: "failed", finishedAt: state.at, reason: state.reason };
    default:
      return state satisfies never;
  }
}

/** Whether an export keeps its writer busy, or is about to. */
export function isUnderWay(job: ExportJob, now: Instant): boolean {
  const { status } = exportStanding(job, now);
  return (status === "queued" || status === "running") && now < addSeconds(job.requestedAt, longestWaitSeconds);
}

/** The export that a fact of type `export-requested` is about, by the fact's id. */
export function exportOfFact(factId: unknown): ExportId | undefined {
  const id = typeof factId === "string" ? /\/export-requested\/([0-9a-f-]+)$/.exec(factId)?.[1] : undefined;
  return isExportId(id) ? id : undefined;
}

function moved(job: ExportJob, state: ExportState): ExportJob {
  return { ...job, revision: job.revision + 1, state };
}

function factOf(
  { id, request: { scope } }: Pick<ExportJob, "id" | "request">,
  type: "export-requested" | "export",
  at: Instant,
  summary: string,
  body: Fact["body"],
): Fact {
  const promotion = scope.kind === "promotion" ? scope.promotion : undefined;
  return {
    id: `${promotion ?? "installation"}/${type}/${id}`,
    type,
    at,
    ...(promotion === undefined ? {} : { promotion }),
    summary,
    body,
    attachments: [],
  };
}

function askedOf({ scope, withoutPersonalData }: ExportRequest): Fact["body"] {
  return { scope: { ...scope }, withoutPersonalData };
}

function scopeText(scope: PackScope): string {
  switch (scope.kind) {
    case "everything":
      return "everything";
    case "promotion":
      return "this promotion";
    case "model":
      return `the model ${scope.model}`;
    case "since":
      return `what came after entry ${scope.size}`;
    case "time":
      return `${scope.from} to ${scope.to}`;
    default:
      return scope satisfies never;
  }
}
