import { type Instant, instantFromMs } from "../../../core/encoding/instant.ts";

/** When a day of a date field begins, so many days later, by the reader's own clock; `undefined` for what is no day. */
export function beginningOf(day: string, later = 0): Instant | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day) ?? [];
  const ms = new Date(Number(year), Number(month) - 1, Number(date) + later).getTime();
  // The field of a year that is still being typed: 0002.
  return year === undefined || Number.isNaN(ms) || ms < 0 ? undefined : instantFromMs(ms);
}

/** The end of a day: when the next one begins. */
export function endOf(day: string): Instant | undefined {
  return beginningOf(day, 1);
}
