import { type Instant, msOfInstant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import { wasJudged } from "../documents/was-judged.ts";
import { attempt, type Found } from "../history/promotion-history.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { type OnTheCalendar, onTheCalendar } from "../policies/verify-calendar.ts";
import { type DoneUnder, doneUnder } from "../policies/verify-in-force.ts";
import { hasPassed, type JudgedBy, judgedBy } from "../policies/verify-policies.ts";
import { type ByRule, byRule } from "../policies/verify-remedy-rules.ts";
import { type Request, requestOf } from "../policies/verify-requests.ts";
import { type Submitted, submittedElsewhere } from "../policies/verify-submitted.ts";
import type { VersionsInForce } from "../policies/versions-in-force.ts";
import type { OpenDecisions } from "./open-decisions.ts";

/** What of a promotion rests on the policies of its moment. */
export interface RestsOnPolicies {
  readonly judgedBy: readonly JudgedBy[];
  /** Under what it was asked for, where its request says so. */
  readonly request?: Request;
  /** What of its submission its own gates do not settle. */
  readonly submitted?: Submitted;
  readonly done: readonly DoneUnder[];
  readonly calendar: readonly OnTheCalendar[];
  /** What was decided otherwise than by the policies that its records name. */
  readonly decided?: OpenDecisions;
  /** What its records announce about what runs; absent where that is nothing. */
  readonly announced?: readonly ByRule[];
  /** That its verdict names other policies than its gates, which the whole log would tell of. */
  readonly byOthers?: Unchecked;
}

export const restsOnNone: RestsOnPolicies = { judgedBy: [], done: [], calendar: [] };

/** What of a promotion's life rests on policies. What cannot be read of it is told to `found`. */
export async function restsOnPolicies(
  steps: readonly Step[],
  records: readonly PromotionRecord[],
  manifest: FreezeManifest | undefined,
  read: ReadDocument,
  found: Found,
): Promise<RestsOnPolicies> {
  const [first] = steps;
  if (first === undefined) return restsOnNone;
  const readable = <Value>(act: () => Promise<Value>) => attempt("policy-differs", recordPath(first.index), found, act);
  const request = await readable(() => requestOf(steps, manifest !== undefined, read));
  const submitted = await readable(() => submittedElsewhere(steps, manifest, read));
  const calendar = await readable(() => onTheCalendar(steps, records, read));
  const done = await readable(async () => doneUnder(steps));
  // What cannot be read of it is told where it stands.
  const announced = await attempt(
    "life-cycle",
    "",
    () => {},
    async () => byRule(steps, records),
  );
  return {
    judgedBy: steps.filter(({ record }) => wasJudged(record) || hasPassed(record)).map(judgedBy),
    ...(request === undefined ? {} : { request }),
    ...(submitted === undefined ? {} : { submitted }),
    done: done ?? [],
    calendar: calendar ?? [],
    ...(announced === undefined || announced.length === 0 ? {} : { announced }),
  };
}

/**
 * The same, as it is told of each of a great many promotions: mostly one version of the policies settles all of it, wherever
 * that was in force from the first to the last of what rests on it. `told`: where it takes more than one to say.
 */
export type UnderPolicies =
  | { readonly kind: "settled"; readonly policy: Sha256; readonly from: Instant; readonly until: Instant }
  | ({ readonly kind: "told" } & RestsOnPolicies);

/** What a promotion need tell of what rests on policies. */
export function underPolicies(rests: RestsOnPolicies): UnderPolicies {
  const { request, submitted, done, calendar, decided, announced, byOthers } = rests;
  const policy = rests.judgedBy[0]?.policy;
  const told = {
    kind: "told",
    judgedBy: rests.judgedBy,
    ...(request === undefined ? {} : { request }),
    ...(submitted === undefined ? {} : { submitted }),
    done,
    calendar,
    ...(decided === undefined ? {} : { decided }),
    ...(announced === undefined ? {} : { announced }),
    ...(byOthers === undefined ? {} : { byOthers }),
  } as const;
  const settled =
    policy !== undefined &&
    submitted === undefined &&
    decided === undefined &&
    announced === undefined &&
    (request === undefined || request.settledBy === policy) &&
    rests.judgedBy.every((each) => each.policy === policy) &&
    done.every((each) => each.policy === policy && !each.steps.some(({ reopens }) => reopens)) &&
    calendar.every((each) => each.settledBy === policy);
  if (!settled) return told;
  const moments = [
    ...(request === undefined ? [] : [request.at]),
    ...rests.judgedBy.map(({ at }) => at),
    ...done.flatMap(({ steps }) => steps.map(({ at }) => at)),
    ...calendar.map(({ at }) => at),
  ].toSorted();
  const [from, until] = [moments[0], moments.at(-1)];
  return from === undefined || until === undefined ? told : { kind: "settled", policy, from, until };
}

/** Whether the version that settles what a promotion rests on may have been in force all that time. */
export function wasInForce(
  { policy, from, until }: Extract<UnderPolicies, { kind: "settled" }>,
  { mayBe }: VersionsInForce,
): boolean {
  // At one place of the log's order: whatever holds at both ends holds between them.
  const end = msOfInstant(until);
  return mayBe(from).some((version) => version.policy === policy && version.from <= end && end <= version.until);
}
