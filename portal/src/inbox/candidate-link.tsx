import type { PromotionSummary } from "../api/contract.ts";
import { messages } from "../messages/catalogue.ts";
import { promotionHash } from "../routes.ts";
import { Foreign } from "../ui/text.tsx";

/** A promotion by its candidate, leading to its review. */
export function CandidateLink({ promotion }: { readonly promotion: PromotionSummary }) {
  const { id, model, target } = promotion;
  return (
    <a href={promotionHash(id)}>
      <Foreign text={messages.review.title(model.name, model.version, target)} />
    </a>
  );
}
