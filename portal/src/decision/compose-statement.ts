import {
  type SignOffContext,
  type SignOffPredicate,
  type SignOffStatement,
  signOffStatement,
  statementLifetimeSeconds,
} from "../../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { ReleaseConditions } from "../../../core/promotion/release-conditions.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";

/** The longest reason that the service takes, in UTF-16 units, as a text field counts. */
export const longestReason = 4000;

/** The reviewer's part of a statement. */
export interface Decision {
  readonly result: SignOffResult;
  readonly reason: string;
  readonly roles: readonly string[];
  readonly onBehalfOf?: SignOffPredicate["onBehalfOf"];
  readonly conditions?: ReleaseConditions;
}

/** Why a decision cannot be put into a statement yet. */
export type Incomplete = "reason-missing" | "reason-too-long" | "no-role" | "conditions-unclear" | "conditions-refused";

/** What is still missing in a decision; `undefined` where nothing is. */
export function incompleteness({ result, reason, roles }: Decision): Incomplete | undefined {
  if (roles.length === 0) return "no-role";
  if (reason.length > longestReason) return "reason-too-long";
  return result === "reject" && reason.trim() === "" ? "reason-missing" : undefined;
}

/** The statement of a decision. `random`: 16 bytes nobody can guess. */
export function composedStatement(
  context: SignOffContext,
  decision: Decision & { readonly reviewer: Identity },
  at: { readonly now: Instant; readonly random: Uint8Array },
): SignOffStatement {
  return signOffStatement(context, {
    ...decision,
    // Half of a surrogate pair, which a paste can leave behind, has no bytes in UTF-8.
    reason: decision.reason.trim().toWellFormed(),
    salt: base64url(at.random),
    issuedAt: at.now,
    expiresAt: addSeconds(at.now, statementLifetimeSeconds),
  });
}

/** Whether a statement still says what one composed from `context` would. */
export function fitsContext(statement: SignOffStatement, context: SignOffContext | undefined): boolean {
  if (context === undefined) return false;
  return canonicalJson(signOffStatement(context, statement.predicate)) === canonicalJson(statement);
}
