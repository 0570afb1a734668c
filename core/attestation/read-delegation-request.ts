import * as v from "valibot";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { noList } from "../encoding/no-list.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { slugPattern } from "../encoding/slug.ts";
import { Failure } from "../failure.ts";
import { type DelegationPredicate, delegationDeeds } from "./delegation-statement.ts";
import { type PasskeyAnswer, passkeyAnswerSchema } from "./read-sign-off-request.ts";
import { saltSchema } from "./salt.ts";

/** The body of a request that delegates or revokes. */
export interface DelegationRequest {
  readonly predicate: DelegationPredicate;
  /** As it was sent, to be compared with the one that is derived. */
  readonly statement: unknown;
  readonly idToken: string;
  /** The answer of the delegator's passkey to the same challenge, where they have one. */
  readonly passkey?: PasskeyAnswer;
}

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest, `must be at most ${longest} characters`));
const wellFormed = v.check<string, string>((value) => value.isWellFormed(), "must be well-formed text");
const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
const identity = v.strictObject({ issuer: text(500), subject: v.pipe(text(255), v.nonEmpty()) });
const slug = v.pipe(v.string(), v.regex(slugPattern, "must be a name as in the approval matrix"));

const predicate: v.GenericSchema<DelegationPredicate> = v.strictObject({
  deed: v.picklist(delegationDeeds),
  delegation: v.strictObject({
    delegator: identity,
    delegate: identity,
    role: slug,
    scope: v.strictObject({
      ...noList,
      model: v.exactOptional(v.pipe(text(200), wellFormed, v.nonEmpty())),
      modelType: v.exactOptional(slug),
      target: v.exactOptional(slug),
    }),
    from: instant,
    until: instant,
    reason: v.pipe(text(1000), wellFormed),
    salt: saltSchema,
  }),
  person: identity,
  issuedAt: instant,
  expiresAt: instant,
});

const schema = v.strictObject({
  statement: v.object({ predicate }),
  idToken: v.pipe(text(16_384), v.minLength(1)),
  passkey: v.exactOptional(passkeyAnswerSchema),
});

/** Reads the body of a request about a delegation. Throws `invalid-request` naming what is wrong. */
export function readDelegationRequest(body: unknown): DelegationRequest {
  const result = v.safeParse(schema, body);
  if (!result.success)
    throw new Failure("invalid-request", requestSentence(result.issues, "The request about a delegation"));
  const { statement, idToken, passkey } = result.output;
  if (passkey !== undefined && statement.predicate.deed !== "delegate")
    throw new Failure(
      "invalid-request",
      "The request about a delegation cannot be read: a revocation takes no passkey.",
    );
  return {
    idToken,
    predicate: statement.predicate,
    statement: (body as { statement: unknown }).statement,
    ...(passkey === undefined ? {} : { passkey }),
  };
}

/** Reads what a statement about a delegation says. Throws `statement-mismatch`. */
export function readDelegationPredicate(value: unknown): DelegationPredicate {
  const result = v.safeParse(predicate, value);
  if (result.success) return result.output;
  throw new Failure("statement-mismatch", "The signed statement says nothing about a delegation that is known here.");
}
