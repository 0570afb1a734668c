import type { PromotionSummary } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import { Foreign } from "../ui/text.tsx";

/** A promotion by its candidate, leading to its review. */
export function CandidateLink({ promotion }: { readonly promotion: PromotionSummary }) {
  return (
    <a href={promotionHash(promotion.id)}>
      <Foreign text={candidateTitle(promotion)} />
    </a>
  );
}

export function candidateTitle({ model, target }: PromotionSummary): string {
  return messages.review.title(model.name, model.version, target);
}
