import * as v from "valibot";
import { type LoanContext, type LoanStatement, loanStatement } from "../../../core/attestation/loan-statement.ts";
import { loanTerms } from "../../../core/attestation/read-loan-request.ts";
import { type SignOffContext, statementLifetimeSeconds } from "../../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Identity } from "../../../core/promotion/identity.ts";
import type { LoanTerms } from "../../../core/promotion/loan.ts";
import { longestReason } from "../decision/compose-statement.ts";
import { secondsTyped } from "../ui/duration.ts";
import type { Lending } from "./lending.ts";
import type { LoanDraft } from "./loan-draft.ts";

const leastSeconds = 60;

/** Why a loan cannot be put into a statement yet, by the field that lacks something. */
export type LoanFlaw = "no-wish" | "lasting" | "incident" | "role" | "reason";

/** The statement that a form describes, or what is wrong with it. `random`: 16 bytes nobody can guess. */
export function composedLoan(
  draft: LoanDraft,
  {
    lending,
    lender,
    context,
  }: { readonly lending: Lending; readonly lender: Identity; readonly context: SignOffContext },
  at: { readonly now: Instant; readonly random: Uint8Array },
): LoanStatement | LoanFlaw {
  const wish = wishOf(draft, lending);
  if (typeof wish === "string") return wish;
  const only = lending.roles.length === 1 ? lending.roles[0] : undefined;
  const role = lending.roles.find(({ name }) => name === draft.role) ?? only;
  if (role === undefined) return "role";
  if (draft.reason.trim() === "" || draft.reason.length > longestReason) return "reason";
  return loanStatement(loanContext(context), {
    ...wish,
    reason: draft.reason.trim().toWellFormed(),
    role: role.name,
    lender,
    salt: base64url(at.random),
    issuedAt: at.now,
    expiresAt: addSeconds(at.now, statementLifetimeSeconds),
  });
}

/** Whether a statement still says what one composed from `context` would. */
export function fitsLoanContext(statement: LoanStatement, context: SignOffContext | undefined): boolean {
  if (context === undefined) return false;
  return canonicalJson(loanStatement(loanContext(context), statement.predicate)) === canonicalJson(statement);
}

/** What is asked for, or confirmed: of the very terms of the request. */
function wishOf(
  draft: LoanDraft,
  { requests, maximumSeconds }: Lending,
): { readonly terms: LoanTerms; readonly confirms?: { readonly sha256: Sha256 } } | LoanFlaw {
  if (draft.wish === "ask") {
    const seconds = secondsTyped(draft);
    if (!Number.isInteger(seconds) || seconds < leastSeconds || seconds > maximumSeconds) return "lasting";
    const incident = draft.incident.trim();
    return v.is(loanTerms, { seconds, incident }) ? { terms: { seconds, incident } } : "incident";
  }
  const request = requests.find(({ request: { id } }) => id === draft.wish)?.request;
  if (request === undefined) return "no-wish";
  const { id, seconds, incident } = request;
  return { terms: { seconds, incident }, confirms: { sha256: id as Sha256 } };
}

/** Seats are lent in every stage that is to come, so a loan names none. */
function loanContext({ stage: _, ...context }: SignOffContext): LoanContext {
  return context;
}
