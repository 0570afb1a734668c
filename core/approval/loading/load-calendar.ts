import { type Instant, isInstant } from "../../encoding/instant.ts";
import { complain, fieldsOf, itemsOf, list, type Place, slugOf, textOf } from "../../encoding/policy-file.ts";
import { type FreezeException, type FreezeWindow, instantInZone, isTimeZone, type WeekTime } from "../calendar.ts";
import { zoneOf } from "./load-zone.ts";

const days: readonly string[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/**
 * Reads `freezeWindows`. The times of a zone that the runtime does not know are read as if it were UTC.
 *
 * @param targets those that some rule of the matrix is for
 */
export function freezeWindowsOf(place: Place | undefined, targets: readonly string[]): readonly FreezeWindow[] {
  if (place === undefined) return [];
  const places = itemsOf(place);
  const windows = places.map((each) => windowOf(each, targets));
  const names = new Set<string>();
  for (const [index, { name }] of windows.entries()) {
    const window = places[index];
    if (window !== undefined && names.has(name)) complain(window, `There is already a window '${name}'.`);
    names.add(name);
  }
  return windows;
}

function windowOf(place: Place, targets: readonly string[]): FreezeWindow {
  const fields = fieldsOf(place, ["name", "zone"], ["from", "until", "weekly", "targets", "exceptions"]);
  const zone = zoneOf(fields.zone);
  const own = fields.targets === undefined ? undefined : itemsOf(fields.targets).map((each) => targetIn(each, targets));
  return {
    name: textOf(fields.name, 80),
    zone,
    when: fields.weekly === undefined ? onceOf(place, fields, zone) : weeklyOf(fields.weekly, fields),
    ...(own === undefined ? {} : { targets: own }),
    exceptions:
      fields.exceptions === undefined ? [] : itemsOf(fields.exceptions).map((each) => exceptionOf(each, zone)),
  };
}

function targetIn(place: Place, known: readonly string[]): string {
  const target = slugOf(place);
  if (target !== "" && !known.includes(target))
    complain(place, `No rule is for the target '${target}'; there is ${list(known)}.`);
  return target;
}

type Ends = Partial<Record<"from" | "until", Place>>;

function onceOf(place: Place, { from, until }: Ends, zone: string): FreezeWindow["when"] {
  if (from === undefined || until === undefined) complain(place, "A window has 'from' and 'until', or 'weekly'.");
  const [begin, end] = [wallTimeOf(from, zone), wallTimeOf(until, zone)];
  if (from !== undefined && until !== undefined && begin >= end && begin !== epoch && end !== epoch)
    complain(until, "The window ends before it begins.");
  return { from: begin, until: end };
}

function weeklyOf(place: Place, { from, until }: Ends): FreezeWindow["when"] {
  for (const each of [from, until]) {
    if (each !== undefined) complain(each, "A window that comes every week has its times under 'weekly' alone.");
  }
  const fields = fieldsOf(place, ["from", "until"]);
  const [begin, end] = [weekTimeOf(fields.from), weekTimeOf(fields.until)];
  if (begin !== undefined && end !== undefined && begin.day === end.day && begin.minute === end.minute)
    complain(place, "The window is empty: it ends when it begins.");
  return { weekly: { from: begin ?? sunday, until: end ?? sunday } };
}

function exceptionOf(place: Place, zone: string): FreezeException {
  const fields = fieldsOf(place, ["model", "reason"], ["until"]);
  return {
    model: slugOf(fields.model),
    reason: textOf(fields.reason, 300),
    ...(fields.until === undefined ? {} : { until: wallTimeOf(fields.until, zone) }),
  };
}

const sunday: WeekTime = { day: 0, minute: 0 };
const epoch = "1970-01-01T00:00:00.000Z" as Instant;

/** `2026-12-18 18:00` on the zone's wall clock. */
function wallTimeOf(place: Place | undefined, zone: string): Instant {
  if (place === undefined) return epoch;
  const match = typeof place.value === "string" ? /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2})$/.exec(place.value) : null;
  const text = `${match?.[1]}T${match?.[2]}:00.000Z`;
  if (isInstant(text) && text >= "2000") return instantInZone(Date.parse(text), isTimeZone(zone) ? zone : "UTC");
  const wanted = "a date and a time of the zone's clock, such as '2026-12-18 18:00'";
  const noSuch = match !== null && !isInstant(text);
  complain(place, noSuch ? `The calendar has no ${match[0]}: this must be ${wanted}.` : `This must be ${wanted}.`);
  return epoch;
}

/** `fri 16:00` */
function weekTimeOf(place: Place | undefined): WeekTime | undefined {
  const match =
    place !== undefined && typeof place.value === "string"
      ? /^([a-z]{3}) ([01][0-9]|2[0-3]):([0-5][0-9])$/.exec(place.value)
      : null;
  const day = days.indexOf(match?.[1] ?? "");
  if (match !== null && day >= 0) return { day, minute: Number(match[2]) * 60 + Number(match[3]) };
  if (place !== undefined) complain(place, `This must be a day (${list(days)}) and a time, such as 'fri 16:00'.`);
  return undefined;
}
