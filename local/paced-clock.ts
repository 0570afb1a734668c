import { systemClock, type WakeClock } from "./wake-clock.ts";

/** A clock that can be made to stand. */
export interface PacedClock extends WakeClock {
  /** Stands until what this answers is called; while several hold it, until all have let go. Who waits, waits as much longer. */
  hold(): () => void;
}

/**
 * A clock that goes `pace` times as fast as the machine's from the moment it is made: what waits for ten minutes by it
 * has waited for ten seconds, at a pace of 60. For waits and measuring periods of services only; what is written down
 * is told by the machine's own clock.
 */
export function pacedClock(pace: number, clock: WakeClock = systemClock): PacedClock {
  const began = clock.now();
  /** Milliseconds of the machine for which it has stood, and the instant since which it stands. */
  let stood = 0;
  let standsSince: number | undefined;
  const holders = new Set<object>();
  const waits = new Set<{ arm(): void; disarm(): void }>();

  return {
    now: () => began + ((standsSince ?? clock.now()) - began - stood) * pace,

    at(instant, wake) {
      let disarm: (() => void) | undefined;
      const wait = {
        arm() {
          disarm = clock.at(began + stood + (instant - began) / pace, () => {
            waits.delete(wait);
            wake();
          });
        },
        disarm: () => disarm?.(),
      };
      waits.add(wait);
      if (standsSince === undefined) wait.arm();
      return () => {
        waits.delete(wait);
        wait.disarm();
      };
    },

    hold() {
      const holder = {};
      holders.add(holder);
      if (standsSince === undefined) {
        standsSince = clock.now();
        for (const wait of waits) wait.disarm();
      }
      return () => {
        if (!holders.delete(holder) || holders.size > 0 || standsSince === undefined) return;
        stood += clock.now() - standsSince;
        standsSince = undefined;
        for (const wait of waits) wait.arm();
      };
    },
  };
}
