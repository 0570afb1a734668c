import { fromBase64url } from "../encoding/base64.ts";
import { fromUtf8, utf8 } from "../encoding/bytes.ts";
import { cutText } from "../encoding/cut-text.ts";
import { type Instant, msOfInstant, nearestInstant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { evidenceLimits } from "../gates/strict-json.ts";
import { scanJson } from "../gates/strict-json-scan.ts";
import type { Identity } from "../promotion/identity.ts";

/** Clocks of the identity provider and of Countersign may differ by this much. */
export const clockSkewSeconds = 60;

/** An RSA or EC public key as a JSON Web Key (RFC 7517). */
export interface Jwk {
  readonly kty: string;
  readonly kid?: string;
  readonly alg?: string;
  readonly use?: string;
  readonly n?: string;
  readonly e?: string;
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
}

/** A JSON Web Key Set (RFC 7517 section 5). */
export interface Jwks {
  readonly keys: readonly Jwk[];
}

/** Verifies a JWS signature over `signingInput` by a JSON Web Key, for an algorithm by its JOSE name. */
export type VerifyJws = (algorithm: string, jwk: Jwk, signingInput: Uint8Array, signature: Uint8Array) => boolean;

/** How an identity provider may sign: what `VerifyJws` verifies here, in a browser and in whatever reads a pack. */
export const signInAlgorithms: readonly string[] = ["RS256", "ES256", "EdDSA"];

/** A JWS in compact form (RFC 7515 section 3.1), taken apart but not verified. */
export interface ReadToken {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signingInput: Uint8Array;
  readonly signature: Uint8Array;
}

/** What an identity provider said of a reviewer, once everything about the token has been checked. */
export interface ReviewerClaims {
  readonly identity: Identity;
  readonly name: string;
  readonly groups: readonly string[];
  readonly authenticatedAt: Instant;
  readonly acr?: string;
  readonly amr?: readonly string[];
}

/**
 * The claim that names the person, together with the issuer: `sub` (OpenID Connect Core 1.0 section 5.7), or `oid` of Entra
 * ID, whose `sub` is another for each application (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
 */
export type SubjectClaim = "sub" | "oid";

/** What the token must fit. `nonce` and `notBefore` are given when it is to sign a decision. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly subjectClaim: SubjectClaim;
  readonly now: Instant;
  readonly nonce?: string;
  /** The login must have happened after this, give or take the clock skew. */
  readonly authenticatedAfter?: Instant;
  /** The token itself is to let somebody do something, not only read. */
  readonly acts?: true;
}

/** Takes a token apart. Throws `token-invalid`; nothing about it is verified yet. */
export function readToken(token: string): ReadToken {
  const [header, payload, signature, ...rest] = token.split(".");
  if (
    header === undefined ||
    payload === undefined ||
    signature === undefined ||
    rest.length > 0 ||
    token.length > 16_384
  ) {
    throw new Failure("token-invalid", "The token is not a signed JSON Web Token.");
  }
  const head = headOf(header);
  const algorithm = head["alg"];
  if (typeof algorithm !== "string" || "crit" in head)
    throw new Failure("token-invalid", "The token's header cannot be used.");
  const keyId = head["kid"];
  return {
    algorithm,
    keyId: typeof keyId === "string" ? keyId : undefined,
    claims: objectOf(payload),
    signingInput: utf8(`${header}.${payload}`),
    signature: decode(signature),
  };
}

/** The address that a recorded sign-in has; empty where it names none, or was left out. */
export function addressIn(idToken: string): string {
  return idToken === "" ? "" : addressOf(readToken(idToken).claims);
}

/**
 * The address that claims about a person have; empty where they name none, or say that nobody verified it (`email_verified`, OpenID
 * Connect Core 1.0 section 5.1): who is whom follows from it, and whoever may write a colleague's there would be that colleague.
 */
export function addressOf({ email, email_verified: verified }: ReadToken["claims"]): string {
  const mayBeAnothers = verified !== undefined && verified !== true && verified !== "true";
  return typeof email === "string" && !mayBeAnothers ? email : "";
}

/**
 * Checks the claims of an ID token whose signature has been verified (OpenID Connect Core 1.0 section 3.1.3.7).
 * Fails closed: what is missing is refused. Throws `token-invalid`, `token-expired`, `nonce-mismatch` or `not-fresh`.
 */
