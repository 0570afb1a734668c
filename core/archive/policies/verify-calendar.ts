import { type CalendarOutcome, calendarAt } from "../../approval/calendar.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { ArchivedPolicies } from "../../policy/load-policies.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { everKnown, fittingNone, judgedBy, type KnownPolicies, readOrUndefined } from "./verify-policies.ts";
import { inForceIn, longestRunSeconds } from "./versions-in-force.ts";

/** What a record says of the freeze windows of its moment. */
type Said =
  | { readonly kind: "held"; readonly window: string; readonly until: string }
  | { readonly kind: "excepted"; readonly window: string; readonly reason: string }
  /** A verdict that names no exception: no window held then. */
  | { readonly kind: "free" }
  /** A deployment began: whoever began it may have looked before its run. */
  | { readonly kind: "begun" }
  /** Somebody approved, or lent a seat: whoever took it looked at that very instant. */
  | { readonly kind: "signed" };

/** A record that rests on the calendar of the policies in force, and what of that its own gates' policies tell. */
export interface OnTheCalendar {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly id: string;
  readonly at: Instant;
  readonly model: string;
  readonly target: string;
  readonly said: Said;
  /** The policies that judged the gates, where they say the same. */
  readonly settledBy?: Sha256;
}

/** The records of a promotion that rest on the calendar. A change of the policies is held up by none, nor what is lent. */
export async function onTheCalendar(
  steps: readonly Step[],
  records: readonly PromotionRecord[],
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<readonly OnTheCalendar[]> {
  const found: OnTheCalendar[] = [];
  const last = steps.at(-1);
  if (last === undefined || last.after.manifest.target.kind === "policy") return [];
  const { id: promotion, manifest } = last.after;
  const { model, target } = manifest;
  const told = [
    ...steps.map((step) => ({ record: step.record, index: step.index, said: saidIn(step) })),
    ...records.filter(({ record }) => isApproval(record)).map((each) => ({ ...each, said: signed })),
  ];
  for (const { record, index, said } of told) {
    if (said === undefined) continue;
    const judged = steps.findLast((step) => step.index <= index && wasJudged(step.record));
    const policy = judged === undefined ? undefined : judgedBy(judged).policy;
    const each = {
      promotion,
      index,
      id: record.id,
      at: record.at,
      model: model.name,
      target: target.name,
      said,
    };
    const policies = policy === undefined ? undefined : await readOrUndefined(policy, read, known);
    const settled = policy !== undefined && policies !== undefined && fits(policies, each);
    found.push(settled ? { ...each, settledBy: policy as Sha256 } : each);
  }
  return found;
}

const signed = { kind: "signed" } as const;

function isApproval(record: LedgerRecord): boolean {
  return (
    record.type === "loan-requested" || (record.type === "sign-off" && bodyOf("sign-off", record).result === "approve")
  );
}

function saidIn({ record, before }: Step): Said | undefined {
  switch (record.type) {
    case "held": {
      const { window, until } = bodyOf("held", record);
      if (window === undefined && until === undefined) return undefined;
      return { kind: "held", window: window ?? "", until: until ?? "" };
    }
    case "verdict": {
      const { result, exception } = bodyOf("verdict", record);
      if (result !== "PASSED" || before?.status === "loaned") return undefined;
      return exception === undefined ? { kind: "free" } : { kind: "excepted", ...exception };
    }
    case "deployment-started":
      return { kind: "begun" };
    default:
      return undefined;
  }
}

/**
 * Holds what records say of freeze windows against the policies in force then, where the log tells of all that ever were;
 * else it is untold where their own gates' policies do not say the same.
 *
 * @param activations every record that put policies in force, in the order of the log; none where not all are known
 */
export async function verifyCalendar(
  activations: readonly PromotionRecord[],
  records: readonly OnTheCalendar[],
  read: ReadDocument,
  known: KnownPolicies = everKnown,
): Promise<{
  readonly problems: readonly { readonly promotion: PromotionId; readonly index: number; readonly sentence: string }[];
  readonly unchecked: readonly Unchecked[];
}> {
  const versions = inForceIn(activations);
  if (versions.count === 0) {
    const untold = records.filter(({ settledBy }) => settledBy === undefined);
    return { problems: [], unchecked: untold.flatMap(untoldOf) };
  }
  const untold = records.filter(({ at, settledBy }) => !versions.mayBe(at).some(({ policy }) => policy === settledBy));
  const open = await fittingNone(versions, untold, { at: ({ at }) => at, fits }, read, known);
  return {
    problems: open.map(({ promotion, index, said }) => ({ promotion, index, sentence: sentences[said.kind] })),
    unchecked: [],
  };
}

const sentences: Readonly<Record<Said["kind"], string>> = {
  held: "It was held up by a freeze window that the policies in force then do not have.",
  excepted: "It names an exception from a freeze window that the policies in force then do not have.",
  free: "The verdict is PASSED in a freeze window of the policies in force then, or without the exception that let it pass.",
  begun: "The deployment began in a freeze window of the policies in force then.",
  signed: "It was signed in a freeze window of the policies in force then.",
};

/** Of records that name no window nothing was ever said; where one would have held them up, it is. */
function untoldOf({ promotion, id, said }: OnTheCalendar): readonly Unchecked[] {
  switch (said.kind) {
    case "held":
      return [
        {
          promotion,
          sentence: `Whether changes were frozen by '${said.window}' is told by '${id}' alone: the calendar of that time is not here.`,
        },
      ];
    case "excepted":
      return [
        {
          promotion,
          sentence: `Whether the freeze window '${said.window}' had an exception for it is told by '${id}' alone: the calendar of that time is not here, and the verdict itself does not say it.`,
        },
      ];
    case "free":
    case "begun":
    case "signed":
      return [];
    default:
      return said satisfies never;
  }
}

function fits({ matrix }: ArchivedPolicies, { model, target, at, said }: OnTheCalendar): boolean {
  const now = (instant: Instant): CalendarOutcome =>
    calendarAt(matrix.freezeWindows ?? [], { model: { name: model }, target: { name: target } }, instant);
  const calendar = now(at);
  switch (said.kind) {
    case "held":
      return calendar.kind === "frozen" && calendar.window === said.window && calendar.until === said.until;
    case "excepted":
      return calendar.kind === "excepted" && calendar.window === said.window && calendar.reason === said.reason;
    case "free":
      return calendar.kind === "free";
    case "begun":
      return calendar.kind !== "frozen" || now(addSeconds(at, -longestRunSeconds)).kind !== "frozen";
    case "signed":
      return calendar.kind !== "frozen";
    default:
      return said satisfies never;
  }
}
