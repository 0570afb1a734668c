import * as v from "valibot";
import { utf8 } from "../encoding/bytes.ts";
import { canonicalJson, type Json } from "../encoding/canonical-json.ts";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { sha256Hex } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import { type Identity, identityKey } from "./identity.ts";
import { isReservedName } from "./personal-documents.ts";
import type { Promotion } from "./promotion.ts";
import { type DeclaredFile, declaredFile, shortText } from "./request.ts";

/** What may be told of a model once it ran in production. */
const outcomeKinds = ["metric", "complaint", "incident", "rollback", "drift"] as const;
export type OutcomeKind = (typeof outcomeKinds)[number];

/** A measured number, and where it should have lain; both ends are included. */
export interface MeasuredMetric {
  readonly name: string;
  readonly value: number;
  readonly min?: number;
  readonly max?: number;
}

/** The body of `POST /v1/promotions/{id}/outcomes`. */
export interface OutcomeReport {
  /** The reporter's own: the same report again has the same. */
  readonly id: string;
  readonly kind: OutcomeKind;
  /** The time that it is about; the end is not included. */
  readonly window: { readonly from: Instant; readonly until: Instant };
  /** The system that noticed it. */
  readonly source: string;
  readonly description: string;
  readonly metric?: MeasuredMetric;
  readonly report?: DeclaredFile;
}

const finite = v.pipe(v.number(), v.finite("must be a number"));
/** An id that the reporter gives. */
export const reporterId = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,119}$/,
    "must be 1 to 120 letters, digits, dots, dashes, colons or underscores",
  ),
);
const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
/** A time from an instant on and before another. */
export const reportWindow = v.pipe(
  v.strictObject({ from: instant, until: instant }),
  v.check(({ from, until }) => from < until, "must begin before it ends"),
);
/** A number that was measured, with the bounds that it should have kept. */
export const measuredMetric = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[A-Za-z0-9][A-Za-z0-9 ._()/%-]{0,79}$/, "must be the name of a metric")),
  value: finite,
  min: v.exactOptional(finite),
  max: v.exactOptional(finite),
});
const schema = v.pipe(
  v.strictObject({
    id: reporterId,
    kind: v.picklist(outcomeKinds),
    window: reportWindow,
    source: shortText,
    description: v.pipe(v.string(), v.maxLength(2000, "must be at most 2000 characters")),
    metric: v.exactOptional(measuredMetric),
    report: v.exactOptional(
      v.pipe(
        v.strictObject(declaredFile),
        v.check(({ name }) => !isReservedName(name), "must not have a name that Countersign's own documents have"),
      ),
    ),
  }),
  v.check(
    ({ kind, metric }) => kind !== "metric" || metric !== undefined,
    "must have a 'metric' where its kind is that",
  ),
);

/** Reads the body of a report. Throws `invalid-request` naming every field that is wrong. */
export function parseOutcomeReport(body: unknown): OutcomeReport {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues));
  return result.output as OutcomeReport;
}

/** Whether a metric left its bounds; one without bounds left none. */
export function outOfBounds({ value, min, max }: MeasuredMetric): boolean {
  return (min !== undefined && value < min) || (max !== undefined && value > max);
}

/** Whether an outcome speaks against having approved: whatever was noticed, and of metrics those out of their bounds. */
export function speaksAgainst({
  kind,
  metric,
}: {
  readonly kind: OutcomeKind;
  readonly metric?: MeasuredMetric;
}): boolean {
  return kind !== "metric" || (metric !== undefined && outOfBounds(metric));
}

/** Whether a promotion's candidate came so far that production can say something about it. */
export function ranInProduction({ history }: Pick<Promotion, "history">): boolean {
  return history.some(({ type }) => type === "deployment-started");
}

/** The fact of a report. Its id is the reporter's, under the reporter: two monitors may count alike. */
export function outcomeFact(
  { id, manifest: { model, target } }: Pick<Promotion, "id" | "manifest">,
  report: OutcomeReport,
  by: Identity,
  at: Instant,
): Fact {
  const { kind, window, source, description, metric } = report;
  return {
    id: `${id}/outcome/${reporterMark(by)}/${report.id}`,
    type: "outcome",
    at,
    promotion: id,
    summary: `${noticed(kind, metric)} was reported of ${model.name} ${model.version} in ${target.name}.`,
    body: {
      kind,
      window: { ...window },
      source,
      description,
      by: { ...by },
      against: speaksAgainst(report),
      ...(metric === undefined ? {} : { metric: { ...metric } }),
    },
    attachments: report.report === undefined ? [] : [attachmentOf(report.report)],
  };
}

/** Whether two facts of one id tell the same, whenever they were told. */
export function sameReport(a: Fact, b: Fact): boolean {
  const told = ({ body, attachments }: Fact) =>
    canonicalJson({ body, attachments: attachments.map((each) => ({ ...each })) } satisfies Json);
  return told(a) === told(b);
}

/** A short name of whoever reports, for ids: equal for equal identities only. */
export function reporterMark(by: Identity): string {
  return sha256Hex(utf8(identityKey(by))).slice(0, 16);
}

function attachmentOf({ name, mediaType, sha256 }: DeclaredFile): Fact["attachments"][number] {
  return { name, mediaType, sha256 };
}

function noticed(kind: OutcomeKind, metric: MeasuredMetric | undefined): string {
  switch (kind) {
    case "metric": {
      if (metric === undefined) return "A metric";
      return `${metric.name} ${metric.value}${outOfBounds(metric) ? ", out of its bounds," : ""}`;
    }
    case "complaint":
      return "A complaint";
    case "incident":
      return "An incident";
    case "rollback":
      return "A rollback";
    case "drift":
      return "Drift";
    default:
      return kind satisfies never;
  }
}
