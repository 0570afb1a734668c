import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { isObjection } from "../../promotion/objection.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { clockToleranceSeconds, writtenWithinSeconds } from "../pack/on-its-way.ts";

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
