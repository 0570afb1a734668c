import * as v from "valibot";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { slugPattern } from "../encoding/slug.ts";
import { Failure } from "../failure.ts";
import { type LoanChoice, type LoanContext, type LoanStatement, loanStatement } from "./loan-statement.ts";
import { type PasskeyAnswer, passkeyAnswerSchema } from "./read-sign-off-request.ts";
import { saltSchema } from "./salt.ts";
import { requireInTime } from "./sign-off-context.ts";

/** The body of `POST /v1/promotions/{id}/loan`: the statement as the lender saw it, and the token that signs it. */
export interface LoanRequest {
  /** The lender's own part of the statement; the rest is derived again and compared. */
  readonly choice: LoanChoice;
  /** The statement as it was sent, to be compared with the one that is derived. */
  readonly statement: unknown;
  readonly idToken: string;
  readonly passkey?: PasskeyAnswer;
}

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest, `must be at most ${longest} characters`));
const wellFormed = v.check<string, string>((value) => value.isWellFormed(), "must be well-formed text");
const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
const digest = v.strictObject({ sha256: v.custom<Sha256>(isSha256) });

/** What a lender says of the loan: read here, and again from what was signed. */
export const loanTerms = v.strictObject({
  seconds: v.pipe(v.number(), v.safeInteger("must be whole seconds"), v.minValue(1, "must be at least one second")),
  incident: v.pipe(
    text(500),
    // Shown as a link: nothing in it may do anything else, or hide where it leads.
    v.regex(/^https:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:[/?#][\x21-\x7e]*)?$/, "must be an https address"),
  ),
});

const schema = v.strictObject({
  statement: v.object({
    predicate: v.object({
      terms: loanTerms,
      reason: v.pipe(
        text(4000),
        wellFormed,
        v.check((value) => value.trim() !== "", "must say why"),
      ),
      role: v.pipe(v.string(), v.regex(slugPattern)),
      lender: v.strictObject({ issuer: text(500), subject: text(255) }),
      confirms: v.exactOptional(digest),
      salt: saltSchema,
      issuedAt: instant,
      expiresAt: instant,
    }),
  }),
  idToken: v.pipe(text(16_384), v.minLength(1)),
  passkey: v.exactOptional(passkeyAnswerSchema),
});

/** Reads the body of a loan. Throws `invalid-request` naming what is wrong. */
export function readLoanRequest(body: unknown): LoanRequest {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues, "The loan"));
  const { statement, idToken, passkey } = result.output;
  return {
    choice: statement.predicate,
    statement: (body as { statement: unknown }).statement,
    idToken,
    ...(passkey === undefined ? {} : { passkey }),
  };
}

/**
 * The statement that a request stands for, after every field of it was derived again or checked. Throws
 * `statement-mismatch` where it says anything else, and `statement-expired` outside its time.
 */
export function requireLoanStatement(
  { choice, statement }: Pick<LoanRequest, "choice" | "statement">,
  context: LoanContext,
  now: Instant,
): LoanStatement {
  const derived = loanStatement(context, choice);
  if (canonicalJson(derived) !== canonicalJson(statement)) {
    throw new Failure(
      "statement-mismatch",
      "The statement does not fit the promotion as it is now: reload it and decide again.",
    );
  }
  requireInTime(choice, now);
  return derived;
}
