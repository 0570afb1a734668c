import { Failure } from "../failure.ts";
import type { ApprovedOrder } from "./order.ts";

/**
 * Throws `deployment-refused` where somebody else made what a first release was to make: nobody knew of it when people signed, and there
 * is no way back to it. What is put back takes the place of whatever should not run.
 */
export function requireFirst({ putBackSince }: Pick<ApprovedOrder, "putBackSince">, made: string): void {
  if (putBackSince !== undefined) return;
  throw new Failure(
    "deployment-refused",
    `Somebody else made the ${made}, which was not there when the release began: it is not replaced. Look at what it serves, and submit the candidate again.`,
  );
}
