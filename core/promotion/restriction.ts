import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { Attachment, Fact } from "./fact.ts";
import { advance, hasEnded } from "./life-cycle.ts";
import type { Promotion, Status } from "./promotion.ts";
import type { PromotionId } from "./promotion-id.ts";
import { goesFurther, type Remedy, type TakenRemedy } from "./remedy.ts";

// What is done about what runs and is restricted, each as one change of the promotion with its fact. Each may be asked
// for again: what was told already is not told twice, and answers `undefined`.

/** What is to be done, and why. */
export type DueRemedy = Pick<TakenRemedy, "remedy" | "because">;

/** The earlier promotion that is to serve instead, and the verdict under which it may. */
export interface Replacement {
  readonly promotion: PromotionId;
  readonly version: string;
  readonly verdict: Sha256;
}

/**
 * What is to be done about a promotion and is not done yet; `undefined` where nothing is. `again`: the promotion that
 * asks to let it run on. One that a newer candidate superseded was refused by nobody, until that has happened too often, or until nobody
 * has approved it in the time that there was for it. What is due since one was refused stays due, whatever is asked for since, until
 * that is approved.
 */
export function dueRemedy(
  { status, restriction, history }: Pick<Promotion, "status" | "restriction" | "history">,
  again: Pick<Promotion, "id" | "status"> | undefined,
  now: Instant,
): DueRemedy | undefined {
  if (status !== "restricted" || restriction === undefined) return undefined;
  const { remedy: first = "keep", unlessReapproved = "keep", taken } = restriction;
  const ended = again !== undefined && hasEnded(again.status);
  const stays = restriction.refused === true || isOverdue(restriction, now);
  const refused = ended
    ? again.status !== "superseded" || stays || mayNotAskAgain(history)
    : stays && (again === undefined || !granted.includes(again.status));
  const further = refused && goesFurther(unlessReapproved, first);
  const remedy = further ? unlessReapproved : first;
  if (remedy === "keep" || (taken?.remedy === remedy && taken.doneAt !== undefined)) return undefined;
  if (hasGoneFurther({ restriction, history }, remedy)) return undefined;
  return { remedy, because: further ? "not-reapproved" : "drift" };
}

/** Whether something began that goes further: whoever looked before that is behind, and what was taken out is put back by no remedy. */
function hasGoneFurther(
  { restriction, history }: Pick<Promotion, "restriction" | "history">,
  remedy: DueRemedy["remedy"],
): boolean {
  const { taken } = restriction ?? {};
  return taken !== undefined && goesFurther(taken.remedy, remedy) && wasStarted({ history }, taken);
}

/** Whoever was to approve it again had time until now. */
function isOverdue({ reapproveBy }: NonNullable<Promotion["restriction"]>, now: Instant): boolean {
  return reapproveBy !== undefined && now >= reapproveBy;
}

/** Since when that is due: since the drift, or since the approval ended, or the time for it. */
export function dueSince(
  promotion: Promotion,
  { because }: DueRemedy,
  again: Pick<Promotion, "status" | "history"> | undefined,
): Instant {
  const { at: drifted, refused, reapproveBy } = restrictionIn(promotion);
  if (because === "drift") return drifted;
  const ended = again !== undefined && hasEnded(again.status) ? again.history.at(-1)?.at : undefined;
  const byIt = again?.status !== "superseded" || mayNotAskAgain(promotion.history);
  if (ended !== undefined && byIt) return ended > drifted ? ended : drifted;
  return refused === true ? drifted : (reapproveBy ?? drifted);
}

/** Of an approval that people gave after all: what it lets run on is not taken away under its hands. */
const granted: readonly Status[] = ["approved", "loaned", "deploying", "deployed", "restricted"];

/** So often an approval is asked for in the place of one that a newer candidate superseded, and that came to nothing itself. */
const mostAskedAnew = 3;

/** Whether no further approval is asked for: whoever may submit the model could have each superseded for as long as they like. */
export function mayNotAskAgain(history: Promotion["history"]): boolean {
  return history.filter(({ type, body }) => type === "drift" && "reapproval" in body).length > mostAskedAnew;
}

/**
 * It begins. Written before what runs is touched: what a crash leaves half done is finished, and never forgotten. `undefined` where it
 * has begun, or something that goes further: `isUnderWay` tells them apart.
 */
export function withRemedyStarted(
  promotion: Promotion,
  due: DueRemedy,
  to: Replacement | undefined,
  at: Instant,
): Promotion | undefined {
  const restriction = restrictionIn(promotion);
  const { taken } = restriction;
  if (hasGoneFurther(promotion, due.remedy)) return undefined;
  // One that failed before it could begin has not begun.
  const begun = taken?.failure === undefined || wasStarted(promotion, due);
  if (taken?.remedy === due.remedy && taken.to === to?.promotion && begun) return undefined;
  const { name, version } = promotion.manifest.model;
  const where = promotion.manifest.target.name;
  const what =
    to === undefined
      ? `${name} ${version} is taken out of service in ${where}.`
      : `What runs in ${where} goes back to ${name} ${to.version}, which was approved before.`;
  return advance(
    promotion,
    {
      restriction: {
        ...restriction,
        taken: { ...due, startedAt: at, ...(to === undefined ? {} : { to: to.promotion }) },
      },
    },
    told(due, "started", at, `${reasons[due.because]} ${what}`, [], to),
  );
}

