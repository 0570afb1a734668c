import * as v from "valibot";
import {
  candidateSaid,
  intruderIn,
  type RunningReport,
  runningDocument,
  runningReportSchema,
  samePlace,
  settlingSeconds,
} from "../../deployment/intruder.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { Status } from "../../promotion/promotion.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { isItsOwn, statusesAt, stepsAt } from "../policies/verify-remedy-rules.ts";

/**
 * What is wrong with what is told of intruders: each finding is what the kept document comes to, by the rule that found
 * it, and then; and nothing is gone, or put back, that was not found by then, nor under another verdict than the promotion's.
 */
export async function recheckIntruders(
  records: readonly PromotionRecord[],
  steps: readonly Step[],
  read: ReadDocument,
): Promise<readonly { readonly index: number; readonly sentence: string }[]> {
  const told = records.filter(({ record }) => record.type === "intruder-found");
  const known: FindingsKnown = new Map(told.map(({ record }) => [record.id, answerable(record)]));
  const wrong: { readonly index: number; readonly sentence: string }[] = [];
  for (const { record, index } of records) {
    const sentence =
      record.type === "intruder-found"
        ? await recheckFinding(record, read, isItsOwn({ record, index }, steps), steps)
        : record.type === "intruder-gone" || record.type === "take-back"
          ? recheckAnswer(record, known, steps)
          : undefined;
    if (sentence !== undefined) wrong.push({ index, sentence });
  }
  return wrong;
}

/**
 * The same of a place in which nothing was ever approved, whose records belong to no promotion: asked one after the other. In the
 * log one may stand before what it is about. @param all whether the pack holds all of them: of a part those are held against each other
 * that are there
 */
export function installationIntruders(all: boolean, read: ReadDocument) {
  const known: FindingsKnown = new Map();
  const answers: (PromotionRecord & { readonly found: string })[] = [];
  return {
    recheck: async ({ record, index }: PromotionRecord): Promise<string | undefined> => {
      if (record.type === "intruder-found") {
        known.set(record.id, answerable(record));
        return await recheckFinding(record, read, "nothing", []);
      }
      if (record.type !== "intruder-gone" && record.type !== "take-back") return undefined;
      const { found } = bodyOf(record.type, record);
      answers.push({ record, index, found });
      return undefined;
    },
    /** Once all were seen: each that is about one, and what is wrong with it. */
    answers: () =>
      answers
        .filter(({ found }) => all || known.has(found))
        .map(({ record, index }) => ({ index, wrong: async () => recheckAnswer(record, known, []) })),
  };
}

async function recheckFinding(
  record: LedgerRecord,
  read: ReadDocument,
  own: ReturnType<typeof isItsOwn>,
  steps: readonly Step[],
): Promise<string | undefined> {
  const body = bodyOf("intruder-found", record);
  const bytes = await read(attachmentNamed(record, runningDocument).sha256);
  // That it is missing was said already.
  if (bytes === undefined) return undefined;
  const report = v.safeParse(runningReportSchema, readCanonicalJson(runningDocument, bytes));
  if (!report.success) return `${runningDocument} is not of the form that is known here.`;
  const { readAt, revision, place, promotion, expected, candidate }: RunningReport = report.output;
  const kind = intruderIn(report.output)?.kind ?? "none";
  if (kind !== body.kind) return `It is recorded as '${body.kind}', and what ran then comes to '${kind}'.`;
  if (body.kind === "missing" && body.action !== "report")
    return "What is missing is said to be taken back, and nobody puts it there again.";
  if ((revision ?? "") !== body.running || !samePlace(place, body.place))
    return "It is recorded of something else than the document says.";
  if (own === "nothing" && body.action !== "report")
    return "What runs there is said to be taken back, and nothing that was approved should run there.";
  if (readAt < addSeconds(record.at, -settlingSeconds) || readAt > addSeconds(record.at, clockToleranceSeconds))
    return "It was found at another time than the document says that somebody looked.";
  // What should run there is asked first, and then what does: where both are known to nobody it is told of none.
  const theirs =
    record.promotion === undefined ? expected === null && candidate === null : promotion === record.promotion;
  if (!theirs && !ranThen(record.at, steps))
    return "It is told of another than what should run there, or does, by the document.";
  const said = (revision === null ? expected : promotion) === record.promotion;
  return record.promotion === undefined || !said || isAsRecorded(report.output, steps)
    ? undefined
    : "The document says something else of its promotion than the records do.";
}

/** Whether what is said of the promotion itself is what its records come to, at some time at which it may have been read. */
function isAsRecorded({ readAt, candidate }: RunningReport, steps: readonly Step[]): boolean {
  return stepsAt(readAt, steps).some(({ after }) => {
    if (candidate === null) return false;
    const { version, place, status, since, lentUntil } = candidateSaid(after, candidate);
    const same = version === candidate.version && samePlace(place, candidate.place);
    return same && status === candidate.status && since === candidate.since && lentUntil === candidate.lentUntil;
  });
}

/** Whether a promotion may have run, or been under way, when something was found in its place or beside it. */
function ranThen(at: Instant, steps: readonly Step[]): boolean {
  return statusesAt(at, steps).some((status) => status !== undefined && running.has(status));
}

const running: ReadonlySet<Status> = new Set(["deployed", "restricted", "deploying", "loaned"]);

/** Of each finding, by its id, what is asked of its answers. */
type FindingsKnown = Map<unknown, ReturnType<typeof answerable>>;

function answerable(finding: LedgerRecord) {
  return { at: finding.at, action: bodyOf("intruder-found", finding).action };
}

function recheckAnswer(record: LedgerRecord, known: FindingsKnown, steps: readonly Step[]): string | undefined {
  const { id, at, type } = record;
  const { found } = bodyOf("intruder-gone", record);
  const finding = known.get(found);
  if (finding === undefined) return "It is about something that was never found.";
  if (!id.startsWith(`${found}/`)) return "It is about another finding than its id says.";
  if (at < addSeconds(finding.at, -clockToleranceSeconds)) return "It is about something that was not found yet.";
  if (type !== "take-back") return undefined;
  if (finding.action === "report") return "It was taken back, and was said to be reported and no more as it was found.";
  const { verdict } = bodyOf("take-back", record);
  const own = steps.map(({ after }) => after.verdict).filter((each) => each?.result === "PASSED");
  return verdict === undefined || own.some((each) => each?.sha256 === verdict)
    ? undefined
    : "What was put back is not what the promotion's verdict allows.";
}
