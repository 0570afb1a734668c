import { equalBytes } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import { Failure } from "../failure.ts";
import { sameIdentity } from "../promotion/identity.ts";
import { openEnvelope } from "./dsse.ts";
import type { ReadToken } from "./id-token.ts";
import { readToken } from "./id-token.ts";
import { type LoanContext, type LoanStatement, loanPredicateType } from "./loan-statement.ts";
import { readLoanRequest, requireLoanStatement } from "./read-loan-request.ts";
import { type RecordedLoan, signedTerms } from "./recorded-loan.ts";
import { signInFacts } from "./recorded-sign-off.ts";
import { challengeOf, statementBytes } from "./sign-off-statement.ts";
import { readStatement } from "./statement.ts";
import { verifyCeremony } from "./verify-ceremony.ts";
import { verifyPasskeyUse } from "./verify-passkey.ts";
import type { SignOffTrust } from "./verify-sign-off.ts";

/**
 * Verifies a lender's signature from its raw bytes, as a sign-off is verified: the service's signature, the statement
 * against the promotion, the identity provider's over the same challenge, and a passkey's where one was used. Throws
 * what is wrong; answers the ID token's claims.
 */
export function verifyRecordedLoan(
  recorded: RecordedLoan,
  context: LoanContext,
  trust: SignOffTrust,
): ReadToken["claims"] {
  const statement = openedLoan(recorded, context, trust);
  const { signature } = recorded;
  const { issuedAt } = statement.predicate;
  const token = readToken(recorded.idToken);
  const expected = { challenge: challengeOf(statement), issuedAt, recordedAt: signature.recordedAt };
  const signer = verifyCeremony(recorded, expected, trust);
  if (!sameIdentity(signer.identity, signature.reviewer)) throw mismatch("it is stored as somebody else's");
  if (canonicalJson(signer.groups) !== canonicalJson(signature.groups))
    throw mismatch("it is stored with other groups");
  if (canonicalJson(signInFacts(signer)) !== canonicalJson(signInFacts(signature)))
    throw mismatch("it is stored with another kind of sign-in");
  return token.claims;
}

/** As `verifyRecordedLoan`, but for the ID token, which was left out: who signed is told by the record alone. */
export function verifyLoanWithoutToken(recorded: RecordedLoan, context: LoanContext, trust: SignOffTrust): void {
  openedLoan(recorded, context, trust);
}

function openedLoan(recorded: RecordedLoan, context: LoanContext, trust: SignOffTrust): LoanStatement {
  const { signature } = recorded;
  const payload = openEnvelope(recorded.envelope, trust.keys, trust.verifySignature);
  const read = readStatement(payload, loanPredicateType(context.attestationBase), context.freezeDigest);
  const request = readLoanRequest({ statement: read, idToken: "-" });
  const statement = requireLoanStatement(request, context, signature.recordedAt);
  if (!equalBytes(statementBytes(statement), payload)) throw mismatch("its statement is not canonical");
  if (!sameIdentity(statement.predicate.lender, signature.reviewer))
    throw mismatch("the statement names somebody else");
  const { id, promotion, review, terms, reason, role, confirms } = signature;
  const stored = { id, promotion, review, terms, reason, role, confirms: confirms ?? null };
  const signed = signedTerms(statement);
  if (canonicalJson(stored) !== canonicalJson({ ...signed, confirms: signed.confirms ?? null }))
    throw mismatch("it is stored as another loan than the one signed");
  verifyPasskeyUse({ signOff: signature, ...answerOf(recorded) }, challengeOf(statement), trust.passkey, trust);
  return statement;
}

function answerOf({ passkey }: RecordedLoan): Pick<RecordedLoan, "passkey"> {
  return passkey === undefined ? {} : { passkey };
}

function mismatch(what: string): Failure {
  return new Failure("statement-mismatch", `A lender's signature is not what was signed: ${what}.`);
}