/** Whether what a promotion is restricted by is this remedy, by this replacement. */
export function isUnderWay(
  { restriction }: Pick<Promotion, "restriction">,
  { remedy }: DueRemedy,
  to: Replacement | undefined,
): boolean {
  const { taken } = restriction ?? {};
  return taken?.remedy === remedy && taken.to === to?.promotion;
}

function wasStarted({ history }: Pick<Promotion, "history">, { remedy }: Pick<DueRemedy, "remedy">): boolean {
  const ofIt = history.filter(({ type, body }) => type === "remedy" && body["remedy"] === remedy);
  return ofIt.some(({ body }) => body["state"] === "started");
}

/** What a target says of why may change from run to run. */
const failuresApartSeconds = 6 * 3600;

/** The id of a request, and a number that stands by itself, are of one run: they make no other reason. */
const ofOneRun = /\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b|(?<=\s)\d+(?=\s)/gi;

function saysTheSame(one: string | undefined, other: string): boolean {
  return one?.replace(ofOneRun, "#") === other.replace(ofOneRun, "#");
}

/** It could not be done, and is tried again. Told at most once in some hours, whatever the words, since it is tried every few minutes. */
export function withRemedyFailed(
  promotion: Promotion,
  due: DueRemedy,
  why: string,
  at: Instant,
): Promotion | undefined {
  const restriction = restrictionIn(promotion);
  const { taken } = restriction;
  if (hasGoneFurther(promotion, due.remedy)) return undefined;
  if (taken?.remedy === due.remedy && saysTheSame(taken.failure, why)) return undefined;
  const last = promotion.history.findLast(
    ({ type, body }) => type === "remedy" && body["state"] === "failed" && body["remedy"] === due.remedy,
  );
  if (last !== undefined && at < addSeconds(last.at, failuresApartSeconds)) return undefined;
  const before = taken?.remedy === due.remedy ? taken : { ...due, startedAt: at };
  return advance(
    promotion,
    { restriction: { ...restriction, taken: { ...before, failure: why } } },
    told(due, "failed", at, `${reasons[due.because]} ${failures[due.remedy]} ${why} It is tried again.`, []),
  );
}

/**
 * It is done. Where something else serves instead, the promotion ends; where nothing does, it may yet be approved again. `undefined` where
 * another remedy began meanwhile: of that nothing was seen.
 */
export function withRemedyDone(
  promotion: Promotion,
  due: DueRemedy,
  to: Replacement | undefined,
  why: string,
  attachments: readonly Attachment[],
  at: Instant,
): Promotion | undefined {
  const restriction = restrictionIn(promotion);
  const { taken } = restriction;
  if (taken === undefined || taken.doneAt !== undefined || !isUnderWay(promotion, due, to)) return undefined;
  const { failure: _, ...rest } = taken;
  const summary = `${reasons[taken.because]} ${why}`;
  return advance(
    promotion,
    {
      restriction: { ...restriction, taken: { ...rest, doneAt: at } },
      reason: summary,
      ...(taken.remedy === "previous" ? { status: "rolled-back" as const } : {}),
    },
    told(taken, "done", at, summary, attachments),
  );
}

/** Whether it was restricted and taken out of service: then nothing is to run until something is approved. */
export function isOutOfService({ status, restriction }: Pick<Promotion, "status" | "restriction">): boolean {
  return status === "restricted" && restriction?.taken?.remedy === "stop" && restriction.taken.doneAt !== undefined;
}

/** What becomes of what runs, in words that follow "It is restricted:". */
export function remedySentence(remedy: Remedy): string {
  switch (remedy) {
    case "keep":
      return "it keeps serving";
    case "previous":
      return "what was approved before it is to serve instead";
    case "stop":
      return "it is to be taken out of service";
    default:
      return remedy satisfies never;
  }
}

const reasons: Readonly<Record<TakenRemedy["because"], string>> = {
  drift: "It drifted.",
  "not-reapproved": "It was not approved again.",
};

const failures: Readonly<Record<TakenRemedy["remedy"], string>> = {
  previous: "What was approved before could not be put back.",
  stop: "It could not be taken out of service.",
};

function restrictionIn({ restriction }: Promotion): NonNullable<Promotion["restriction"]> {
  if (restriction === undefined) throw new Failure("conflict", "Nothing restricts this promotion.");
  return restriction;
}

function told(
  { remedy, because }: DueRemedy,
  state: "started" | "failed" | "done",
  at: Instant,
  summary: string,
  attachments: readonly Attachment[],
  to?: Replacement,
): Omit<Fact, "id" | "promotion"> {
  const { promotion, verdict } = to ?? {};
  return {
    type: "remedy",
    at,
    summary,
    body: {
      remedy,
      because,
      state,
      ...(promotion === undefined ? {} : { to: promotion }),
      ...(verdict === undefined ? {} : { verdict }),
    },
    attachments,
  };
}
