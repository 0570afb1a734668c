import { inRecordedOrder } from "../approval/approval-input.ts";
import { type ApprovalOutcome, approvalOutcome } from "../approval/evaluate-approval.ts";
import { excludedPeople } from "../approval/exclusions.ts";
import { approvalInputOf, stageDeadline, verificationGraceSeconds } from "../approval/promotion-approval.ts";
import type { Requirements } from "../approval/requirements.ts";
import { type Passkey, timesOf, withStandingPasskeys } from "../attestation/recorded-passkey.ts";
import { canonicalJson, sameJson } from "../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { LedgerRecord } from "../promotion/fact.ts";
import { identityKey } from "../promotion/identity.ts";
import { isLent } from "../promotion/lending.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { byOneOf } from "./by-one-of.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { PeopleThen } from "./people-then.ts";
import { confirmedByOthers, type PeopleTold } from "./people-told.ts";
import type { Step } from "./replay-promotion.ts";
import type { HeldSignOff } from "./verify-sign-offs.ts";

/** Two functions' clocks may differ by this much; and a sign-off may be recorded while another is being counted. */
export const clockToleranceSeconds = 5;

/** What is wrong with a decision, and the record that says it. */
export interface ReviewProblem {
  readonly code: "quorum-differs" | "order";
  readonly index: number;
  readonly sentence: string;
  readonly open?: { readonly since: Instant; readonly due: Instant };
}

/**
 * Decides again whatever was decided about a promotion, from the sign-offs that held and the archived requirements:
 * stages, rejections, and that everything still stood when the verdict was signed, passkeys included. Entitlement is
 * judged by the groups in the ID tokens, who is whom by the identities and addresses in them and by people.yaml of the
 * policies that judged. The verdict is judged by what the directory told then as well, where that was kept.
 */
export function recheckReview(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  {
    people,
    passkeys,
    meanwhile = () => [],
  }: {
    readonly people: PeopleTold;
    readonly passkeys: ReadonlyMap<Sha256, Passkey>;
    /** By which what is lent may have been stopped besides. */
    readonly meanwhile?: (step: Step) => readonly Requirements[];
  },
): readonly ReviewProblem[] {
  return steps.flatMap((step) => {
    const { record, index, before, requirements } = step;
    if (before === undefined || requirements === undefined) return [];
    const wrong = (sentences: readonly (string | undefined)[]): readonly ReviewProblem[] =>
      [...new Set(sentences)].flatMap((sentence) =>
        sentence === undefined ? [] : [{ code: "quorum-differs", index, sentence }],
      );
    const judge = (those: PeopleThen, signed = held, by = requirements) => judgeOf(before, by, signed, those);
    switch (record.type) {
      case "stage-decided":
        return wrong(
          byOneOf(people.asDecided(step), (those) => [
            barred(step, those),
            judge(those)(record.at, (outcome) => decidedAs(step, outcome)),
          ]),
        );
      case "rejected": {
        const rules = isLent(before) ? [requirements, ...meanwhile(step)] : [requirements];
        const ways = people.asDecided(step).flatMap((those) => rules.map((by) => ({ those, by })));
        return wrong(
          byOneOf(ways, ({ those, by }) => [judge(those, held, by)(record.at, (outcome) => rejectedAs(step, outcome))]),
        );
      }
      case "verdict": {
        if (bodyOf("verdict", record).result !== "PASSED" || isOfLoan(record)) return [];
        const those = people.asVerified(step);
        const used = [...held.map(({ signOff }) => signOff), ...those.delegations];
        const confirmed = confirmedByOthers(passkeys, used, those);
        const standing = withPasskeysAt(held, confirmed, record.at);
        const standingIn = delegatedAt(those, confirmed, record.at);
        return wrong([barred(step, those), judge(standingIn, standing)(record.at, stillReached)]);
      }
      default:
        return [];
    }
  });
}

/** Whether a verdict is that of a loan: its quorum was not reached, and it says so. */
export function isOfLoan(record: LedgerRecord): boolean {
  return record.type === "verdict" && bodyOf("verdict", record).loan === true;
}

/** The sign-offs as they count in one of a promotion's reviews: what is kept there, no more where it was given. */
export function signOffsIn(held: readonly HeldSignOff[], review: number): readonly SignOff[] {
  const kept = held.filter((each) => each.kept === true && each.signOff.review === review);
  const ids = new Set(kept.map(({ signOff }) => signOff.id));
  const given = held.filter((each) => each.kept === undefined && !ids.has(each.signOff.id));
  return [...given, ...kept].map(({ signOff }) => signOff);
}

