/** The time and the alarm of the stand-ins; tests pass one that they move by hand. */
export interface WakeClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `wake` once `instant` (ms) is reached, at once after this turn if it is past. Returns what cancels it. */
  at(instant: number, wake: () => void): () => void;
}

/** setTimeout fires at once for any longer delay (https://nodejs.org/api/timers.html#settimeoutcallback-delay-args). */
const longestDelay = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: WakeClock = {
  now: () => Date.now(),
  at(instant, wake) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const delay = Math.max(0, instant - Date.now());
      timer = delay > longestDelay ? setTimeout(arm, longestDelay) : setTimeout(wake, delay);
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** Resolves when `instant` is reached, or earlier when `signal` is aborted. */
export function reached(clock: WakeClock, instant: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const stop = () => {
      cancel();
      resolve();
    };
    const cancel = clock.at(instant, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    signal.addEventListener("abort", stop, { once: true });
  });
}
