import { approvalInputOf } from "../../approval/promotion-approval.ts";
import { lostSeats } from "../../approval/settled-stages.ts";
import type { Passkey } from "../../attestation/recorded-passkey.ts";
import { revocationUnseenSeconds } from "../../attestation/verify-passkey.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import { confirmedByOthers, type PeopleTold } from "../people/people-told.ts";
import type { HeldSignOff, ToldSignOff } from "../people/verify-sign-offs.ts";
import { hasPassed } from "../policies/verify-policies.ts";
import { delegatedAt, heldWithPasskeysAt, isOfLoan, isSeatedIn, signOffsIn } from "./verify-review.ts";
import { signOffsNamed } from "./verify-verdict.ts";
import { whatWasSeenOf } from "./what-was-seen.ts";

/** What is wrong with what the verdict of a loan rests on, by the place of its record; and what its word alone tells. */
export interface LentSeats {
  readonly problems: readonly { readonly index: number; readonly sentence: string }[];
  readonly untold: readonly string[];
}

/**
 * A loan's verdict rests on the approvals that stand when it is signed, and on what they ask: one in a seat that was lost by then
 * is lent like the seats that nobody had filled, and left out with its conditions; no other is.
 *
 * @param told what the verdicts that hold say, by the places of their records
 */
export function recheckLentSeats(
  steps: readonly Step[],
  {
    held,
    people,
    passkeys,
    told,
  }: {
    readonly held: readonly HeldSignOff[];
    readonly people: PeopleTold;
    readonly passkeys: ReadonlyMap<Sha256, Passkey>;
    readonly told: ReadonlyMap<number, ToldSignOff>;
  },
): LentSeats {
  const problems: { readonly index: number; readonly sentence: string }[] = [];
  const untold: string[] = [];
  for (const step of steps) {
    const { record, index, before } = step;
    const said = told.get(index)?.predicate;
    if (said === undefined || before === undefined || !hasPassed(record) || !isOfLoan(record)) continue;
    const named = signOffsNamed(said);
    const ways = lostThen(step, held, people, passkeys);
    for (const { signOff } of before.settled.flatMap(({ seats }) => seats)) {
      const lost = ways.filter((way) => way.has(signOff)).length;
      if (named.has(signOff)) {
        if (lost === ways.length)
          problems.push({
            index,
            sentence: `The loan's verdict rests on the approval ${signOff}, which did not stand.`,
          });
        continue;
      }
      const own = held.find((each) => each.signOff.id === signOff)?.signOff;
      // What is kept falls for what the earlier candidate's table tells as well; and without the directory nobody knows whose seat was lost.
      const isKnown = own?.promotion === before.id && people.asVerified(step).entitlement === "as-of-now";
      if (isKnown && lost === 0)
        problems.push({ index, sentence: `The loan's verdict leaves out the approval ${signOff}, which stood.` });
      else if (!isKnown && own?.conditions !== undefined)
        untold.push(`That the approval ${signOff}, under conditions, had to fall is told by '${record.id}' alone.`);
    }
  }
  return { problems, untold };
}

/** The sign-offs of seats that were lost when a loan's verdict was signed, in each way in which the last seconds may have been seen. */
function lostThen(
  step: Step,
  held: readonly HeldSignOff[],
  people: PeopleTold,
  passkeys: ReadonlyMap<Sha256, Passkey>,
): readonly ReadonlySet<Sha256>[] {
  const { record, before, requirements } = step;
  if (before === undefined || requirements === undefined) return [];
  const those = people.asVerified(step);
  const used = [...held.map(({ signOff }) => signOff), ...those.delegations];
  const confirmed = confirmedByOthers(passkeys, used, those);
  const lostBy = (at: Instant) => {
    const signOffs = signOffsIn(heldWithPasskeysAt(held, confirmed, at), before.review);
    const then = delegatedAt(those, confirmed, at);
    const seen = whatWasSeenOf({ signOffs, delegations: then.delegations }, record.at, isSeatedIn(before.settled));
    return [...seen].map((way) => {
      const input = approvalInputOf(before, requirements, { ...then, ...way, now: record.at });
      return new Set(lostSeats(input).map(({ signOff }) => signOff));
    });
  };
  // Passkeys that were revoked in the last seconds may have been seen so as well.
  return [record.at, addSeconds(record.at, revocationUnseenSeconds + clockToleranceSeconds)].flatMap(lostBy);
}
