export const unitSeconds = { minutes: 60, hours: 3600, days: 86_400 } as const;
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
