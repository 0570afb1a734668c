import { addSeconds, type Instant, msOfInstant } from "../encoding/instant.ts";
import { wallClockOf } from "./calendar.ts";

/** When letters about nothing new may leave, by a zone's wall clock. */
export interface WorkingHours {
  /** Name of the IANA time zone database. */
  readonly zone: string;
  /** Minutes from midnight; `to` is excluded. */
  readonly from: number;
  readonly to: number;
  /** 0 is Sunday. */
  readonly days: readonly number[];
}

/**
 * How people are reminded of an open stage. Of the whole matrix and not of a rule: what is told to whom is not what a
 * promotion is judged by, and a change of it must not cost anyone a review.
 */
export interface Reminders {
  readonly everySeconds: number;
  readonly workingHours?: WorkingHours;
  /** Whom to tell once a stage has been open for so long. */
  readonly escalation?: {
    readonly afterSeconds: number;
    readonly to: string;
    /** They may fill the seats then. This part is what a promotion is judged by. */
    readonly mayFill?: true;
  };
}

/** Whether an instant is within working hours; it is where there are none. */
export function isWorkingTime(hours: WorkingHours | undefined, at: Instant): boolean {
  if (hours === undefined) return true;
  const { day, minute } = wallClockOf(at, hours.zone);
  return hours.days.includes(day) && hours.from <= minute && minute < hours.to;
}

/**
 * The reminder that is due at an instant, counted from 1 in whole periods since the stage opened; `undefined` where none
 * is. Periods that end outside working hours wait; of several that have waited only the last is due.
 */
export function reminderDue(
  { everySeconds, workingHours }: Reminders,
  openedAt: Instant,
  now: Instant,
): number | undefined {
  const periods = Math.floor((msOfInstant(now) - msOfInstant(openedAt)) / (everySeconds * 1000));
  return periods >= 1 && isWorkingTime(workingHours, now) ? periods : undefined;
}

/** The role to tell at an instant that a stage has been open for too long; `undefined` where it has not. */
export function escalationDue(
  { escalation, workingHours }: Reminders,
  openedAt: Instant,
  now: Instant,
): string | undefined {
  if (escalation === undefined || now < addSeconds(openedAt, escalation.afterSeconds)) return undefined;
  return isWorkingTime(workingHours, now) ? escalation.to : undefined;
}
