import { Failure } from "../core/failure.ts";

/**
 * Throws `conflict` where promotions of the same model and target cannot be read, without which whoever asks would decide something
 * else: which they are, what `unknown` is by that, and what to do.
 */
export function requireAllRead(unreadable: readonly string[], unknown: string): void {
  const [first, ...others] = unreadable;
  if (first === undefined) return;
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  throw new Failure(
    "conflict",
    `Of this model and target the service cannot read ${which}, since somebody changed the item by hand or a newer version wrote it: nobody could tell ${unknown}. Whoever runs the service puts it back (docs/runbook.md, 'The table and the ledger differ'); then try again.`,
  );
}

/**
 * What is made of a promotion in a list; nothing where an item of what was decided about it is not what its key says, as where
 * somebody wrote over it by hand: that keeps nobody from the others.
 */
export async function unlessUnreadable<Made>(make: () => Promise<Made>): Promise<Made | undefined> {
  try {
    return await make();
  } catch (error) {
    if (error instanceof Failure && error.code === "internal") return undefined;
    throw error;
  }
}
