/** Why a state failed: the error name that Retry and Catch look at, and what a person may read. */
export class StateError extends Error {
  override readonly name = "StateError";
  readonly error: string;

  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

/** A failure that no `States.ALL` catches; most often a path that leads nowhere. */
export function runtimeError(cause: string): StateError {
  return new StateError("States.Runtime", cause);
}

/** One element of `Retry`. */
export interface Retrier {
  readonly errors: readonly string[];
  readonly intervalSeconds: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelaySeconds: number;
  readonly fullJitter: boolean;
}

/**
 * Whether an `ErrorEquals` list names `error`. `States.TaskFailed` stands for all but a timeout; neither it nor
 * `States.ALL` stands for the terminal errors, and `States.Runtime` cannot be caught by any name.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html#error-handling-error-representation
 */
export function namesError(errors: readonly string[], error: string): boolean {
  if (error === "States.Runtime") return false;
  if (errors.includes(error)) return true;
  if (error === "States.DataLimitExceeded") return false;
  return errors.includes("States.ALL") || (errors.includes("States.TaskFailed") && error !== "States.Timeout");
}

/** Milliseconds before the retry that comes after `made` earlier ones. `random` is from 0 up to 1. */
export function retryDelay(retrier: Retrier, made: number, random: number): number {
  const seconds = Math.min(retrier.intervalSeconds * retrier.backoffRate ** made, retrier.maxDelaySeconds);
  return Math.round(seconds * 1000 * (retrier.fullJitter ? random : 1));
}
