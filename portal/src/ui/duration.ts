import { messages } from "../messages/catalogue.ts";

const unitSeconds = { minutes: 60, hours: 3600, days: 86_400 } as const;
export type DurationUnit = keyof typeof unitSeconds;
export const durationUnits = Object.keys(unitSeconds) as readonly DurationUnit[];

/** A duration as somebody types it. */
export interface TypedDuration {
  readonly duration: string;
  readonly unit: DurationUnit;
}

/** Its seconds; `NaN` where no number was typed. */
export function secondsTyped({ duration, unit }: TypedDuration): number {
  return duration.trim() === "" ? Number.NaN : Number(duration) * unitSeconds[unit];
}

/** `4 hours`, `90 minutes`: in the longest unit that leaves no rest. */
export function durationWords(seconds: number): string {
  const unit = durationUnits.findLast((each) => seconds % unitSeconds[each] === 0);
  const [value, name] = unit === undefined ? [seconds, "second"] : [seconds / unitSeconds[unit], unit.slice(0, -1)];
  const format = { style: "unit", unit: name, unitDisplay: "long" } as const;
  return new Intl.NumberFormat(messages.language, format).format(value);
}
