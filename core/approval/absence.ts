import { addSeconds, type Instant } from "../encoding/instant.ts";
import { type Identity, type IdentityKey, identityKey } from "../promotion/identity.ts";

/** That somebody is away: not asked and not expected, and free to sign all the same. */
export interface Absence {
  readonly person: Identity;
  /** Excluding this instant; one in the past says that they are back. */
  readonly until: Instant;
}

/** Longer than that nobody is away without giving their roles up. */
const longestAbsenceSeconds = 366 * 86_400;

/** Whether an absence may be taken: it ends, in a year at most. */
export function isTakenAbsence(until: Instant, now: Instant): boolean {
  return until <= addSeconds(now, longestAbsenceSeconds);
}

/** Who is away at an instant. */
export function absentAt(absences: readonly Absence[], at: Instant): ReadonlySet<IdentityKey> {
  return new Set(absences.filter(({ until }) => at < until).map(({ person }) => identityKey(person)));
}
