import * as v from "valibot";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { slugPattern } from "../encoding/slug.ts";
import { Failure } from "../failure.ts";
import { releaseConditionsSchema } from "../promotion/release-conditions.ts";
import { assertionSchema, type PasskeyAssertion } from "./passkey-assertion.ts";
import { saltSchema } from "./salt.ts";
import type { SignOffChoice } from "./sign-off-statement.ts";

/** Which passkey answered, and what. */
export interface PasskeyAnswer extends PasskeyAssertion {
  /** RFC 7638 thumbprint of its public key, in hex. */
  readonly id: Sha256;
}

/** The form of such an answer. */
export const passkeyAnswerSchema = v.strictObject({ id: v.custom<Sha256>(isSha256), ...assertionSchema.entries });

/** The body of `POST /v1/promotions/{id}/sign-offs`: the statement as the reviewer saw it, and the token that signs it. */
export interface SignOffRequest {
  /** The reviewer's own part of the statement; the rest is derived again and compared. */
  readonly choice: SignOffChoice;
  /** The statement as it was sent, to be compared with the one that is derived. */
  readonly statement: unknown;
  readonly idToken: string;
  /** The answer of the reviewer's passkey to the same challenge, where they have one. */
  readonly passkey?: PasskeyAnswer;
}

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest, `must be at most ${longest} characters`));
const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
const identity = v.strictObject({ issuer: text(500), subject: text(255) });
const schema = v.strictObject({
  statement: v.object({
    predicate: v.object({
      result: v.picklist(["approve", "reject", "withdraw"]),
      reason: v.pipe(
        text(4000),
        v.check((value) => value.isWellFormed(), "must be well-formed text"),
      ),
      roles: v.pipe(v.array(v.pipe(v.string(), v.regex(slugPattern))), v.minLength(1), v.maxLength(20)),
      reviewer: identity,
      onBehalfOf: v.exactOptional(
        v.strictObject({ person: identity, delegation: v.strictObject({ sha256: v.custom<Sha256>(isSha256) }) }),
      ),
      conditions: v.exactOptional(releaseConditionsSchema),
      salt: saltSchema,
      issuedAt: instant,
      expiresAt: instant,
    }),
  }),
  idToken: v.pipe(text(16_384), v.minLength(1)),
  passkey: v.exactOptional(passkeyAnswerSchema),
});

/** Reads the body of a sign-off. Throws `invalid-request` naming what is wrong. */
export function readSignOffRequest(body: unknown): SignOffRequest {
  const result = v.safeParse(schema, body);
  if (!result.success) throw new Failure("invalid-request", requestSentence(result.issues, "The sign-off"));
  const { predicate } = result.output.statement;
  if (new Set(predicate.roles).size !== predicate.roles.length) {
    throw new Failure("invalid-request", "The sign-off cannot be read: a role is named twice.");
  }
  if (predicate.conditions !== undefined && predicate.result !== "approve")
    throw new Failure("invalid-request", "The sign-off cannot be read: only an approval has conditions.");
  const { idToken, passkey } = result.output;
  const { statement } = body as { statement: unknown };
  return { choice: predicate, statement, idToken, ...(passkey === undefined ? {} : { passkey }) };
}
