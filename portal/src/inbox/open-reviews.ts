import type { ApiClient, Reply } from "../api/client.ts";
import type { ListedPromotion, PromotionPage } from "../api/contract.ts";

/** Everything in review, as far as it was looked through. */
export interface OpenReviews {
  readonly promotions: readonly ListedPromotion[];
  /** There are more than these. */
  readonly more: boolean;
}

/** More open reviews than this are nobody's inbox, and a page must come to an end. */
const mostPages = 10;

/** Reads all that is in review: the list is the newest first, and the most urgent may be the last of it. */
export async function openReviews(client: ApiClient, path: string): Promise<Reply<OpenReviews>> {
  const promotions = new Map<string, ListedPromotion>();
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const reply = await client.get<PromotionPage>(
      `${path}${cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    if (reply.kind === "problem") return reply;
    // Each once: a page that was read later may repeat what moved meanwhile.
    for (const promotion of reply.value.promotions) promotions.set(promotion.id, promotion);
    cursor = reply.value.next;
    if (cursor === undefined)
      return { kind: "ok", value: { promotions: [...promotions.values()], more: false }, headers: reply.headers };
  }
  return { kind: "ok", value: { promotions: [...promotions.values()], more: true }, headers: new Headers() };
}
