import { challengeOf } from "../../core/attestation/sign-off-statement.ts";
import type { Statement } from "../../core/attestation/statement.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { sameIdentity } from "../../core/promotion/identity.ts";
import type { Service } from "../service/service.ts";
import type { Surroundings } from "../surroundings.ts";
import { oneLine } from "../terminal-text.ts";
import { type SignedIn, type SignInOptions, signIn } from "./sign-in.ts";

/**
 * The identity provider's signature over a statement, by the person who read it (design 3.3): the ID token of a fresh
 * login. Throws `statement-mismatch` where somebody else signs in.
 */
export async function signStatement(
  statement: Statement<{ readonly issuedAt: Instant }, string>,
  reader: SignedIn,
  { service, options, surroundings, acr = [] }: Ceremony,
): Promise<string> {
  const purpose = {
    kind: "decision",
    challenge: challengeOf(statement),
    issuedAt: statement.predicate.issuedAt,
    acr,
    ...(reader.loginHint === undefined ? {} : { loginHint: reader.loginHint }),
  } as const;
  const signed = await signIn(service, purpose, options, surroundings);
  if (sameIdentity(signed.reviewer.identity, reader.reviewer.identity)) return signed.idToken;
  throw new Failure("statement-mismatch", "Somebody else signed in than the one who read it; nothing was sent.");
}

/** Where, how and before whom a statement is signed. */
export interface Ceremony {
  readonly service: Service;
  readonly options: SignInOptions;
  readonly surroundings: Surroundings;
  /** Classes of sign-in (`acr`) by which it counts; absent or empty where any will do. */
  readonly acr?: readonly string[];
}

/** Has the person type `word` before anything is signed. Throws `invalid-request` where they do not, or nobody is there. */
export async function requireConfirmed(word: string, name: string, { ask }: Pick<Surroundings, "ask">): Promise<void> {
  const answer = await ask(`${oneLine(name)}, type '${word}' to go on: `);
  if (answer === undefined)
    throw new Failure("invalid-request", "Nobody is at the terminal to confirm; give --yes if that is meant.");
  if (answer.trim().toLowerCase() !== word) throw new Failure("invalid-request", "Not confirmed; nothing was signed.");
}
