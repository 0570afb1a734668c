import { authorsOf } from "../approval/people-snapshot.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { nothingToOthers, type ToldToOthers, toldToOthers } from "./beside/told-to-others.ts";
import { attempt, attemptNow, type Found, promotionHistory } from "./history/promotion-history.ts";
import type { PackFinding, PackFindingCode, Unchecked } from "./pack/pack-findings.ts";
import { recordPath } from "./pack/pack-layout.ts";
import type { PromotionRecord } from "./pack/promotion-file.ts";
import { peopleAsSigned } from "./people/people-then.ts";
import { peopleTold } from "./people/people-told.ts";
import type { ToldSignOff } from "./people/verify-sign-offs.ts";
import type { PromotionInput } from "./promotion/promotion-input.ts";
import { ranLonger } from "./promotion/ran-longer.ts";
import { stoppedUntold } from "./promotion/stopped-untold.ts";
import { type RestsOnPolicies, restsOnNone, restsOnPolicies } from "./promotion/under-policies.ts";
import { verifiedByOthers } from "./promotion/verified-by-others.ts";
import { type Decisions, recheckLent, recheckReviews } from "./promotion/verify-decisions.ts";
import { recheckIntruders } from "./promotion/verify-intruders.ts";
import { keptInReviews } from "./promotion/verify-kept-in-review.ts";
import { recheckLentSeats } from "./promotion/verify-lent-seats.ts";
import { recheckPassports } from "./promotion/verify-passports.ts";
import { namesAuthorsUntold, peopleKept, peopleNamed, recheckPeople } from "./promotion/verify-people.ts";
import { endedOtherwise, rejectedWhileLent } from "./promotion/verify-rejections.ts";
import { recheckRepeated } from "./promotion/verify-repeated.ts";
import { recheckReports } from "./promotion/verify-reports.ts";
import { isOfLoan } from "./promotion/verify-review.ts";
import { escalatedUntold, orderUntold, restedUntold } from "./promotion/verify-signed-at.ts";
import { recheckStep } from "./promotion/verify-step.ts";
import { recheckTimes } from "./promotion/verify-times.ts";
import { whatCannotBeTold } from "./promotion/what-cannot-be-told.ts";
import { lendersOf, signOffsOf } from "./promotion/who-signed.ts";

export interface PromotionResult extends RestsOnPolicies {
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
  /** As it stands at the end of its records; absent where not even the request could be read. */
  readonly end?: Promotion;
  readonly signOffs: number;
  /** What the sign-offs and verdicts that held say, by the places of their records. */
  readonly told: ReadonlyMap<number, ToldSignOff>;
  readonly besides: ToldToOthers;
}

/**
 * Verifies everything that is recorded about one promotion, as if nobody had checked anything before: each signature,
 * the gates and the quorum from the archived policy and evidence, the life cycle, the times, the verdict.
 */
