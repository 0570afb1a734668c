import { eachAtOnce } from "../../core/at-once.ts";
import { Failure } from "../../core/failure.ts";

/** Requests of one call that are under way at a time: a batch of 256 markers is eleven, and a backlog must not be hundreds. */
const requestsAtOnce = 11;
/** How often DynamoDB may hand back a part of a batch before that is a fault. */
const mostRounds = 12;

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

/** Asks again while the table hands back what it had no capacity for; the SDK spaces requests out, this bounds them. */
export async function untilEmpty(round: () => Promise<boolean>): Promise<void> {
  for (let rounds = 0; rounds < mostRounds; rounds++) {
    if (await round()) return;
  }
  throw new Failure("unavailable", "The table had no capacity left.");
}
