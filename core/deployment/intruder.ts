import * as v from "valibot";
import { addSeconds, type Instant, isInstant } from "../encoding/instant.ts";
import { isLent } from "../promotion/lending.ts";
import { hasEnded } from "../promotion/life-cycle.ts";
import { type Promotion, type Status, statuses } from "../promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../promotion/promotion-id.ts";
import { type Target, targetKinds } from "../promotion/target.ts";
import type { Running } from "./deployment-target.ts";

/** The document in which a finding keeps what the target and the records said. */
export const runningDocument = "running.json";

/** What runs in a place, and what is known of it: everything that is judged, and nothing else. */
export interface RunningReport {
  readonly readAt: Instant;
  readonly place: Place;
  /** What was approved last for the place, or is missing though it is on loan there; null where nothing was, or where it was taken out of service. */
  readonly expected: PromotionId | null;
  readonly revision: string | null;
  readonly promotion: PromotionId | null;
  /**
   * What the records say of the promotion that it is said to be of, or, where nothing runs that should, of the one that should; null
   * where there is none.
   */
  readonly candidate: CandidateSaid | null;
}

/** A target, and where in it. */
export interface Place {
  readonly kind: Target["kind"];
  readonly target: string;
  readonly endpoint: string;
}

export interface CandidateSaid {
  readonly version: string;
  readonly place: Place;
  readonly status: Status;
  /** Since when it has that status. */
  readonly since: Instant;
  /** It runs, or ran, on loan until then, and no quorum approved it. */
  readonly lentUntil: Instant | null;
  /** Why its verdict does not allow it to run; null where it does. */
  readonly verdict: string | null;
  /** How what runs differs from what was approved; null where it does not. */
  readonly altered: string | null;
}

const text = v.pipe(v.string(), v.maxLength(4000));
const instant = v.custom<Instant>(isInstant);
const promotion = v.custom<PromotionId>(isPromotionId);
const place = v.strictObject({
  kind: v.picklist(targetKinds),
  target: text,
  endpoint: text,
});

/** The document, as somebody else may have written it. */
export const runningReportSchema: v.GenericSchema<unknown, RunningReport> = v.strictObject({
  readAt: instant,
  place,
  expected: v.nullable(promotion),
  revision: v.nullable(text),
  promotion: v.nullable(promotion),
  candidate: v.nullable(
    v.strictObject({
      version: text,
      place,
      status: v.picklist(statuses),
      since: instant,
      lentUntil: v.nullable(instant),
      verdict: v.nullable(text),
      altered: v.nullable(text),
    }),
  ),
});

export const intruderKinds = ["unapproved", "altered", "expired", "missing"] as const;
type IntruderKind = (typeof intruderKinds)[number];

/** Something that runs and should not, or should and is `missing`: in what way, and why in a sentence. */
export interface Intruder {
  readonly kind: IntruderKind;
  readonly why: string;
}

/** What ends is taken away within this time, so that nobody is alarmed about what is on its way out. */
export const settlingSeconds = 900;

/** Whether what runs should not, or nothing does where something should; `undefined`: neither. */
export function intruderIn(report: RunningReport): Intruder | undefined {
  const { revision, candidate, readAt, expected } = report;
  if (revision === null) return missingIn(report);
  const where = placeText(report.place);
  const unapproved = (why: string): Intruder => ({ kind: "unapproved", why: `${where} ${why}` });
  if (report.promotion === null || candidate === null)
    return unapproved(`serves '${shownRevision(revision)}', which nobody approved here.`);
  const { version, status, lentUntil, verdict, altered } = candidate;
  if (!samePlace(candidate.place, report.place))
    return unapproved(`serves ${version}, which was approved for ${lowered(placeText(candidate.place))}.`);
  // Its own machine looks after it.
  if (status === "deploying") return undefined;
  const settled = readAt >= addSeconds(candidate.since, settlingSeconds);
  if (lentUntil !== null) {
    if (readAt >= addSeconds(lentUntil, settlingSeconds))
      return { kind: "expired", why: `${where} still serves ${version}, whose loan ended at ${lentUntil}.` };
    if (status !== "loaned") return settled ? unapproved(`still serves ${version}, which is ${status}.`) : undefined;
  } else if (status !== "deployed" && status !== "restricted") {
    return hasEnded(status) && !settled ? undefined : unapproved(`serves ${version}, which is ${status}.`);
  } else if (report.promotion !== expected) {
    return unapproved(
      expected === null
        ? `serves ${version}, which was taken out of service.`
        : `serves ${version}, which is not what was approved last.`,
    );
  }
  if (verdict !== null) return unapproved(`serves ${version}, whose verdict does not allow it: ${verdict}`);
  return altered === null ? undefined : { kind: "altered", why: altered };
}

/** What was approved last, or is on loan, and runs no more, though nobody took it out of service. What was deployed just now may be read too early. */
function missingIn({ readAt, place: where, expected, candidate }: RunningReport): Intruder | undefined {
  if (expected === null || candidate === null || !samePlace(candidate.place, where)) return undefined;
  const { status, since, version, lentUntil } = candidate;
  const lent = status === "loaned" && lentUntil !== null && readAt < lentUntil;
  const due = lent || status === "deployed" || status === "restricted";
  if (!due || readAt < addSeconds(since, settlingSeconds)) return undefined;
  return {
    kind: "missing",
    why: `${placeText(where)} serves nothing: ${version}, which is ${status} there${lent ? ` until ${lentUntil}` : ""}, is gone, and nothing here took it away.`,
  };
}

/** Of the promotion that runs, or should, what is judged. */
export function candidateSaid(
  promotion: Promotion,
  { verdict, altered }: Pick<CandidateSaid, "verdict" | "altered">,
): CandidateSaid {
  const { manifest, status, submittedAt, history, loan } = promotion;
  return {
    version: manifest.model.version,
    place: placeOfTarget(manifest.target),
    status,
    since: history.at(-1)?.at ?? submittedAt,
    lentUntil: isLent(promotion) && loan !== undefined ? loan.until : null,
    verdict,
    altered,
  };
}

export function placeOfTarget({ kind, name, endpoint }: Pick<Target, "kind" | "name" | "endpoint">): Place {
  return { kind, target: name, endpoint };
}

/** What a target says, in the report's words. */
export function saidOf({ revision, promotion: of }: Running): Pick<RunningReport, "revision" | "promotion"> {
  return { revision: revision ?? null, promotion: of ?? null };
}

export function samePlace(a: Place, b: Place): boolean {
  return a.kind === b.kind && a.target === b.target && a.endpoint === b.endpoint;
}

const written = v.pipe(v.string(), v.parseJson(), v.looseObject({ model: v.nullish(text), image: v.nullish(text) }));

/** What runs where a target has no name of its own for it is written down as JSON: people are told its model, or its image. */
function shownRevision(revision: string): string {
  const read = v.safeParse(written, revision);
  return read.success ? (read.output.model ?? read.output.image ?? revision) : revision;
}

const placeNames: Readonly<Partial<Record<Place["kind"], string>>> = {
  "sagemaker-endpoint": "The endpoint",
  "sagemaker-inference-component": "The inference component",
};

function placeText({ kind, target, endpoint }: Place): string {
  // There is an endpoint here of which no target speaks.
  return `${placeNames[kind] ?? "The workload"} '${endpoint}'${target === "" ? "" : ` in ${target}`}`;
}

function lowered(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}