export async function verifyPromotion(input: PromotionInput): Promise<PromotionResult> {
  const { promotion, records, read } = input;
  const findings: PackFinding[] = [];
  const found = (code: PackFindingCode, path: string, sentence: string) =>
    void findings.push({ code, path, promotion, sentence });

  const { history, manifest, steps, stopped } = await promotionHistory(promotion, records, read, found);
  const signOffs = records.filter(({ record }) => record.type === "sign-off").length;
  // What everything rests on cannot be read here: whatever else did not add up would be for that reason.
  if (findings.some(({ code }) => code === "newer-version"))
    return { ...restsOnNone, findings, unchecked: [], signOffs, told: new Map(), besides: nothingToOthers };
  if (stopped !== undefined) found("life-cycle", pathOf(history, stopped.record.id), stopped.sentence);

  const told = new Map<number, ToldSignOff>();
  const { given, untold: signInsUntold } = await signOffsOf(input, steps, told, found);
  const held = [...given, ...keptInReviews(steps, given)];
  const lenders = await lendersOf(input, steps, found);
  const { passkeys, delegations } = input.trust;
  const own = peopleAsSigned([...held, ...lenders], delegations);
  const end = steps.at(-1)?.after;
  const authors = end === undefined ? [] : authorsOf(end.manifest, end.startedBy);
  const named = await peopleNamed(steps, read, found);
  const snapshots = await peopleKept(steps, read, found);
  const people = peopleTold({ own, authors, named, kept: snapshots });
  for (const step of steps) {
    await recheckStep(step, { input, manifest, held, lenders, people, told, found });
    const path = recordPath(step.index);
    const signed = { kept: snapshots.get(step.index), named, held, lenders, authors };
    const sentence = attemptNow("quorum-differs", path, found, () => recheckPeople(step, signed));
    if (sentence !== undefined) found("quorum-differs", path, sentence);
  }
  const first = recordPath(records[0]?.index ?? 0);
  const decisions: Decisions = { steps, held, lenders, passkeys, own, authors, named, kept: snapshots };
  const reviewed = attemptNow("quorum-differs", first, found, () => recheckReviews(decisions));
  const lent = attemptNow("loan-invalid", first, found, () => recheckLent(decisions));
  const open = [...(reviewed ?? []), ...(lent ?? [])];
  const seats = attemptNow("loan-invalid", first, found, () =>
    recheckLentSeats(steps, { held, people, passkeys, told }),
  );
  for (const { index, sentence } of seats?.problems ?? []) found("loan-invalid", recordPath(index), sentence);
  const times = attemptNow("quorum-differs", first, found, () => recheckTimes(steps, held));
  for (const { code, index, sentence } of times ?? []) found(code, recordPath(index), sentence);
  const passports = attemptNow("deployment-unapproved", first, found, () => recheckPassports(records, steps));
  for (const { index, sentence } of passports ?? []) found("deployment-unapproved", recordPath(index), sentence);
  const reports = attemptNow("deployment-differs", first, found, () => recheckReports(records, steps));
  for (const { index, sentence } of reports ?? []) found("deployment-differs", recordPath(index), sentence);
  const intruders = await attempt("deployment-differs", first, found, () => recheckIntruders(records, steps, read));
  for (const { index, sentence } of intruders ?? []) found("deployment-differs", recordPath(index), sentence);
  const repeated = attemptNow("life-cycle", first, found, () => recheckRepeated(records, steps));
  for (const { code, index, sentence } of repeated ?? []) found(code, recordPath(index), sentence);
  const rejectedAt = attemptNow("loan-invalid", first, found, () =>
    rejectedWhileLent(steps, held, people, named.length > 0),
  );
  const untold = attemptNow("quorum-differs", first, nowhere, () => namesAuthorsUntold(steps, people));
  const whole = { records, steps, held, people, manifest, read, ...(rejectedAt === undefined ? {} : { rejectedAt }) };
  const last = steps.findLast(({ record }) => record.type === "verdict" && !isOfLoan(record));
  const ofPeople = { kept: last !== undefined && snapshots.has(last.index), policies: named.length > 0 };
  const unchecked = end === undefined ? [] : whatCannotBeTold(input, end, steps, ofPeople);
  const otherwise = attemptNow("quorum-differs", first, found, () => endedOtherwise(steps, held, people));
  const asked = steps.flatMap((step) => (step.record.type === "stage-opened" ? people.asDecided(step) : []));
  const longer = attemptNow("loan-invalid", first, found, () => ranLonger(steps, held));
  const escalated = attemptNow("quorum-differs", first, nowhere, () => escalatedUntold(held, steps));
  const atOnce = attemptNow("quorum-differs", first, nowhere, () => stoppedUntold(held, steps, asked));
  const byOthers = attemptNow("quorum-differs", first, nowhere, () => verifiedByOthers(promotion, decisions));
  return {
    findings,
    unchecked: [
      ...unchecked,
      ...[...signInsUntold, ...lenders.flatMap((each) => each.untold ?? [])].map((sentence) => ({
        promotion,
        sentence,
      })),
      ...orderUntold(held, asked),
      ...restedUntold(held, lenders, input.trust),
      ...(atOnce ?? []),
      ...(escalated ?? []),
      ...(longer ?? []),
      ...(seats?.untold ?? []).map((sentence) => ({ promotion, sentence })),
      ...(otherwise === undefined ? [] : [{ promotion, sentence: otherwise }]),
    ],
    signOffs,
    told,
    ...(await restsOnPolicies(steps, records, manifest, read, found)),
    ...(byOthers === undefined ? {} : { byOthers }),
    ...(open.length === 0 ? {} : { decided: { ...decisions, promotion, problems: open } }),
    besides: { ...(await toldToOthers(whole, first)), ...(untold === true ? { authorsUntold: true } : {}) },
    ...(end === undefined ? {} : { end }),
  };
}

/** What cannot be read is said where it stands. */
const nowhere: Found = () => {};

function pathOf(history: readonly PromotionRecord[], id: string): string {
  return recordPath(history.find(({ record }) => record.id === id)?.index ?? 0);
}
