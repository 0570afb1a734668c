import { setTimeout } from "node:timers/promises";
import { eachAtOnce } from "../../core/at-once.ts";
import { Failure } from "../../core/failure.ts";

/** Requests of one call that are under way at a time: a batch of 256 markers is eleven, and a backlog must not be hundreds. */
const requestsAtOnce = 11;
/** How often DynamoDB may hand back a part of a batch before that is a fault: after some ten seconds in all. */
const mostRounds = 12;
const shortestPauseMs = 25;
const longestPauseMs = 2_000;

/** Works on `values` in pieces of `size`, several at a time. */
export async function inBatches<Value>(
  values: readonly Value[],
  size: number,
  work: (some: readonly Value[]) => Promise<void>,
): Promise<void> {
  const pieces = Array.from({ length: Math.ceil(values.length / size) }, (_, index) =>
    values.slice(index * size, (index + 1) * size),
  );
  await eachAtOnce(pieces, requestsAtOnce, work);
}

/**
 * Asks again while the table hands back what it had no capacity for. That is no error, so the SDK pauses before none of it:
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html#Programming.Errors.BatchOperations
 */
export async function untilEmpty(
  round: () => Promise<boolean>,
  pause: (milliseconds: number) => Promise<unknown> = setTimeout,
): Promise<void> {
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    if (rounds > 0) {
      // Others who were handed something back at the same moment do not all come again at one.
      const most = Math.min(shortestPauseMs * 2 ** rounds, longestPauseMs);
      await pause(most * (0.5 + Math.random() / 2));
    }
    if (await round()) return;
  }
  throw new Failure("unavailable", "The table had no capacity left.");
}
