import { cutText } from "../encoding/cut-text.ts";

/** As many characters as one reason may have: a record of the ledger holds 65,535 bytes, and this is said in one. */
const mostCharacters = 4000;

/**
 * The reasons of all who rejected, as the record that ends a promotion says them. Each stands whole in its own
 * sign-off; together they are cut, and lose what takes six bytes in JSON and cannot be seen.
 */
export function joinedReasons(reasons: readonly string[]): string {
  const joined = reasons.join("; ").replaceAll(/[^\P{Cc}\n\t]/gu, " ");
  if (joined.length <= mostCharacters) return joined;
  return `${cutText(joined, mostCharacters - 1)}…`;
}
