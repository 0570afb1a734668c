import type { WakeClock } from "../../local/wake-clock.ts";

/** A clock that only moves when told to. */
export interface HandClock extends WakeClock {
  /** Moves on by `ms` and wakes, in order, whoever waited for it. */
  advance(ms: number): void;
  /** Moves to the next alarm, as soon as there is one. */
  next(): Promise<void>;
  /** Instants that somebody waits for. */
  alarms(): readonly number[];
}

export function handClock(start = Date.parse("2026-11-22T09:00:00.000Z")): HandClock {
  let now = start;
  let alarms: { readonly instant: number; readonly wake: () => void }[] = [];
  let armed = () => {};
  const moveTo = (instant: number) => {
    for (;;) {
      const [due] = alarms.filter((alarm) => alarm.instant <= instant).sort((a, b) => a.instant - b.instant);
      if (due === undefined) break;
      alarms = alarms.filter((alarm) => alarm !== due);
      now = Math.max(now, due.instant);
      due.wake();
    }
    now = Math.max(now, instant);
  };
  return {
    now: () => now,
    at(instant, wake) {
      const alarm = { instant, wake };
      alarms.push(alarm);
      armed();
      return () => {
        alarms = alarms.filter((other) => other !== alarm);
      };
    },
    advance: (ms) => moveTo(now + ms),
    async next() {
      if (alarms.length === 0) await new Promise<void>((resolve) => (armed = resolve));
      moveTo(Math.min(...alarms.map((alarm) => alarm.instant)));
    },
    alarms: () => alarms.map((alarm) => alarm.instant),
  };
}
