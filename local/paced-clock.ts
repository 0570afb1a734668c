import { systemClock, type WakeClock } from "./wake-clock.ts";

/**
 * A clock that goes `pace` times as fast as the machine's from the moment it is made: what waits for ten minutes by it
 * has waited for ten seconds, at a pace of 60. For waits and measuring periods of services only; what is written down
 * is told by the machine's own clock.
 */
export function pacedClock(pace: number, clock: WakeClock = systemClock): WakeClock {
  const began = clock.now();
  return {
    now: () => began + (clock.now() - began) * pace,
    at: (instant, wake) => clock.at(began + (instant - began) / pace, wake),
  };
}
