import { canonicalJson, sameJson } from "../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { clockSkewSeconds } from "./id-token.ts";
import type { SignOffRequest } from "./read-sign-off-request.ts";
import {
  type SignOffContext,
  type SignOffStatement,
  signOffStatement,
  statementLifetimeSeconds,
} from "./sign-off-statement.ts";

/** What a sign-off of this promotion must say, derived from what is stored. Throws `not-in-review` before its review. */
export function signOffContextOf(promotion: Promotion, attestationBase: string): SignOffContext {
  const { stage, gates } = promotion;
  if (stage === undefined || gates === undefined) {
    throw new Failure("not-in-review", `The promotion is ${promotion.status}; its review has not begun.`);
  }
  return {
    attestationBase,
    freezeDigest: promotion.freezeDigest,
    promotion: promotion.id,
    model: promotion.manifest.model,
    target: promotion.manifest.target,
    review: promotion.review,
    stage: { index: stage.index, name: stage.name },
    requirements: promotion.requirements.sha256,
    shown: gates.summary,
  };
}

/**
 * The statement that a request stands for, after every field of it was derived again or checked. Throws
 * `statement-mismatch` where it says anything else, and `statement-expired` outside its time.
 *
 * @param known that the request's statement was read from canonical JSON, where it was
 */
export function requireStatement(
  request: SignOffRequest,
  context: SignOffContext,
  now: Instant,
  known?: "canonical",
): SignOffStatement {
  const { choice } = request;
  const derived = signOffStatement(context, choice);
  if (
    !(known === "canonical"
      ? sameJson(derived, request.statement)
      : canonicalJson(derived) === canonicalJson(request.statement))
  ) {
    throw new Failure(
      "statement-mismatch",
      `The statement does not fit the promotion as it is now (${differing(derived, request.statement)}): reload it and decide again.`,
    );
  }
  requireInTime(choice, now);
  return derived;
}

/**
 * Throws `statement-expired` unless a statement is within its time: from its issue, give or take the clock skew, until
 * its expiry, which is at most 15 minutes later and where nothing is added.
 */
export function requireInTime(
  { issuedAt, expiresAt }: { readonly issuedAt: Instant; readonly expiresAt: Instant },
  now: Instant,
): void {
  requireNotOfFuture(issuedAt, now);
  if (expiresAt <= now || expiresAt > addSeconds(issuedAt, statementLifetimeSeconds)) {
    throw new Failure(
      "statement-expired",
      "The statement has expired, or would be valid for too long: reload the page and decide again.",
    );
  }
}

/** Throws `statement-expired` where a statement was issued later than now, give or take the clock skew. */
export function requireNotOfFuture(issuedAt: Instant, now: Instant): void {
  // Reckoned only where it has to be.
  if (issuedAt > now && issuedAt > addSeconds(now, clockSkewSeconds)) {
    throw new Failure(
      "statement-expired",
      "The statement is from the future; please check the clock of your computer.",
    );
  }
}

/** Which fields of the predicate differ, by name. */
function differing(derived: SignOffStatement, sent: unknown): string {
  const given = (sent as { readonly predicate?: Readonly<Record<string, unknown>> }).predicate ?? {};
  const names = new Set([...Object.keys(derived.predicate), ...Object.keys(given)]);
  const expected = derived.predicate as unknown as Readonly<Record<string, unknown>>;
  const others = [...names].filter(
    (name) => canonicalJson(expected[name] ?? null) !== canonicalJson(given[name] ?? null),
  );
  return others.length === 0 ? "type or subject" : others.slice(0, 6).join(", ").slice(0, 200);
}
