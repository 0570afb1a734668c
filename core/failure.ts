/**
 * Every way in which Countersign refuses. The codes are part of the API (RFC 9457 `code`) and of the
 * state machine's error names, so they are stable; the sentence may change.
 */
export type FailureCode =
  // The request itself
  | "malformed-json"
  | "unsupported-media-type"
  | "body-too-large"
  | "invalid-request"
  | "not-found"
  // Who is asking
  | "unauthenticated"
  | "token-expired"
  | "token-invalid"
  | "token-replayed"
  | "not-fresh"
  | "nonce-mismatch"
  | "passkey-invalid"
  | "forbidden"
  // What is asked for
  | "unknown-model-type"
  | "unknown-target"
  | "unreachable-quorum"
  | "artifact-unreachable"
  | "digest-mismatch"
  | "missing-evidence"
  | "invalid-evidence"
  | "invalid-policy"
  | "invalid-person"
  | "directory-too-large"
  // The state of the promotion
  | "not-in-review"
  | "stage-not-open"
  | "already-decided"
  | "statement-mismatch"
  | "statement-expired"
  | "requirements-changed"
  | "not-entitled"
  | "gates-failed"
  | "too-early"
  | "change-freeze"
  | "loan-refused"
  | "reason-required"
  | "conditions-refused"
  | "conflict"
  // Review links
  | "link-invalid"
  | "link-expired"
  // Verification and deployment
  | "verdict-invalid"
  | "verdict-expired"
  | "signature-invalid"
  | "deployment-refused"
  | "ledger-fork"
  | "ledger-invalid"
  | "pack-invalid"
  | "newer-version"
  // Elsewhere
  | "unavailable"
  | "internal";

/** A violation: carries a stable code, one sentence that a person can act on, and what caused it. */
export class Failure extends Error {
  override readonly name = "Failure";
  readonly code: FailureCode;
  /** Where nothing but a time stands in the way: the instant from which on the same may be asked for again. */
  readonly until?: string;

  constructor(code: FailureCode, sentence: string, options?: { readonly cause?: unknown; readonly until?: string }) {
    super(sentence, options);
    this.code = code;
    if (options?.until !== undefined) this.until = options.until;
  }
}
