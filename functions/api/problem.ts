import type { APIGatewayProxyResult } from "aws-lambda";
import type { Failure, FailureCode } from "../../core/failure.ts";

/** HTTP status and title of each code. `Record` makes the table complete: a new code does not compile without its row. */
const problems: Readonly<Record<FailureCode, { readonly status: number; readonly title: string }>> = {
  "malformed-json": { status: 400, title: "The body is not JSON" },
  "unsupported-media-type": { status: 415, title: "The body is of another type" },
  "body-too-large": { status: 413, title: "The body is too large" },
  "invalid-request": { status: 400, title: "The request cannot be read" },
  "not-found": { status: 404, title: "There is no such thing" },
  unauthenticated: { status: 401, title: "Please sign in" },
  "token-expired": { status: 401, title: "The sign-in has expired" },
  "token-invalid": { status: 401, title: "The token cannot be used" },
  "token-replayed": { status: 401, title: "The token was used before" },
  "not-fresh": { status: 401, title: "A fresh sign-in is needed" },
  "nonce-mismatch": { status: 401, title: "The sign-in is for another decision" },
  "passkey-invalid": { status: 403, title: "The passkey's answer cannot be used" },
  forbidden: { status: 403, title: "This is not yours to do" },
  "unknown-model-type": { status: 422, title: "There is no rule for this model type" },
  "unknown-target": { status: 422, title: "There is no such target" },
  "unreachable-quorum": { status: 422, title: "Nobody could approve this" },
  "artifact-unreachable": { status: 422, title: "An artifact cannot be read" },
  "digest-mismatch": { status: 422, title: "The bytes are others than declared" },
  "missing-evidence": { status: 422, title: "Evidence is missing" },
  "invalid-evidence": { status: 422, title: "Evidence cannot be read" },
  "invalid-policy": { status: 500, title: "The policy cannot be read" },
  "invalid-person": { status: 422, title: "Somebody named in the lineage is not known" },
  "directory-too-large": { status: 500, title: "There are too many people to look through" },
  "not-in-review": { status: 409, title: "The promotion is not in review" },
  "stage-not-open": { status: 409, title: "The stage is not open" },
  "already-decided": { status: 409, title: "This is decided" },
  "statement-mismatch": { status: 409, title: "The statement does not fit the promotion" },
  "statement-expired": { status: 409, title: "The statement has expired" },
  "requirements-changed": { status: 409, title: "The requirements have changed" },
  "not-entitled": { status: 403, title: "You cannot sign this" },
  "gates-failed": { status: 409, title: "A gate has failed" },
  "too-early": { status: 409, title: "It is too early to approve" },
  "change-freeze": { status: 409, title: "Changes are frozen" },
  "loan-refused": { status: 409, title: "Nothing is lent" },
  "reason-required": { status: 422, title: "A reason is needed" },
  "conditions-refused": { status: 422, title: "These conditions are not taken" },
  conflict: { status: 409, title: "This does not fit how things stand" },
  "link-invalid": { status: 404, title: "The link cannot be used" },
  "link-expired": { status: 410, title: "The link has expired" },
  "verdict-invalid": { status: 409, title: "The verdict does not allow this" },
  "verdict-expired": { status: 409, title: "The verdict has expired" },
  "signature-invalid": { status: 409, title: "A signature does not fit" },
  "deployment-refused": { status: 409, title: "The deployment was refused" },
  "ledger-fork": { status: 500, title: "The ledger has been altered" },
  "ledger-invalid": { status: 500, title: "The ledger cannot be read" },
  "pack-invalid": { status: 422, title: "The audit pack cannot be read" },
  "newer-version": { status: 422, title: "This is of a newer version" },
  unavailable: { status: 503, title: "Please try again in a moment" },
  internal: { status: 500, title: "Something went wrong here" },
};

/** A refusal as an RFC 9457 problem document with a stable `code`, and with `until` where a time alone stands in the way. */
export function problemOf(failure: Failure, requestId: string): APIGatewayProxyResult {
  const { status, title } = problems[failure.code];
  return {
    statusCode: status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      // API Gateway renames it on its way out: api-gateway-known-issues.html
      ...(status === 401 ? { "www-authenticate": "Bearer" } : {}),
      ...(status === 503 ? { "retry-after": "2" } : {}),
    },
    body: JSON.stringify({
      type: "about:blank",
      title,
      status,
      code: failure.code,
      detail: failure.message,
      instance: `urn:request:${requestId}`,
      ...(failure.until === undefined ? {} : { until: failure.until }),
    }),
  };
}
