import * as v from "valibot";
import { type Instant, isInstant } from "../encoding/instant.ts";
import { requestSentence } from "../encoding/request-sentence.ts";
import { Failure } from "../failure.ts";
import { assertionSchema, type PasskeyAssertion } from "./passkey-assertion.ts";
import { passkeyKeySchema } from "./passkey-key.ts";
import { type PasskeyPredicate, passkeyDeeds } from "./passkey-statement.ts";
import { saltSchema } from "./salt.ts";

/** What an authenticator answers when a passkey is made (WebAuthn section 5.2.1), in base64url. */
export interface PasskeyRegistration {
  readonly clientDataJSON: string;
  readonly attestationObject: string;
}

/** The body of a request that enrols, confirms or revokes a passkey. */
export interface PasskeyRequest {
  readonly predicate: PasskeyPredicate;
  /** As it was sent, to be compared with the one that is derived. */
  readonly statement: unknown;
  readonly idToken: string;
  /** Both of an enrolment, neither of anything else. */
  readonly registration?: PasskeyRegistration;
  readonly assertion?: PasskeyAssertion;
}

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest, `must be at most ${longest} characters`));
const wellFormed = v.check<string, string>((value) => value.isWellFormed(), "must be well-formed text");
const instant = v.custom<Instant>(isInstant, "must be a time such as 2026-11-22T17:03:00.000Z");
const identity = v.strictObject({ issuer: text(500), subject: text(255) });
const encoded = (longest: number) => v.pipe(text(longest), v.regex(/^[A-Za-z0-9_-]+$/, "must be base64url"));

const predicate: v.GenericSchema<PasskeyPredicate> = v.strictObject({
  deed: v.picklist(passkeyDeeds),
  passkey: v.strictObject({
    owner: identity,
    name: v.pipe(text(80), wellFormed, v.nonEmpty("must be named")),
    credentialId: encoded(1364),
    publicKey: passkeyKeySchema,
    rpId: v.pipe(text(253), v.nonEmpty()),
    origin: v.pipe(text(300), v.nonEmpty()),
  }),
  person: identity,
  reason: v.pipe(text(1000), wellFormed),
  salt: saltSchema,
  issuedAt: instant,
  expiresAt: instant,
});

const schema = v.strictObject({
  statement: v.object({ predicate }),
  idToken: v.pipe(text(16_384), v.minLength(1)),
  registration: v.exactOptional(v.strictObject({ clientDataJSON: encoded(4096), attestationObject: encoded(16_384) })),
  assertion: v.exactOptional(assertionSchema),
});

/** Reads the body of a request about a passkey. Throws `invalid-request` naming what is wrong. */
export function readPasskeyRequest(body: unknown): PasskeyRequest {
  const result = v.safeParse(schema, body);
  if (!result.success)
    throw new Failure("invalid-request", requestSentence(result.issues, "The request about a passkey"));
  const { statement, ...rest } = result.output;
  return { ...rest, predicate: statement.predicate, statement: (body as { statement: unknown }).statement };
}

/** Reads what a statement about a passkey says. Throws `statement-mismatch`. */
export function readPasskeyPredicate(value: unknown): PasskeyPredicate {
  const result = v.safeParse(predicate, value);
  if (result.success) return result.output;
  throw new Failure("statement-mismatch", "The signed statement says nothing about a passkey that is known here.");
}

/** Reads a recorded assertion. Throws `passkey-invalid`. */
export function readAssertion(value: unknown): PasskeyAssertion {
  const result = v.safeParse(assertionSchema, value);
  if (result.success) return result.output;
  throw new Failure("passkey-invalid", "The recorded answer of a passkey is not in its form.");
}