/** The sign-offs as they count once passkeys that were surely revoked by then are gone. */
export function withPasskeysAt(
  held: readonly HeldSignOff[],
  passkeys: ReadonlyMap<Sha256, Passkey>,
  at: Instant,
): readonly HeldSignOff[] {
  const times = standingTimes(passkeys);
  const signOffs = held.map(({ signOff }) => signOff);
  const surely = addSeconds(at, -clockToleranceSeconds);
  return withStandingPasskeys(signOffs, times, surely).flatMap((signOff, index) => {
    const each = held[index];
    // What stood when it was recorded may have been confirmed within the tolerance.
    if (each === undefined || signOff.recordedAt > surely) return each ?? [];
    return { ...each, signOff };
  });
}

/** The people as they count once the passkeys that delegated are gone which were surely revoked by then. */
function delegatedAt(people: PeopleThen, passkeys: ReadonlyMap<Sha256, Passkey>, at: Instant): PeopleThen {
  const { delegations } = people;
  if (delegations.every(({ passkey }) => passkey === undefined)) return people;
  const surely = addSeconds(at, -clockToleranceSeconds);
  return { ...people, delegations: withStandingPasskeys(delegations, standingTimes(passkeys), surely) };
}

function standingTimes(passkeys: ReadonlyMap<Sha256, Passkey>) {
  return new Map([...passkeys].map(([id, passkey]) => [id, timesOf(passkey)]));
}

/**
 * Judges the sign-offs that were there at an instant. One that was recorded in the last seconds may or may not have
 * been seen by whoever decided then: the decision holds if it follows from what was seen either way.
 */
function judgeOf(before: Promotion, requirements: Requirements, held: readonly HeldSignOff[], people: PeopleThen) {
  const ordered = inRecordedOrder(signOffsIn(held, before.review));
  return (at: Instant, wrong: (outcome: ApprovalOutcome) => string | undefined): string | undefined => {
    const surely = addSeconds(at, -clockToleranceSeconds);
    const perhaps = addSeconds(at, clockToleranceSeconds);
    const least = ordered.filter(({ recordedAt }) => recordedAt <= surely).length;
    const most = ordered.filter(({ recordedAt }) => recordedAt <= perhaps).length;
    let first: string | undefined;
    for (let count = most; count >= least; count -= 1) {
      const input = approvalInputOf(before, requirements, {
        ...people,
        signOffs: ordered.slice(0, count),
        now: at,
      });
      const sentence = wrong(approvalOutcome(input));
      if (sentence === undefined) return undefined;
      first ??= sentence;
    }
    return first;
  };
}

function decidedAs({ record }: Step, outcome: ApprovalOutcome): string | undefined {
  const { stage, seats } = bodyOf("stage-decided", record);
  const recorded = { index: stage, seats };
  if (outcome.kind === "reached") {
    return sameJson(outcome.settled, recorded)
      ? undefined
      : `Stage ${stage} was recorded as decided with other seats than its sign-offs fill.`;
  }
  const why =
    outcome.kind === "rejected"
      ? "they come to a rejection"
      : `nobody fills the seat of ${outcome.missing.join(" and ")}`;
  return `Stage ${stage} was recorded as decided, but its sign-offs do not decide it: ${why}.`;
}

function rejectedAs({ record }: Step, outcome: ApprovalOutcome): string | undefined {
  const { by } = bodyOf("rejected", record);
  const keys = (people: typeof by) => canonicalJson(people.map(identityKey).toSorted());
  if (outcome.kind === "rejected" && keys(outcome.by.map(({ identity }) => identity)) === keys(by)) return undefined;
  return "A rejection was recorded that the sign-offs do not come to.";
}

function stillReached(outcome: ApprovalOutcome): string | undefined {
  switch (outcome.kind) {
    case "reached":
      return outcome.next === undefined ? undefined : "The verdict is PASSED, but a stage was never decided.";
    case "open":
      return `The verdict is PASSED, but nobody fills the seat of ${outcome.missing.join(" and ")}.`;
    case "rejected":
      return "The verdict is PASSED, although the promotion was rejected before.";
    default:
      return outcome satisfies never;
  }
}