export function checkReviewerClaims(
  claims: Readonly<Record<string, unknown>>,
  expected: ExpectedClaims,
): ReviewerClaims {
  const { iss, aud, exp, iat, token_use: use } = claims;
  if (iss !== expected.issuer) throw new Failure("token-invalid", "The token comes from another issuer.");
  // A text, or a list, which some providers always make of it; ours among others is one that others may hold and show too.
  const application: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (typeof application !== "string" || !expected.audiences.includes(application)) {
    throw new Failure("token-invalid", "The token was issued to another application.");
  }
  if (use !== undefined && use !== "id") throw new Failure("token-invalid", "This is not an ID token.");
  const subject = claims[expected.subjectClaim];
  if (typeof subject !== "string" || subject === "" || subject.length > 255)
    throw new Failure("token-invalid", `The token names nobody (${expected.subjectClaim}).`);
  const nowSeconds = msOfInstant(expected.now) / 1000;
  if (typeof exp !== "number" || exp <= nowSeconds)
    throw new Failure("token-expired", "The sign-in has expired; please sign in again.");
  if (typeof iat !== "number" || iat > nowSeconds + clockSkewSeconds)
    throw new Failure("token-invalid", "The token is from the future.");
  // Of which there is no instant: when it was signed is asked wherever that matters.
  if (iat < 0) throw new Failure("token-invalid", "The token says that it was issued before 1970.");
  if (expected.nonce !== undefined && claims["nonce"] !== expected.nonce) {
    throw new Failure("nonce-mismatch", "The sign-in was made for another decision than the one that was sent.");
  }
  if (expected.acts === true && signsDeed(claims["nonce"])) {
    // It is kept with the deed, and packs hand it on: whoever holds one must not be able to act as the person.
    throw new Failure(
      "token-expired",
      "This sign-in was for one decision, and lets you do nothing else; please sign in again.",
    );
  }
  const authenticatedAt = authenticationTime(claims["auth_time"], expected, nowSeconds);
  const acr = claims["acr"];
  const amr = claims["amr"];
  return {
    identity: { issuer: expected.issuer, subject },
    name: nameOf(claims, subject),
    groups: groupsOf(claims),
    authenticatedAt,
    ...(typeof acr === "string" && isRecordable(acr) ? { acr } : {}),
    ...(isStrings(amr) && amr.every(isRecordable) ? { amr } : {}),
  };
}

/** Whether a nonce can be the challenge of a deed: a SHA-256 in base64url. A sign-in for anything else has a shorter one. */
function signsDeed(nonce: unknown): boolean {
  return typeof nonce === "string" && /^[A-Za-z0-9_-]{43}$/.test(nonce);
}

function authenticationTime(value: unknown, expected: ExpectedClaims, nowSeconds: number): Instant {
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
    throw new Failure("not-fresh", "The token does not say when the person signed in (auth_time); it cannot be used.");
  }
  if (value > nowSeconds + clockSkewSeconds) throw new Failure("token-invalid", "The sign-in is from the future.");
  const { authenticatedAfter } = expected;
  if (
    authenticatedAfter !== undefined &&
    value < Math.floor(msOfInstant(authenticatedAfter) / 1000) - clockSkewSeconds
  ) {
    throw new Failure("not-fresh", "The sign-in is older than the decision; a decision needs a fresh sign-in.");
  }
  return nearestInstant(Math.floor(value * 1000));
}

function groupsOf(claims: Readonly<Record<string, unknown>>): readonly string[] {
  // Cognito's claim where there is one, else the one that most other providers use.
  const groups = claims["cognito:groups"] ?? claims["groups"];
  return isStrings(groups) ? groups.map((group) => group.toWellFormed()).filter(isRecordable) : [];
}

function nameOf(claims: Readonly<Record<string, unknown>>, subject: string): string {
  const name = claims["name"] ?? claims["cognito:username"] ?? claims["preferred_username"];
  return typeof name === "string" && name !== "" ? cutText(name, 200) : subject;
}

// One text for all tokens that a key signed.
let latestHead: { readonly text: string; readonly head: ReturnType<typeof objectOf> } | undefined;

function headOf(text: string): ReturnType<typeof objectOf> {
  if (latestHead?.text !== text) latestHead = { text, head: objectOf(text) };
  return latestHead.head;
}

/** What no record can hold is as if it was not said: a provider may answer with whatever the browser asked it for. */
function isRecordable(text: string): boolean {
  return text.isWellFormed() && text.length <= 4000;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function objectOf(part: string): Readonly<Record<string, unknown>> {
  const bytes = decode(part);
  if (scanJson(bytes).depth > evidenceLimits.depth)
    throw new Failure("token-invalid", "The token is nested too deeply to be read.");
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new Failure("token-invalid", "The token cannot be read.", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Failure("token-invalid", "The token cannot be read.");
  }
  return value as Readonly<Record<string, unknown>>;
}

function decode(part: string): Uint8Array {
  try {
    return fromBase64url(part);
  } catch (cause) {
    throw new Failure("token-invalid", "The token cannot be read.", { cause });
  }
}
