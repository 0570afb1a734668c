import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Model } from "../promotion/freeze-manifest.ts";
import type { Identity } from "../promotion/identity.ts";
import type { LoanTerms } from "../promotion/loan.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { Target } from "../promotion/target.ts";
import type { SignOffContext } from "./sign-off-statement.ts";
import { type Statement, statementAbout } from "./statement.ts";

/** What a lender signs, beside the freeze manifest that the statement is about. */
interface LoanPredicate {
  readonly promotion: PromotionId;
  readonly model: Model;
  readonly target: Target;
  readonly review: number;
  readonly terms: LoanTerms;
  readonly reason: string;
  readonly role: string;
  readonly lender: Identity;
  /** The first lender's statement, where this is the second's. */
  readonly confirms?: { readonly sha256: Sha256 };
  readonly requirements: { readonly sha256: Sha256 };
  /** Digest of the evidence summary that was shown. */
  readonly shown: { readonly sha256: Sha256 };
  /** 16 random bytes, base64url. */
  readonly salt: string;
  readonly issuedAt: Instant;
  readonly expiresAt: Instant;
}

export type LoanStatement = Statement<LoanPredicate>;

/** The parts that come from the promotion: the service derives them again and takes nobody's word for them. */
export type LoanContext = Omit<SignOffContext, "stage">;

/** The parts that are the lender's. */
export type LoanChoice = Pick<
  LoanPredicate,
  "terms" | "reason" | "role" | "lender" | "confirms" | "salt" | "issuedAt" | "expiresAt"
>;

/** The predicate type of loans under a deployment's own base address. */
export function loanPredicateType(attestationBase: string): string {
  return `${attestationBase}/attestation/loan/v1`;
}

/** The statement of one lender: the same from the page, the command line and the service. */
export function loanStatement(context: LoanContext, choice: LoanChoice): LoanStatement {
  return statementAbout(context.freezeDigest, loanPredicateType(context.attestationBase), {
    promotion: context.promotion,
    model: context.model,
    target: context.target,
    review: context.review,
    terms: { seconds: choice.terms.seconds, incident: choice.terms.incident },
    reason: choice.reason,
    role: choice.role,
    lender: choice.lender,
    ...(choice.confirms === undefined ? {} : { confirms: choice.confirms }),
    requirements: { sha256: context.requirements },
    shown: { sha256: context.shown },
    salt: choice.salt,
    issuedAt: choice.issuedAt,
    expiresAt: choice.expiresAt,
  });
}
