import * as v from "valibot";
import { addSeconds, type Instant, minuteText } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import type { FrozenEvidence } from "./freeze-manifest.ts";
import type { Identity } from "./identity.ts";
import { advance } from "./life-cycle.ts";
import {
  type MeasuredMetric,
  measuredMetric,
  type OutcomeReport,
  outOfBounds,
  reporterId,
  reporterMark,
  reportWindow,
} from "./outcome.ts";
import type { Promotion } from "./promotion.ts";
import { isPromotionId, type PromotionId } from "./promotion-id.ts";
import type { Remedy } from "./remedy.ts";
import { type DeclaredFile, declaredFile, shortText, slug } from "./request.ts";
import { remedySentence } from "./restriction.ts";

/** The body of `POST /v1/models/{name}/drift`, as any monitor sends it. */
export interface DriftReport {
  /** The monitor's own: the same report again has the same. */
  readonly id: string;
  readonly target: string;
  readonly window: { readonly from: Instant; readonly until: Instant };
  readonly source: string;
  readonly metrics: readonly MeasuredMetric[];
  /** What the monitor found; becomes evidence of the approval that follows. */
  readonly report: DeclaredFile;
  /** A new approval that was refused, or that nobody gave in time: another is asked for. Not for monitors. */
  readonly reopens?: PromotionId;
}

const schema = v.strictObject({
  id: reporterId,
  target: slug,
  window: reportWindow,
  source: shortText,
  metrics: v.pipe(v.array(measuredMetric), v.maxLength(50, "must name at most 50 metrics")),
  report: v.strictObject(declaredFile),
  reopens: v.exactOptional(v.custom<PromotionId>(isPromotionId, "must be the id of a promotion")),
});

/** Reads the body of a drift report. Throws `invalid-request` naming every field that is wrong. */
export function parseDriftReport(body: unknown): DriftReport {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  return result.output as DriftReport;
}

/** What follows from drift beside the restriction: a new approval, a newer candidate that is on its way, or neither. */
export type AfterDrift =
  | { readonly kind: "reapproval"; readonly promotion: PromotionId }
  | { readonly kind: "newer"; readonly promotion: PromotionId }
  | { readonly kind: "none"; readonly why: string };

/** The report as evidence: under a name of its own, whatever the candidate's documents are called. */
export function driftEvidence({ name, mediaType, size, sha256 }: DeclaredFile): FrozenEvidence {
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? "";
  return { kind: "drift", format: "report", name: `drift-${sha256.slice(0, 12)}${ending}`, mediaType, size, sha256 };
}

/** Whether the promotion's history tells of this very report. */
export function toldInHistory({ history }: Promotion, report: DriftReport, by: Identity): boolean {
  const mark = markOf(report, by);
  return history.some(({ type, body }) => type === "drift" && body["report"] === mark);
}

/** What the matrix says of what runs once it drifts. */
export interface DriftRule {
  readonly onDrift?: Remedy;
  readonly ifNotReapproved?: Remedy;
  /** How long people have for an approval. */
  readonly expiresAfterSeconds: number;
}

/**
 * The promotion once it is restricted: the first report does it, and one that has a new approval opened. What is done
 * about it beside was settled by the first.
 */
export function restricted(
  promotion: Promotion,
  report: DriftReport,
  {
    by,
    at,
    after,
    rule,
    refused = false,
  }: {
    readonly by: Identity;
    readonly at: Instant;
    readonly after: AfterDrift;
    /** Absent where the policies have none for it any more. */
    readonly rule?: DriftRule | undefined;
    /** The approval before this one was refused, or not given in time. */
    readonly refused?: boolean;
  },
): Promotion {
  const before = promotion.restriction;
  const remedy = before === undefined ? (rule?.onDrift ?? "keep") : (before.remedy ?? "keep");
  const unless = before === undefined ? unlessIn(rule, at) : unlessOf(before);
  const does = before?.taken?.doneAt === undefined ? `${remedySentence(remedy)}, and ` : "";
  const summary = `${driftSentence(promotion, report)} It is restricted: ${does}${consequence(after)}${otherwise(after, unless)}`;
  return advance(
    promotion,
    {
      status: "restricted",
      reason: summary,
      restriction: {
        ...before,
        at: before?.at ?? at,
        evidence: driftEvidence(report.report),
        ...(after.kind === "reapproval" ? { reapproval: after.promotion } : {}),
        ...(remedy === "keep" ? {} : { remedy }),
        ...unless,
        ...(refused ? { refused: true as const } : {}),
      },
    },
    {
      type: "drift",
      at,
      summary,
      body: {
        ...driftBody(report, by),
        action: remedy,
        ...unless,
        ...(report.reopens === undefined ? {} : { reopens: report.reopens }),
        ...(after.kind === "none" ? { why: after.why } : { [after.kind]: after.promotion }),
      },
      attachments: driftAttachments(report),
    },
  );
}

interface Unless {
  readonly unlessReapproved?: Remedy;
  readonly reapproveBy?: Instant;
}

function unlessIn(rule: DriftRule | undefined, at: Instant): Unless {
  return rule?.ifNotReapproved === undefined
    ? {}
    : { unlessReapproved: rule.ifNotReapproved, reapproveBy: addSeconds(at, rule.expiresAfterSeconds) };
}

