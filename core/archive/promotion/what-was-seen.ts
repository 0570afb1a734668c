import { inRecordedOrder } from "../../approval/approval-input.ts";
import { revocationUnseenSeconds } from "../../attestation/verify-passkey.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { isObjection } from "../../promotion/objection.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { clockToleranceSeconds, writtenWithinSeconds } from "../pack/on-its-way.ts";
import type { PeopleThen } from "../people/people-then.ts";

/**
 * Whether whoever decided at an instant had surely read something. An approval is written some seconds after it was checked, as
 * which time it is recorded, and contends for nothing; whatever else is signed moves its promotion along, and who has not read that
 * decides nothing.
 */
export function isSurelySeen({ result, recordedAt }: Pick<SignOff, "result" | "recordedAt">, at: Instant): boolean {
  const written = isObjection({ result }) ? 0 : writtenWithinSeconds;
  return recordedAt <= addSeconds(at, -clockToleranceSeconds - written);
}

/**
 * What whoever decided at an instant may have read of what was signed, all of it first. Of the last seconds each approval by
 * itself may have been there or not: those are taken that the decision speaks for. What was read of the rest bears on nothing
 * that it says: who found no seat moved nobody. The others came one after the other.
 *
 * @param ordered in recorded order
 * @param speaksFor whether an approval of the last seconds must have been there, for the decision to be as it is
 */
export function* whatWasSeen(
  ordered: readonly SignOff[],
  at: Instant,
  speaksFor: (approval: SignOff) => boolean,
): Generator<readonly SignOff[]> {
  const latest = addSeconds(at, clockToleranceSeconds);
  const most = ordered.filter(({ recordedAt }) => recordedAt <= latest);
  yield most;
  const open = most.filter((each) => !isSurelySeen(each, at));
  const objections = open.filter(isObjection);
  const approvals = new Set(open.filter((each) => !isObjection(each) && speaksFor(each)));
  for (let count = objections.length; count >= 0; count -= 1) {
    const seen = new Set(objections.slice(0, count));
    yield most.filter((each) => isSurelySeen(each, at) || approvals.has(each) || seen.has(each));
  }
}

/** What a decision names of what it was made from. */
export interface Basis {
  readonly restsOn: (signOff: SignOff) => boolean;
  readonly speaksFor: (approval: SignOff) => boolean;
}

/** What a decision is made from, as whoever made it at an instant may have read it: what was signed, and the delegations behind it. */
export function* whatWasSeenOf(
  { signOffs, delegations }: Seen,
  at: Instant,
  { restsOn, speaksFor }: Basis,
): Generator<Seen> {
  const ordered = inRecordedOrder(signOffs);
  const surely = addSeconds(at, -revocationUnseenSeconds);
  const perhaps = addSeconds(at, clockToleranceSeconds);
  const rested = new Set(ordered.filter(restsOn).flatMap(({ onBehalfOf }) => onBehalfOf?.delegation ?? []));
  const mayBeUnseen = (revokedAt: Instant) => revokedAt > surely && revokedAt <= perhaps;
  for (const those of delegationsSeen(delegations, rested, mayBeUnseen))
    for (const seen of whatWasSeen(ordered, at, speaksFor)) yield { signOffs: seen, delegations: those };
}

interface Seen {
  readonly signOffs: readonly SignOff[];
  readonly delegations: PeopleThen["delegations"];
}

/**
 * The delegations as they may have been seen: with every revocation, without those of what the decision rests on, or
 * without any that may not have been seen. Which of the others were seen bears on nothing: who took no seat moved nobody.
 */
function delegationsSeen(
  delegations: PeopleThen["delegations"],
  rested: ReadonlySet<Sha256>,
  mayBeUnseen: (revokedAt: Instant) => boolean,
): readonly PeopleThen["delegations"][] {
  const unseen = delegations.filter(({ revokedAt }) => revokedAt !== undefined && mayBeUnseen(revokedAt));
  const without = (those: PeopleThen["delegations"]) =>
    delegations.map((each) => {
      const { revokedAt: _, ...unrevoked } = each;
      return those.includes(each) ? unrevoked : each;
    });
  const behind = unseen.filter(({ id }) => rested.has(id));
  return [
    delegations,
    ...(behind.length === 0 ? [] : [without(behind)]),
    ...(behind.length === unseen.length ? [] : [without(unseen)]),
  ];
}
