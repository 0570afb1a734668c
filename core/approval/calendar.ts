import { addSeconds, type Instant, latestFirst, msOfInstant, nearestInstant } from "../encoding/instant.ts";
import type { Model } from "../promotion/freeze-manifest.ts";
import type { Target } from "../promotion/target.ts";

/** A wall clock's time in a week: 0 is Sunday, as in ISO weeks of `Date`; minutes from midnight. */
export interface WeekTime {
  readonly day: number;
  readonly minute: number;
}

/** When a window is: once, or every week between two times of a zone's wall clock. */
type Recurrence =
  | { readonly from: Instant; readonly until: Instant }
  | { readonly weekly: { readonly from: WeekTime; readonly until: WeekTime } };

/** A time in which nothing is approved and nothing is deployed. */
export interface FreezeWindow {
  readonly name: string;
  /** Name of the IANA time zone database. */
  readonly zone: string;
  readonly when: Recurrence;
  /** Targets that it is for; absent: all. */
  readonly targets?: readonly string[];
  readonly exceptions: readonly FreezeException[];
}

/** A model that a window does not hold up, and why; until when, where that ends before the window does. */
export interface FreezeException {
  readonly model: string;
  readonly reason: string;
  readonly until?: Instant;
}

/** What the calendar says of a promotion at a moment. */
export type CalendarOutcome =
  | { readonly kind: "free" }
  | { readonly kind: "frozen"; readonly window: string; readonly until: Instant }
  | { readonly kind: "excepted"; readonly window: string; readonly until: Instant; readonly reason: string };

/**
 * Whether a freeze window holds a promotion up now: of several that do, the one that ends last, and of those the last in the file.
 *
 * @param ahead seconds by which a zone's clock is ahead of what the runtime's time zone database says
 */
export function calendarAt(
  windows: readonly FreezeWindow[],
  { model, target }: { readonly model: Pick<Model, "name">; readonly target: Pick<Target, "name"> },
  now: Instant,
  ahead: (zone: string) => number = () => 0,
): CalendarOutcome {
  const holdingNow = windows
    .filter(({ targets }) => targets === undefined || targets.includes(target.name))
    .flatMap((window) => {
      const seconds = ahead(window.zone);
      // What such a clock shows now, the other one shows so much later.
      const then = addSeconds(now, seconds);
      const end = endOf(window, then);
      return end === undefined ? [] : [{ window, then, until: addSeconds(end, -seconds) }];
    });
  const active = latestFirst(holdingNow, ({ until }) => until);
  const excepted = ({ window, then }: { readonly window: FreezeWindow; readonly then: Instant }) =>
    window.exceptions.find((each) => each.model === model.name && (each.until === undefined || then < each.until));
  const holding = active.find((each) => excepted(each) === undefined);
  if (holding !== undefined) return { kind: "frozen", window: holding.window.name, until: holding.until };
  const [first] = active;
  const exception = first === undefined ? undefined : excepted(first);
  if (first === undefined || exception === undefined) return { kind: "free" };
  return { kind: "excepted", window: first.window.name, until: first.until, reason: exception.reason };
}

/** What a freeze window says to whoever it holds up. */
export function frozenSentence({ window, until }: { readonly window: string; readonly until: Instant }): string {
  return `Changes are frozen ('${window}') until ${until}.`;
}

/** Whether a name could be one of a zone. The runtime's database may be older than what was read by another one. */
export function mayBeTimeZone(zone: string): boolean {
  return /^[A-Za-z0-9+_:/-]+$/.test(zone);
}

/** Whether the runtime knows a zone by this name. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/**
 * The instant of a wall clock's time in a zone, given as if it were UTC. Of a time that comes twice, as clocks go back,
 * the first; of one that is skipped, the instant at which the clock goes on. What has no end is written as the last minute of the year
 * 9999, which comes later where clocks are behind UTC; and a week of 1970 may have begun before that.
 */
export function instantInZone(wallMs: number, zone: string): Instant {
  const early = wallMs - offsetMs(wallMs - 86_400_000, zone);
  const late = wallMs - offsetMs(wallMs + 86_400_000, zone);
  const [first, second] = early < late ? [early, late] : [late, early];
  if (first + offsetMs(first, zone) === wallMs) return nearestInstant(first);
  const later = second + offsetMs(second, zone) === wallMs ? second : skippedTo(first, second, zone);
  return nearestInstant(later);
}

/** What a zone's wall clock shows at an instant. */
export function wallClockOf(at: Instant, zone: string): WeekTime {
  const ms = msOfInstant(at);
  const wall = new Date(ms + offsetMs(ms, zone));
  return { day: wall.getUTCDay(), minute: wall.getUTCHours() * 60 + wall.getUTCMinutes() };
}

/** The end of a window that `now` lies in; its own last instant lies outside (design 6.6). */
function endOf({ when, zone }: FreezeWindow, now: Instant): Instant | undefined {
  if (!("weekly" in when)) return when.from <= now && now < when.until ? when.until : undefined;
  const { from, until } = when.weekly;
  const nowMs = msOfInstant(now);
  const wall = new Date(nowMs + offsetMs(nowMs, zone));
  const sunday = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() - wall.getUTCDay());
  const length = (minutesOf(until) - minutesOf(from) + week) % week;
  // It may have begun in the week before.
  for (const begin of [sunday - week * 60_000, sunday]) {
    const start = begin + minutesOf(from) * 60_000;
    const end = instantInZone(start + length * 60_000, zone);
    if (instantInZone(start, zone) <= now && now < end) return end;
  }
  return undefined;
}

/** No zone's clock is further from UTC. */
const furthestMinutes = 15 * 60;

/** Whether a window may hold at an instant whose zone the runtime does not know: its times are as if that were UTC. */
export function mayHold({ when }: FreezeWindow, at: Instant): boolean {
  const further = furthestMinutes * 60;
  if (!("weekly" in when)) return addSeconds(when.from, -further) <= at && at < addSeconds(when.until, further);
  const { from, until } = when.weekly;
  const instant = new Date(at);
  const now = minutesOf({ day: instant.getUTCDay(), minute: instant.getUTCHours() * 60 + instant.getUTCMinutes() });
  const length = (minutesOf(until) - minutesOf(from) + week) % week;
  return (now - minutesOf(from) + furthestMinutes + week) % week < length + 2 * furthestMinutes;
}

const week = 7 * 1440;

function minutesOf({ day, minute }: WeekTime): number {
  return day * 1440 + minute;
}

/** How far a zone's wall clock is ahead of UTC at a moment. */
function offsetMs(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(ms);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((each) => each.type === type)?.value ?? 0);
  const wall = Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
  return wall - Math.floor(ms / 1000) * 1000;
}

/** The instant between two at which a zone's clock jumps. */
function skippedTo(from: number, until: number, zone: string): number {
  let [low, high] = [from, until];
  const before = offsetMs(low, zone);
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offsetMs(middle, zone) === before) low = middle;
    else high = middle;
  }
  return high;
}

/** Whole seconds from `now` to a later instant: at least one. */
export function secondsUntil(until: Instant, now: Instant): number {
  return Math.max(1, Math.ceil((msOfInstant(until) - msOfInstant(now)) / 1000));
}
