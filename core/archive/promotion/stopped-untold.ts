import { personOf } from "../../approval/entitlement.ts";
import { type Instant, msOfInstant } from "../../encoding/instant.ts";
import { by } from "../../encoding/text-order.ts";
import { sameIdentity } from "../../promotion/identity.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { Unchecked } from "../pack/pack-findings.ts";
import type { PeopleThen } from "../people/people-then.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { isOfLoan } from "./verify-review.ts";

// Whoever verifies may have heard of a decision of the last seconds or not, so one that would have stopped the verdict is no finding:
// that nothing but the service's clock says which was first is said.

/** Withdrawals and rejections of the same seconds as the verdict that they would have stopped, and withdrawals of nothing that is told. */
export function stoppedUntold(
  held: readonly HeldSignOff[],
  steps: readonly Step[],
  lists: readonly PeopleThen[],
): readonly Unchecked[] {
  return [...verifiedAtOnce(held, steps), ...withdrawnUntold(held, lists)];
}

function withdrawnUntold(held: readonly HeldSignOff[], lists: readonly PeopleThen[]): readonly Unchecked[] {
  const tokens = { members: held.map(({ member }) => member), people: [] };
  return ofResult("withdraw", held).flatMap(({ signOff }) => {
    const persons = [tokens, ...lists].map(({ members, people }) => personOf(members, people));
    const before = held
      .filter((each) => each.signOff !== signOff && each.signOff.recordedAt <= signOff.recordedAt)
      .filter(({ signOff: { reviewer } }) => persons.some((keyOf) => keyOf(reviewer) === keyOf(signOff.reviewer)))
      // What was kept from an earlier candidate or review may have been meant as well.
      .filter(
        ({ kept, signOff: { review, stage } }) =>
          kept === true || review < signOff.review || (review === signOff.review && stage === signOff.stage),
      );
    const last = before.toSorted(by((each) => each.signOff.recordedAt)).at(-1);
    if (last !== undefined && last.signOff.result !== "withdraw") return [];
    const sentence = `What the withdrawal ${signOff.id} took back: no decision of its reviewer that stood then is told, and one that was left out leaves no gap.`;
    return [{ promotion: signOff.promotion, sentence }];
  });
}

/** Only the last verdict counts: what was not heard before one that was followed by another was heard before that. */
function verifiedAtOnce(held: readonly HeldSignOff[], steps: readonly Step[]): readonly Unchecked[] {
  const place = steps.findLastIndex(
    ({ record }) => record.type === "verdict" && record.body["result"] === "PASSED" && !isOfLoan(record),
  );
  const verdict = steps[place];
  if (verdict === undefined || steps.slice(place).some(({ record: { type } }) => isHeard.has(type))) return [];
  const takesBack = ({ stage, reviewer, recordedAt }: SignOff) => {
    const { seats } = verdict.after.settled.find(({ index }) => index === stage) ?? { seats: [] };
    const own = seats.find(({ person }) => sameIdentity(person, reviewer))?.signOff;
    return held.some(({ signOff }) => signOff.id === own && signOff.recordedAt <= recordedAt);
  };
  const meant = [
    ...ofResult("reject", held),
    ...ofResult("withdraw", held).filter(({ signOff }) => takesBack(signOff)),
  ].filter(({ signOff: { review, recordedAt } }) => review === verdict.after.review && isAtOnce(recordedAt, verdict));
  return meant.map(({ signOff: { id, promotion, result } }) => ({
    promotion,
    sentence: `Whether the ${result === "reject" ? "rejection" : "withdrawal"} ${id} came before the verdict '${verdict.record.id}' is told by the service's clock alone: they are of the same seconds.`,
  }));
}

const isHeard: ReadonlySet<string> = new Set(["rejected", "seat-reopened"]);

/** Those that were given here. */
function ofResult(wanted: "withdraw" | "reject", held: readonly HeldSignOff[]): readonly HeldSignOff[] {
  return held.filter(({ kept, signOff }) => kept !== true && signOff.result === wanted);
}

function isAtOnce(recordedAt: Instant, { record: { at } }: Step): boolean {
  return Math.abs(msOfInstant(recordedAt) - msOfInstant(at)) <= clockToleranceSeconds * 1000;
}
