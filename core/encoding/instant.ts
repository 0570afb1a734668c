import { Failure } from "../failure.ts";
import { compareText } from "./text-order.ts";

declare const instantBrand: unique symbol;

/** A point in time as RFC 3339 text in UTC with milliseconds, `2026-11-22T17:03:00.000Z`: text order is time order. */
export type Instant = string & { readonly [instantBrand]: true };

const lastMs = 253_402_300_799_999;

/** The instant `ms` milliseconds after the Unix epoch. */
export function instantFromMs(ms: number): Instant {
  if (!Number.isSafeInteger(ms) || ms < 0 || ms > lastMs) {
    throw new Failure("invalid-request", `${ms} is not a time in milliseconds between the years 1970 and 9999.`);
  }
  return written(ms) as Instant;
}

/** The same; the first or the last that there is where `ms` lies beyond them. */
export function nearestInstant(ms: number): Instant {
  return instantFromMs(Math.min(lastMs, Math.max(0, ms)));
}

const dayMs = 86_400_000;
const pairs = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, "0"));
let latestDay = 0;
let latestDate = "1970-01-01T";

/** As `Date` writes it, which takes three times as long: what is reckoned with lies mostly on one day. */
function written(ms: number): string {
  const day = Math.floor(ms / dayMs);
  if (day !== latestDay) {
    latestDate = new Date(ms).toISOString().slice(0, 11);
    latestDay = day;
  }
  const rest = ms - day * dayMs;
  const [minutes, seconds] = [Math.floor(rest / 60_000), Math.floor(rest / 1000)];
  const thousandths = String(rest % 1000).padStart(3, "0");
  return `${latestDate}${pairs[Math.floor(minutes / 60)]}:${pairs[minutes % 60]}:${pairs[seconds % 60]}.${thousandths}Z`;
}

/** In a sentence for people, to the minute: `2026-11-22 17:03 UTC`. */
export function minuteText(instant: Instant): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`;
}

/** Milliseconds since the Unix epoch. */
export function msOfInstant(instant: Instant): number {
  return read(instant);
}

/**
 * `seconds` later than `instant` (earlier where negative), and no further than there are instants: whoever makes a pack chooses both,
 * and what is compared with it comes out the same.
 */
export function addSeconds(instant: Instant, seconds: number): Instant {
  return nearestInstant(msOfInstant(instant) + Math.round(seconds * 1000));
}

/** Narrows text to an instant in the one spelling that is used here. */
export function isInstant(text: unknown): text is Instant {
  return typeof text === "string" && !Number.isNaN(read(text));
}

/**
 * The latest first, and of what is of one instant, what stands last in the list: the same on every machine. An engine asks a
 * comparison in an order of its own, so that one without an answer for what is equal sorts otherwise in another browser.
 */
export function latestFirst<Thing>(things: readonly Thing[], at: (thing: Thing) => Instant): readonly Thing[] {
  return things.toReversed().toSorted((a, b) => compareText(at(b), at(a)));
}

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] as const;
const daysBefore1970 = 719_162;

/**
 * Milliseconds since 1970 of text in the one spelling; NaN for every other text. By hand: there are several in every
 * record, and `Date` takes eight times as long, most of it to write the text again and compare (measured).
 */
function read(text: string): number {
  if (text.length !== 24 || text[10] !== "T" || text[23] !== "Z") return Number.NaN;
  if (text[4] !== "-" || text[7] !== "-" || text[13] !== ":" || text[16] !== ":" || text[19] !== ".") return Number.NaN;
  const year = pair(text, 0) * 100 + pair(text, 2);
  const [month, day] = [pair(text, 5), pair(text, 8)];
  const [hour, minute, second] = [pair(text, 11), pair(text, 14), pair(text, 17)];
  const thousandths = pair(text, 20) * 10 + digit(text, 22);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 1 : 0;
  const [before = Number.NaN, after = Number.NaN] = [daysBefore[month - 1], daysBefore[month]];
  // Before 1970 there are none, as in instantFromMs. What is no digit is NaN, and in no range.
  if (!(year >= 1970 && day >= 1 && day <= after - before + (month === 2 ? leap : 0))) return Number.NaN;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  const years = year - 1;
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400);
  const days = years * 365 + leapDays - daysBefore1970 + before + (month > 2 ? leap : 0) + day - 1;
  return ((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000 + thousandths;
}

function pair(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : Number.NaN;
}
