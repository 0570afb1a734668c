import { calendarAt, type FreezeWindow, isTimeZone, mayHold } from "../../approval/calendar.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { longestRunSeconds } from "./versions-in-force.ts";

/** What a record says of the freeze windows of its moment. */
export type SaidOfWindows =
  | { readonly kind: "held"; readonly window: string; readonly until: string }
  | { readonly kind: "excepted"; readonly window: string; readonly reason: string }
  /** A verdict that names no exception: no window held then. */
  | { readonly kind: "free" }
  /** A deployment began: whoever began it may have looked before its run. */
  | { readonly kind: "begun" }
  /** Somebody approved, or lent a seat: whoever took it looked at that very instant. */
  | { readonly kind: "signed" };

export interface SaidOfWindowsThen {
  readonly at: Instant;
  readonly model: string;
  readonly target: string;
  readonly said: SaidOfWindows;
}

/**
 * `by-another-clock`: not by the reader's time zone database, but by one that has a zone's clock otherwise. `zone-unknown`: by
 * the windows of all zones that it has, and it lacks the zone of one that may have held then.
 */
export type CalendarFit = "fits" | "by-another-clock" | "zone-unknown" | "differs";

/**
 * By so much databases differ about a zone's clock, some way or other: that its summer time was given up, say, or begins in
 * another week. Whoever verifies years later has another one than the service had.
 */
const otherClocks = [-3600, -1800, 1800, 3600];

/** An offset such as `+01:00` is none of a country's either. */
const fixed = /^(?:[+-].+|Etc\/.+|UTC|GMT|UCT|Zulu|Universal)$/i;

/** Whether a zone has no government. */
export function isFixedZone(zone: string): boolean {
  return fixed.test(zone);
}

/** Looking zones up takes longer than all else here, and many promotions are held against the very same windows. */
const knownOf = new WeakMap<readonly FreezeWindow[], readonly FreezeWindow[]>();

function knownIn(windows: readonly FreezeWindow[]): readonly FreezeWindow[] {
  const known = knownOf.get(windows) ?? windows.filter(({ zone }) => isTimeZone(zone));
  knownOf.set(windows, known);
  return known;
}

/** Whether what a record says fits a calendar. */
export function calendarFit(windows: readonly FreezeWindow[], told: SaidOfWindowsThen): CalendarFit {
  const known = knownIn(windows);
  const { at, model, said } = told;
  const perhaps = windows.filter((each) => !known.includes(each) && isFor(each, told.target) && mayHold(each, at));
  const named = perhaps.find(({ name }) => "window" in said && name === said.window);
  if (named === undefined) {
    const fit = fitOfKnown(known, told);
    // That one held does not rest on what others did.
    return fit === "differs" || said.kind === "held" || perhaps.length === 0 ? fit : "zone-unknown";
  }
  const own = named.exceptions.filter((each) => each.model === model);
  if (said.kind === "held") return own.some(({ until }) => until === undefined) ? "differs" : "zone-unknown";
  const excepted = said.kind === "excepted" && own.some(({ reason }) => reason === said.reason);
  // No other one may have held it up.
  return excepted && fitOfKnown(known, { ...told, said: { kind: "signed" } }) !== "differs"
    ? "zone-unknown"
    : "differs";
}

/** The zones of windows for a target that the reader's time zone database does not have. */
export function unknownZones(windows: readonly FreezeWindow[], target: string): readonly string[] {
  return [...new Set(windows.filter((each) => isFor(each, target)).map(({ zone }) => zone))].filter(
    (zone) => !isTimeZone(zone),
  );
}

function isFor({ targets }: FreezeWindow, target: string): boolean {
  return targets === undefined || targets.includes(target);
}

function fitOfKnown(windows: readonly FreezeWindow[], told: SaidOfWindowsThen): CalendarFit {
  if (fits(windows, told, () => 0)) return "fits";
  const zones = [...new Set(windows.map(({ zone }) => zone))].filter((zone) => !isFixedZone(zone));
  // Mostly databases differ about one country; or, years later, about many.
  const together = (zone: string) => !isFixedZone(zone);
  const moved = [...zones.map((one) => (zone: string) => zone === one), together];
  const byAnother = moved.some((isMoved) =>
    otherClocks.some((seconds) => fits(windows, told, (zone) => (isMoved(zone) ? seconds : 0))),
  );
  return byAnother ? "by-another-clock" : "differs";
}

function fits(
  windows: readonly FreezeWindow[],
  { model, target, at, said }: SaidOfWindowsThen,
  ahead: (zone: string) => number,
): boolean {
  const about = { model: { name: model }, target: { name: target } };
  const then = (instant: Instant) => calendarAt(windows, about, instant, ahead);
  const calendar = then(at);
  switch (said.kind) {
    case "held":
      return calendar.kind === "frozen" && calendar.window === said.window && calendar.until === said.until;
    case "excepted":
      return calendar.kind === "excepted" && calendar.window === said.window && calendar.reason === said.reason;
    case "free":
      return calendar.kind === "free";
    case "begun":
      return calendar.kind !== "frozen" || then(addSeconds(at, -longestRunSeconds)).kind !== "frozen";
    case "signed":
      return calendar.kind !== "frozen";
    default:
      return said satisfies never;
  }
}
