import type { PasskeyAnswer } from "../../../core/attestation/read-sign-off-request.ts";
import type { SignOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import type { PendingDeed } from "../deeds/record-deed.ts";

/** A decision that waits for the sign-in which makes it a signed one. */
export interface PendingDecision {
  readonly promotion: string;
  readonly statement: SignOffStatement;
  /** The answer of the reader's passkey to the same challenge, where they have one. */
  readonly passkey?: PasskeyAnswer;
}

/** What must survive the way to the identity provider and back. No token is in it. */
export interface PendingSignIn {
  readonly state: string;
  /** Of PKCE (RFC 7636). */
  readonly verifier: string;
  readonly nonce: string;
  /** The fragment of the page to come back to, `#/…`. */
  readonly returnTo: string;
  /** Absent where somebody signs in to read. */
  readonly decision?: PendingDecision;
  /** What is to be done about a passkey, a delegation or a loan. */
  readonly deed?: PendingDeed;
  /** The name of whoever prepared what is signed. */
  readonly preparedBy?: string;
}

const key = "countersign.sign-in";

/** Keeps a sign-in that is about to begin, in this tab only. */
export function keepPending(pending: PendingSignIn, storage: Storage): void {
  storage.setItem(key, JSON.stringify(pending));
}

/**
 * Takes the sign-in with this state out of storage: it can be finished once. `undefined` where this tab began none
 * with this state, so a foreign link with a code in it finishes nothing.
 */
export function takePending(state: string | null, storage: Storage): PendingSignIn | undefined {
  const pending = keptPending(storage);
  storage.removeItem(key);
  return pending !== undefined && pending.state === state ? pending : undefined;
}

/** The sign-in that this tab began and nobody came back from. */
export function keptPending(storage: Storage): PendingSignIn | undefined {
  const text = storage.getItem(key);
  return text === null ? undefined : (JSON.parse(text) as PendingSignIn);
}
