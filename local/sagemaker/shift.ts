import type { AlarmStates } from "../cloudwatch/cloudwatch.ts";
import { reached, type WakeClock } from "../wake-clock.ts";
import type { ShiftPlan } from "./deployment.ts";

/** How an update ended: all traffic is over; or it goes back, and why; or nobody waits any more. */
export type Shifted =
  | { readonly kind: "over" }
  | { readonly kind: "back"; readonly why: string }
  | { readonly kind: "stopped" };

/**
 * Takes the steps of a plan and bakes after each, by the clock. Ends at once where an alarm is raised, before the first
 * step too: a release that is in alarm when it begins is not begun.
 */
export async function shiftTraffic(
  plan: ShiftPlan,
  given: {
    readonly clock: WakeClock;
    readonly alarms: Pick<AlarmStates, "raised">;
    readonly signal: AbortSignal;
    /** Lets so much of a hundred requests go to the new fleet. */
    readonly turnOn: (percent: number) => void;
  },
): Promise<Shifted> {
  const { clock, signal } = given;
  const deadline = clock.now() + plan.longestMs;
  const over = new AbortController();
  const stop = AbortSignal.any([signal, over.signal]);
  const raised = given.alarms.raised(plan.alarms, stop);
  try {
    // Raised already: what a resolved promise says comes before any wait.
    const first = await Promise.race([raised, Promise.resolve()]);
    if (first !== undefined) return back(first);
    for (const { percent, waitMs } of plan.steps) {
      given.turnOn(percent);
      const until = clock.now() + waitMs;
      const wait = reached(clock, Math.min(until, deadline), stop).then(() => undefined);
      const alarm = await (waitMs === 0 ? undefined : Promise.race([raised, wait]));
      if (signal.aborted) return { kind: "stopped" };
      if (alarm !== undefined) return back(alarm);
      if (until > deadline)
        return { kind: "back", why: "The deployment did not finish within its maximum execution time." };
    }
    return { kind: "over" };
  } finally {
    over.abort();
  }
}

function back(alarm: string): Shifted {
  return {
    kind: "back",
    why: `One or more configured alarm(s) for the deployment did not stay in OK state: ${alarm}.`,
  };
}
