import { type ApprovalOutcome, approvalOutcome } from "../../approval/evaluate-approval.ts";
import { excludedPeople } from "../../approval/exclusions.ts";
import { approvalInputOf } from "../../approval/promotion-approval.ts";
import type { Requirements } from "../../approval/requirements.ts";
import type { Passkey } from "../../attestation/recorded-passkey.ts";
import { canonicalJson, sameJson } from "../../encoding/canonical-json.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { type Identity, identityKey } from "../../promotion/identity.ts";
import { isLent } from "../../promotion/lending.ts";
import { isObjection } from "../../promotion/objection.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { byOneOf } from "../documents/by-one-of.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PeopleThen } from "../people/people-then.ts";
import { confirmedByOthers, type PeopleTold } from "../people/people-told.ts";
import { withPasskeysAt } from "../people/standing-passkeys.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { type Basis, whatWasSeenOf } from "./what-was-seen.ts";

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
          byOneOf(people.asDecided(step), (those) => {
            const settled = bodyOf("stage-decided", record);
            const decided = (signed: readonly HeldSignOff[]) =>
              judge(those, signed)(record.at, isSeatedIn([settled]), (outcome) => decidedAs(step, outcome));
            const sentence = decided(held);
            const unknown = those.members.every(({ address }) => address === "") || !passedAfter(steps, index);
            const untold = sentence !== undefined && unknown;
            return [barred(step, those), untold ? decided(byThoseSeated(held, settled)) : sentence];
          }),
        );
      case "rejected": {
        const rules = isLent(before) ? [requirements, ...meanwhile(step)] : [requirements];
        const ways = people.asDecided(step).flatMap((those) => rules.map((by) => ({ those, by })));
        return wrong(
          byOneOf(ways, ({ those, by }) => [
            judge(those, held, by)(record.at, isRejectedBy(record), (outcome) => rejectedAs(step, outcome)),
          ]),
        );
      }
      case "verdict": {
        if (bodyOf("verdict", record).result !== "PASSED" || isOfLoan(record)) return [];
        const those = people.asVerified(step);
        const used = [...held.map(({ signOff }) => signOff), ...those.delegations];
        const confirmed = confirmedByOthers(passkeys, used, those);
        const standing = heldWithPasskeysAt(held, confirmed, record.at);
        const standingIn = delegatedAt(those, confirmed, record.at);
        return wrong([
          barred(step, those),
          judge(standingIn, standing)(record.at, isSeatedIn(before.settled), stillReached),
        ]);
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
export function heldWithPasskeysAt(
  held: readonly HeldSignOff[],
  passkeys: ReadonlyMap<Sha256, Passkey>,
  at: Instant,
): readonly HeldSignOff[] {
  const signOffs = withPasskeysAt(
    held.map(({ signOff }) => signOff),
    passkeys,
    at,
  );
  return held.map((each, index) => ({ ...each, signOff: signOffs[index] ?? each.signOff }));
}

/** The people as they count once the passkeys that delegated are gone which were surely revoked by then. */
export function delegatedAt(people: PeopleThen, passkeys: ReadonlyMap<Sha256, Passkey>, at: Instant): PeopleThen {
  const { delegations } = people;
  if (delegations.every(({ passkey }) => passkey === undefined)) return people;
  return { ...people, delegations: withPasskeysAt(delegations, passkeys, at) };
}

/**
 * Judges the sign-offs that were there at an instant. One that was recorded in the last seconds may or may not have
 * been seen by whoever decided then, nor the revocation of a delegation: the decision holds if it follows from what was
 * seen either way.
 */
function judgeOf(before: Promotion, requirements: Requirements, held: readonly HeldSignOff[], people: PeopleThen) {
  const signOffs = signOffsIn(held, before.review);
  return (at: Instant, basis: Basis, wrong: (outcome: ApprovalOutcome) => string | undefined): string | undefined => {
    let first: string | undefined;
    for (const seen of whatWasSeenOf({ signOffs, delegations: people.delegations }, at, basis)) {
      const sentence = wrong(approvalOutcome(approvalInputOf(before, requirements, { ...people, ...seen, now: at })));
      if (sentence === undefined) return undefined;
      first ??= sentence;
    }
    return first;
  };
}

/** Whether a verdict says later how the directory knew people; where none does, nothing rests on who fills which seat. */
function passedAfter(steps: readonly Step[], index: number): boolean {
  return steps.some(({ record, index: later }) => {
    return later > index && record.type === "verdict" && bodyOf("verdict", record).result === "PASSED";
  });
}

/**
 * Without any address, or the directory's, nobody can tell which accounts are one person's, and so which approvals were overtaken by
 * another account's: those of whoever fills a seat, and all that was signed against it.
 */
function byThoseSeated(
  held: readonly HeldSignOff[],
  { stage, seats }: { readonly stage: number; readonly seats: readonly { readonly person: Identity }[] },
): readonly HeldSignOff[] {
  const seated = new Set(seats.map(({ person }) => identityKey(person)));
  return held.filter(
    ({ signOff }) => signOff.stage !== stage || isObjection(signOff) || seated.has(identityKey(signOff.reviewer)),
  );
}

/** Whatever fills a seat of these stages was there. */
export function isSeatedIn(stages: readonly { readonly seats: readonly { readonly signOff: Sha256 }[] }[]): Basis {
  const seated = new Set(stages.flatMap(({ seats }) => seats.map(({ signOff }) => signOff)));
  const isSeated = ({ id }: SignOff) => seated.has(id);
  return { restsOn: isSeated, speaksFor: isSeated };
}

/** The rejections by those whom a record names were there, and approvals by others, who may have taken theirs back. */
function isRejectedBy(record: LedgerRecord): Basis {
  const named = new Set(bodyOf("rejected", record).by.map(identityKey));
  const isNamed = ({ reviewer }: SignOff) => named.has(identityKey(reviewer));
  return {
    restsOn: (signOff) => signOff.result === "reject" && isNamed(signOff),
    speaksFor: (approval) => !isNamed(approval),
  };
}

function decidedAs({ record, requirements }: Step, outcome: ApprovalOutcome): string | undefined {
  const { stage, seats } = bodyOf("stage-decided", record);
  const named = `The stage '${requirements?.rule.stages[stage]?.name}' was recorded as decided`;
  const recorded = { index: stage, seats };
  if (outcome.kind === "reached") {
    return sameJson(outcome.settled, recorded) ? undefined : `${named} with other seats than its sign-offs fill.`;
  }
  const why =
    outcome.kind === "rejected"
      ? "they come to a rejection"
      : `nobody fills the seat of ${outcome.missing.join(" and ")}`;
  return `${named}, but its sign-offs do not decide it: ${why}.`;
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