/** As the first report settled it. */
function unlessOf({ unlessReapproved, reapproveBy }: NonNullable<Promotion["restriction"]>): Unless {
  if (unlessReapproved === undefined) return {};
  return reapproveBy === undefined ? { unlessReapproved } : { unlessReapproved, reapproveBy };
}

/**
 * What is restricted once an approval is asked for without another report: a newer candidate was on its way, or took the place of the approval
 * before, and came to nothing itself; or nobody could be asked, and somebody can. It rests on the report of then.
 */
export function askedAnew(promotion: Promotion, reapproval: PromotionId, at: Instant): Promotion | undefined {
  const { restriction, history, manifest } = promotion;
  const before = history.findLast(({ type }) => type === "drift");
  if (restriction === undefined || before === undefined) return undefined;
  const { newer, why: _, reopens: __, reapproval: ended, ...body } = before.body;
  const { model, target } = manifest;
  const still = `${model.name} ${model.version} still is restricted in ${target.name}${whyAnew({ ended, newer })}`;
  // Once one was refused, it is due whatever is asked for since.
  const unless = restriction.refused === true ? {} : unlessOf(restriction);
  const summary = `${still} ${driftSentence(promotion, { metrics: measuredIn(before) })} It has to be approved again, with the report as evidence.${otherwise({ kind: "reapproval", promotion: reapproval }, unless)}`;
  return advance(
    promotion,
    { reason: summary, restriction: { ...restriction, reapproval } },
    {
      type: "drift",
      at,
      summary,
      body: { ...body, ...(ended === undefined ? {} : { reopens: ended }), reapproval },
      attachments: before.attachments,
    },
  );
}

function whyAnew({ ended, newer }: { readonly ended: unknown; readonly newer: unknown }): string {
  if (ended !== undefined) return ": what took the place of its new approval came to nothing.";
  return newer !== undefined
    ? ": the newer candidate that was on its way came to nothing."
    : ", and could be asked about only now.";
}

/** A further report about what is restricted already: one record for each monitor and hour, however many it sends. */
export function furtherDrift(promotion: Promotion, report: DriftReport, by: Identity, at: Instant): Fact {
  return {
    id: `${promotion.id}/drift/${reporterMark(by)}/${at.slice(0, 13)}`,
    type: "drift",
    at,
    promotion: promotion.id,
    summary: `${driftSentence(promotion, report)} ${promotion.status === "rolled-back" ? "It does not run any more." : "It is restricted already."}`,
    body: driftBody(report, by),
    attachments: driftAttachments(report),
  };
}

/** What was reported of what runs when another approval of it was asked for, in the words of its record. */
export function reportedBefore(
  { history }: Pick<Promotion, "history">,
  { submittedAt }: Pick<Promotion, "submittedAt">,
): string | undefined {
  return history.findLast(({ type, at }) => type === "drift" && at <= submittedAt)?.summary;
}

/** The report as an outcome of what ran in the time that it is about, where that is not what is to run. */
export function outcomeOfDrift({ id, window, source, metrics, report }: DriftReport): OutcomeReport {
  const [metric] = [...metrics.filter(outOfBounds), ...metrics];
  return {
    id,
    kind: "drift",
    window,
    source,
    description: "It was measured of what ran then, and restricts nothing.",
    ...(metric === undefined ? {} : { metric }),
    report: { ...report, name: driftEvidence(report).name },
  };
}

function driftBody(report: DriftReport, by: Identity): Fact["body"] {
  const { window, source, metrics } = report;
  return {
    report: markOf(report, by),
    by: { ...by },
    window: { ...window },
    source,
    metrics: metrics.map((metric) => ({ ...metric })),
  };
}

function driftAttachments({ report }: DriftReport): Fact["attachments"] {
  const { name, mediaType, sha256 } = driftEvidence(report);
  return [{ name, mediaType, sha256 }];
}

/** What was measured, as the record of a report has it. */
function measuredIn({ body }: Fact): readonly MeasuredMetric[] {
  const read = v.safeParse(schema.entries.metrics, body["metrics"]);
  return read.success ? (read.output as readonly MeasuredMetric[]) : [];
}

function driftSentence({ manifest: { model, target } }: Promotion, { metrics }: Pick<DriftReport, "metrics">): string {
  const worst = metrics.filter(outOfBounds).slice(0, 3);
  const found = worst.length === 0 ? "" : ` (${worst.map(({ name, value }) => `${name} ${value}`).join(", ")})`;
  return `Drift was reported of ${model.name} ${model.version} in ${target.name}${found}.`;
}

function consequence(after: AfterDrift): string {
  switch (after.kind) {
    case "reapproval":
      return "it has to be approved again, with the report as evidence.";
    case "newer":
      return "a newer candidate is on its way already.";
    case "none":
      return `no approval could be opened: ${after.why}`;
    default:
      return after satisfies never;
  }
}

function otherwise({ kind }: AfterDrift, unless: Unless): string {
  const { unlessReapproved, reapproveBy } = unless;
  if (unlessReapproved === undefined) return "";
  const by = reapproveBy === undefined ? "" : ` before ${minuteText(reapproveBy)}`;
  if (kind === "reapproval") return ` Unless it is${by}, ${remedySentence(unlessReapproved)}.`;
  return reapproveBy === undefined
    ? ""
    : ` Unless it is approved again, or replaced,${by}, ${remedySentence(unlessReapproved)}.`;
}

function markOf({ id }: DriftReport, by: Identity): string {
  return `${reporterMark(by)}/${id}`;
}
