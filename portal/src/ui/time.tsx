import { messages } from "../messages/catalogue.ts";
import { localeFor } from "./locale.ts";

const locale = localeFor(navigator.languages, messages.language);
/** With its zone: letters and the command line say times in UTC. */
const exact = new Intl.DateTimeFormat(locale, {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
  timeZoneName: "short",
});
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
] as const;

const zone = new Intl.DateTimeFormat(locale, { timeZoneName: "short" });

/** What the reader's zone is called at a time that was typed in it, which may be in summer; now, where none was. */
export function zoneAt(typed: string): string {
  const then = new Date(typed);
  const parts = zone.formatToParts(Number.isNaN(then.getTime()) ? new Date() : then);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** A time in the reader's zone, with UTC on hover. */
export function Time({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={utcText(at)}>
      {exact.format(new Date(at))}
    </time>
  );
}

/** The whole days up to an end as people say it, and the exact instant beside it; an end within a day is that instant. */
export function Through({ at }: { readonly at: string }) {
  const { through, until } = messages.time;
  const lastDay = lastDayBefore(new Date(at));
  const exactly = (
    <>
      {until} <Time at={at} />
    </>
  );
  if (lastDay === undefined) return exactly;
  return (
    <>
      {through} {day.format(lastDay)} <span class="quiet">({exactly})</span>
    </>
  );
}

/** The day that ends at an instant, by the reader's clock; `undefined` where none does. */
function lastDayBefore(end: Date): Date | undefined {
  const lastDay = new Date(end.getFullYear(), end.getMonth(), end.getDate() - 1);
  const next = new Date(lastDay.getFullYear(), lastDay.getMonth(), lastDay.getDate() + 1);
  return next.getTime() === end.getTime() ? lastDay : undefined;
}

/** A time and how far it is from `now`. */
export function TimeAndDistance({ at, now }: { readonly at: string; readonly now: number }) {
  return (
    <>
      <Time at={at} /> <span class="quiet">({distanceText(Date.parse(at) - now)})</span>
    </>
  );
}

/** `2026-11-22 17:03:00 UTC` */
function utcText(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
}

/** `in 3 hours`, `2 days ago`. */
function distanceText(ms: number): string {
  for (const [unit, length] of units) {
    if (Math.abs(ms) >= length) return relative.format(Math.trunc(ms / length), unit);
  }
  return relative.format(0, "minute");
}