/** Separation of duties, said by itself: whoever had a hand in the candidate fills no seat of it. */
function barred({ record, before, requirements }: Step, { members, people }: PeopleThen): string | undefined {
  if (before === undefined || requirements === undefined) return undefined;
  const { excluded } = excludedPeople({
    manifest: before.manifest,
    startedBy: before.startedBy,
    duties: requirements.rule.excludes,
    members,
    people,
  });
  const seats =
    record.type === "stage-decided"
      ? bodyOf("stage-decided", record).seats
      : before.settled.flatMap((settled) => settled.seats);
  for (const { person, role } of seats) {
    const hand = excluded.get(identityKey(person));
    if (hand !== undefined) return `Separation of duties: ${person.subject}, who ${hand}, fills the seat of ${role}.`;
  }
  return undefined;
}

/** Times that must follow each other: opening, sign-off, decision, verdict, deployment, expiry. */
export function recheckTimes(steps: readonly Step[], held: readonly HeldSignOff[]): readonly ReviewProblem[] {
  return [
    ...held.flatMap(({ signOff, kept }) => {
      // When it was given is told by the earlier candidate's records; how old it may be was asked as it was kept.
      const sentence = kept === true ? undefined : signOffOutOfTime(signOff, steps);
      const index = steps[0]?.index ?? 0;
      return sentence === undefined ? [] : [{ code: "order" as const, index, sentence: `${sentence} (${signOff.id})` }];
    }),
    ...steps.flatMap((step) => {
      const sentence = stepOutOfTime(step);
      return sentence === undefined ? [] : [{ code: "order" as const, index: step.index, sentence }];
    }),
  ];
}

function signOffOutOfTime(signOff: SignOff, steps: readonly Step[]): string | undefined {
  const { recordedAt: at, result } = signOff;
  const opened = steps.findLast(
    ({ record, after }) =>
      record.type === "stage-opened" &&
      after.review === signOff.review &&
      after.stage?.index === signOff.stage &&
      record.at <= later(at),
  );
  if (opened?.after.stage === undefined) return "A sign-off was recorded before its stage was opened";
  // A release that is taken back takes its verdict along: from then on it may be rejected again, opened anew or not.
  const stands = steps.some(
    ({ record, index }) =>
      record.type === "verdict" &&
      !isOfLoan(record) &&
      index > opened.index &&
      later(record.at) < at &&
      !steps.some((taken) => taken.index > index && "breach" in taken.record.body && taken.record.at <= later(at)),
  );
  if (stands) return "A sign-off was recorded after the verdict";
  // A loan gives the review another end: its own.
  const lent = steps.find(({ record, index }) => record.type === "loan" && index > opened.index)?.after;
  if (at >= later((lent ?? opened.after).expiresAt)) return "A sign-off was recorded after the promotion had expired";
  if (result === "reject") return undefined;
  const { stage } = opened.after;
  if (at >= later(lent?.loan?.until ?? stage.deadline)) return "A sign-off was recorded after its stage was over";
  const decided = steps.find(
    ({ record, index }) =>
      record.type === "stage-decided" && index > opened.index && record.body["stage"] === signOff.stage,
  );
  if (decided !== undefined && later(decided.record.at) < at)
    return "A sign-off was recorded after its stage was decided";
  const minimum = opened.requirements?.rule.stages[stage.index]?.minimumReviewSeconds ?? 0;
  if (result === "approve" && later(at) < addSeconds(stage.openedAt, minimum)) {
    return `A sign-off was recorded before the ${minimum} seconds that its stage takes for review`;
  }
  return undefined;
}

function stepOutOfTime({ record, before, requirements }: Step): string | undefined {
  if (before === undefined) return undefined;
  const earlier = before.history.at(-1);
  if (earlier !== undefined && later(record.at) < earlier.at) {
    return `'${record.id}' says ${record.at}, which is before '${earlier.id}', which it follows.`;
  }
  switch (record.type) {
    case "stage-opened": {
      const { stage: index, deadline } = bodyOf("stage-opened", record);
      const stage = requirements?.rule.stages[index];
      const latest = stage === undefined ? before.expiresAt : stageDeadline(stage, before, record.at);
      return deadline <= latest
        ? undefined
        : `The stage '${stage?.name ?? index}' was given more time than its rule has.`;
    }
    // When a stage was decided matters to nobody: its sign-offs must have come in time, and each is checked for that.
    case "verdict":
      return bodyOf("verdict", record).result === "PASSED" &&
        !isOfLoan(record) &&
        record.at >= later(addSeconds(before.expiresAt, verificationGraceSeconds))
        ? "The verdict is PASSED, but the promotion had expired."
        : undefined;
    default:
      return undefined;
  }
}

function later(at: Instant): Instant {
  return addSeconds(at, clockToleranceSeconds);
}
