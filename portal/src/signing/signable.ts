import { statementLifetimeSeconds } from "../../../core/attestation/sign-off-statement.ts";
import type { Statement } from "../../../core/attestation/statement.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import { withVisibleMarks } from "../ui/readable.ts";

/** What people sign: every statement of theirs ends by itself. */
export type Signable = Statement<{ readonly expiresAt: Instant }, string>;

/** Whether a statement leaves enough of its time for a sign-in. */
export function isFresh(statement: Signable, now: Instant): boolean {
  return msOfInstant(statement.predicate.expiresAt) - msOfInstant(now) > (statementLifetimeSeconds / 2) * 1000;
}

/**
 * The statement's canonical JSON with line breaks, for people. What would change the order or the look of the text
 * around it is written as an escape, which is the same JSON: the eye must not read another sentence than is signed.
 */
export function readableStatement(statement: Signable): string {
  const canonical: unknown = JSON.parse(canonicalJson(statement));
  return withVisibleMarks(JSON.stringify(canonical, null, 2));
}
