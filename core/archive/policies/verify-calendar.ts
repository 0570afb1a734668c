import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { ArchivedPolicies } from "../../policy/load-policies.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { wasJudged } from "../documents/was-judged.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { type CalendarFit, calendarFit, type SaidOfWindows, unknownZones } from "./calendar-fit.ts";
import {
  everKnown,
  fittingNone,
  judgedBy,
  type KnownPolicies,
  type PoliciesThen,
  readOrUndefined,
} from "./verify-policies.ts";
import { inForceIn } from "./versions-in-force.ts";

/** A record that rests on the calendar of the policies in force, and what of that its own gates' policies tell. */
export interface OnTheCalendar {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly id: string;
  readonly at: Instant;
  readonly model: string;
  readonly target: string;
  readonly said: SaidOfWindows;
  /** The policies that judged the gates, or those that a verdict itself names, where they say the same. */
  readonly settledBy?: Sha256;
  /** What those say, where they are here and say something else. */
  readonly otherwise?: {
    readonly fit: Exclude<CalendarFit, "fits">;
    readonly ofVerdict: boolean;
    /** Zones of theirs that the reader's time zone database does not have. */
    readonly zones: readonly string[];
  };
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
  // Mostly one version for all of them.
  const versions = new Map<Sha256, PoliciesThen | undefined>();
  for (const { record, index, said } of told) {
    if (said === undefined) continue;
    const judged = steps.findLast((step) => step.index <= index && wasJudged(step.record));
    const own = record.type === "verdict" ? bodyOf("verdict", record).policy : undefined;
    const policy = own ?? (judged === undefined ? undefined : judgedBy(judged).policy);
    const each = {
      promotion,
      index,
      id: record.id,
      at: record.at,
      model: model.name,
      target: target.name,
      said,
    };
    if (policy !== undefined && !versions.has(policy)) versions.set(policy, await readOrUndefined(policy, read, known));
    const policies = policy === undefined ? undefined : versions.get(policy);
    const fit = policies === undefined ? undefined : fitOf(policies, each);
    if (fit === "fits") found.push({ ...each, settledBy: policy as Sha256 });
    else if (policies === undefined || fit === undefined) found.push(each);
    else found.push({ ...each, otherwise: { fit, ofVerdict: own !== undefined, zones: zonesOf(policies, each) } });
  }
  return found;
}

const signed = { kind: "signed" } as const;

function isApproval(record: LedgerRecord): boolean {
  return (
    record.type === "loan-requested" || (record.type === "sign-off" && bodyOf("sign-off", record).result === "approve")
  );
}

function saidIn({ record, before }: Step): SaidOfWindows | undefined {
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
 * else it is untold where their own gates' policies do not say the same. A verdict is signed by the policies that it names.
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
  const [wrong, rest] = [records.filter(isWrong), records.filter((each) => !isWrong(each))];
  const problems = (those: readonly OnTheCalendar[]) =>
    those.map(({ promotion, index, said }) => ({ promotion, index, sentence: sentences[said.kind] }));
  if (versions.count === 0) {
    const untold = rest.filter(({ settledBy }) => settledBy === undefined);
    return { problems: problems(wrong), unchecked: untoldOf(untold) };
  }
  const untold = rest.filter(({ at, settledBy }) => !versions.mayBe(at).some(({ policy }) => policy === settledBy));
  const when = ({ at }: OnTheCalendar) => at;
  const fits = (policies: ArchivedPolicies, each: OnTheCalendar) => fitOf(policies, each) === "fits";
  const open = await fittingNone(versions, untold, { at: when, fits }, read, known);
  const byWhich = new Map<OnTheCalendar, readonly string[]>();
  const byAnother = (policies: ArchivedPolicies, each: OnTheCalendar) => {
    const fit = fitOf(policies, each);
    if (fit === "zone-unknown") byWhich.set(each, zonesOf(policies, each));
    return fit !== "differs";
  };
  const none = new Set(await fittingNone(versions, open, { at: when, fits: byAnother }, read, known));
  const ofClock = open.filter((each) => !none.has(each) && !byWhich.has(each));
  return {
    problems: problems([...wrong, ...none]),
    unchecked: [...once(ofClock, ({ id }) => clockUntold(id)), ...zonesUntold(byWhich)],
  };
}

/** A verdict that its own policies do not have so, by no clock. */
function isWrong({ otherwise }: OnTheCalendar): boolean {
  return otherwise?.ofVerdict === true && otherwise.fit === "differs";
}

function fitOf({ matrix }: ArchivedPolicies, each: OnTheCalendar): CalendarFit {
  return calendarFit(matrix.freezeWindows ?? [], each);
}

function zonesOf({ matrix }: ArchivedPolicies, { target }: OnTheCalendar): readonly string[] {
  return unknownZones(matrix.freezeWindows ?? [], target);
}

const sentences: Readonly<Record<SaidOfWindows["kind"], string>> = {
  held: "It was held up by a freeze window that the policies in force then do not have.",
  excepted: "It names an exception from a freeze window that the policies in force then do not have.",
  free: "The verdict is PASSED in a freeze window of the policies in force then, or without the exception that let it pass.",
  begun: "The deployment began in a freeze window of the policies in force then.",
  signed: "It was signed in a freeze window of the policies in force then.",
};

/** What is said of the first of each promotion, for all of them. */
function once(records: readonly OnTheCalendar[], sentence: (first: OnTheCalendar) => string): readonly Unchecked[] {
  const own = Map.groupBy(records, ({ promotion }) => promotion);
  return [...own].flatMap(([promotion, [first]]) =>
    first === undefined ? [] : [{ promotion, sentence: sentence(first) }],
  );
}

function clockUntold(id: string): string {
  return `What '${id}' says of freeze windows is so by a clock that differs by half an hour or an hour from what this reader's time zone database says of a window's zone, and not by that: databases change, and the service may have had another.`;
}

function zonesUntold(records: ReadonlyMap<OnTheCalendar, readonly string[]>): readonly Unchecked[] {
  const named = (each: OnTheCalendar) => (records.get(each) ?? []).map((zone) => `'${zone}'`).join(" and ");
  return once(
    [...records.keys()],
    (first) =>
      `Whether changes were frozen at '${first.id}' cannot be told here: this reader's time zone database does not have ${named(first)}, in which a freeze window of its policies has its times; a newer one may.`,
  );
}

function windowUntold(id: string): string {
  return `Whether changes were frozen at '${id}': by the policies of its own gates they were, and whether others were in force by then is told by the whole log.`;
}

/** Of records that name no window something is said where their own gates' policies have one. */
function untoldOf(records: readonly OnTheCalendar[]): readonly Unchecked[] {
  const ofClock = records.filter(({ otherwise }) => otherwise?.fit === "by-another-clock");
  const ofZone = new Map(
    records.flatMap((each) => (each.otherwise?.fit === "zone-unknown" ? [[each, each.otherwise.zones] as const] : [])),
  );
  const others = records.filter((each) => !ofClock.includes(each) && !ofZone.has(each));
  const named = others.flatMap(({ promotion, id, said }): readonly Unchecked[] => {
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
  });
  const frozen = others.filter(({ otherwise, said }) => otherwise !== undefined && !("window" in said));
  return [
    ...named,
    ...once(ofClock, ({ id }) => clockUntold(id)),
    ...zonesUntold(ofZone),
    ...once(frozen, ({ id }) => windowUntold(id)),
  ];
}
