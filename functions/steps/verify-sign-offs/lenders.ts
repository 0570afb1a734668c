import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { loanOf, refuseLender } from "../../../core/approval/loan.ts";
import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { Failure } from "../../../core/failure.ts";
import { loanIn } from "../../../core/promotion/lending.ts";
import type { LenderSignature } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";

export interface LenderPorts {
  readonly promotions: { loans(id: PromotionId): Promise<readonly RecordedLoan[]> };
  /** Throws what is wrong with a lender's signature, verified from its raw bytes. */
  readonly requireLender: (recorded: RecordedLoan, promotion: Promotion) => Promise<void>;
}

/** Whether a promotion is lent and no verdict says so yet. */
export function awaitsLoanVerdict({ status, loan }: Promotion): boolean {
  return status === "loaned" && loan !== undefined && loan.verdict === undefined;
}

/** The recorded signatures by which a promotion was lent; none once a verdict says so. */
export async function lendersOf(
  promotion: Promotion,
  { promotions }: Pick<LenderPorts, "promotions">,
): Promise<readonly RecordedLoan[]> {
  if (!awaitsLoanVerdict(promotion)) return [];
  const recorded = await promotions.loans(promotion.id);
  return loanIn(promotion).lenders.flatMap(({ signature }) =>
    recorded.filter((each) => each.signature.id === signature),
  );
}

/**
 * Throws what is wrong with a loan before what is lent is deployed: each signature from its raw bytes, then everything that
 * was asked when it was given, by who people are now.
 *
 * @param standing the signatures as they count now: without passkeys that do not stand any more
 */
export async function requireLenders(
  promotion: Promotion,
  recorded: readonly RecordedLoan[],
  standing: readonly LenderSignature[],
  approval: ApprovalInput,
  ports: LenderPorts,
): Promise<void> {
  const loan = loanIn(promotion);
  for (const each of recorded) await ports.requireLender(each, promotion);
  const [first, second] = standing;
  if (first === undefined || second === undefined)
    throw new Failure("statement-mismatch", "The loan rests on signatures that are not recorded.");
  const { verdict: _, ...given } = loan;
  if (canonicalJson(loanOf(first, second)) !== canonicalJson(given))
    throw new Failure("statement-mismatch", "The loan was given otherwise than its lenders signed.");
  const refusal =
    refuseLender(first, undefined, { promotion, approval }) ?? refuseLender(second, first, { promotion, approval });
  if (refusal !== undefined) throw new Failure(refusal.code, refusal.why);
  if (approval.now >= loan.until) throw new Failure("loan-refused", "The loan was over before it was verified.");
}
