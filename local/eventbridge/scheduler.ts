import { randomUUID } from "node:crypto";
import { Failure } from "../../core/failure.ts";
import { localAccount, localRegion } from "../aws/aws-call.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import { systemClock, type WakeClock } from "../wake-clock.ts";

/** A schedule that runs. */
export interface Schedule {
  /** Does now what the schedule does at its time; resolves when it is done. */
  tick(): Promise<void>;
  /** Ends it, and waits for what is under way. */
  close(): Promise<void>;
}

const units: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Milliseconds of a `rate(…)` expression, singular for 1 and plural above
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html). Throws `invalid-request` for
 * any other, `cron(…)` and `at(…)` included.
 */
export function rateOf(expression: string): number {
  const [, count = "", unit = "", plural = ""] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const length = units[unit];
  if (length === undefined || (count === "1") !== (plural === "")) {
    throw new Failure(
      "invalid-request",
      `The schedule ${expression} is not carried; only rate(n minutes|hours|days) is.`,
    );
  }
  return Number(count) * length;
}

/**
 * Calls `run` at the rate of `expression`, first after one interval. While a run is under way the next one is left
 * out. A run that fails is reported as a process warning and does not end the schedule.
 */
export function startSchedule(options: {
  readonly expression: string;
  /** Gets the time of the call, RFC 3339. */
  readonly run: (time: string) => Promise<void>;
  readonly clock?: WakeClock;
}): Schedule {
  const clock = options.clock ?? systemClock;
  const interval = rateOf(options.expression);
  let under: Promise<void> | undefined;
  let cancel = () => {};

  const tick = (): Promise<void> => {
    under ??= options.run(new Date(clock.now()).toISOString()).finally(() => {
      under = undefined;
    });
    return under;
  };
  const arm = (instant: number) => {
    cancel = clock.at(instant, () => {
      // Instants that passed while the machine slept are not made up for.
      arm(instant + interval * Math.max(1, Math.ceil((clock.now() - instant + 1) / interval)));
      tick().catch((error: unknown) =>
        process.emitWarning(`The schedule ${options.expression} failed: ${String(error)}`),
      );
    });
  };
  arm(clock.now() + interval);

  return {
    tick,
    async close() {
      cancel();
      await under?.catch(() => undefined);
    },
  };
}

/** What an `AWS::Events::Rule` with a schedule sends to its target. */
export function scheduledEvent(ruleArn: string, time: string): JsonObject {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.events",
    account: localAccount,
    time,
    region: localRegion,
    resources: [ruleArn],
    detail: {},
  };
}
