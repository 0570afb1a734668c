import { by } from "../../../core/encoding/text-order.ts";
import type { ListedPromotion, PromotionSummary } from "../api/contract.ts";

/** Less than this is left: what to look at before anything else. */
const soonMs = 24 * 3_600_000;

/** Until when the reader has something to do about it: a request for a loan has an hour. */
export function dueAt(promotion: Pick<ListedPromotion, "stage" | "expiresAt" | "waits">): string {
  return promotion.waits?.loanToConfirm?.until ?? deadlineOf(promotion);
}

/** When the promotion, or its open stage, is over. */
export function deadlineOf(promotion: Pick<PromotionSummary, "stage" | "expiresAt">): string {
  return promotion.stage?.open === true ? promotion.stage.deadline : promotion.expiresAt;
}

/** Since when it waits as it does now. */
export function waitingSince({ stage, submittedAt }: Pick<PromotionSummary, "stage" | "submittedAt">): string {
  return stage?.openedAt ?? submittedAt;
}

/** Whether little time is left for it. */
export function isSoonOver(promotion: Pick<ListedPromotion, "stage" | "expiresAt" | "waits">, now: number): boolean {
  return Date.parse(dueAt(promotion)) - now < soonMs;
}

/** The most urgent first, and of those with one deadline whatever has waited longest. */
export function byUrgency(promotions: readonly ListedPromotion[]): readonly ListedPromotion[] {
  const rank = (promotion: ListedPromotion) => `${dueAt(promotion)} ${waitingSince(promotion)} ${promotion.id}`;
  return promotions.toSorted(by(rank));
}
