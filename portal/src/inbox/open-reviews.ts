import type { ApiClient, Reply } from "../api/client.ts";
import type { ListedPromotion, PromotionPage } from "../api/contract.ts";

/** Everything in review, as far as it was looked through. */
export interface OpenReviews {
  readonly promotions: readonly ListedPromotion[];
  /** The ids of those that the service cannot read. */
  readonly unreadable: readonly string[];
  /** There are more than these. */
  readonly more: boolean;
}

/** More open reviews than this are nobody's inbox, and a page must come to an end. */
const mostPages = 10;

/**
 * What is in review; what runs on loan, and is taken back unless those who are still needed sign; and what is approved, of
 * which a freeze window may hold some.
 */
const statuses = ["in-review", "loaned", "approved"] as const;

/** Reads all that waits for signatures: a list is the newest first, and the most urgent may be the last of it. */
export async function openReviews(client: ApiClient, path: string): Promise<Reply<OpenReviews>> {
  const promotions = new Map<string, ListedPromotion>();
  const unreadable: string[] = [];
  let more = false;
  let headers = new Headers();
  for (const status of statuses) {
    let cursor: string | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page += 1) {
      if (page === mostPages) {
        more = true;
        break;
      }
      const next: string = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const reply: Reply<PromotionPage> = await client.get<PromotionPage>(`${path}&status=${status}${next}`);
      if (reply.kind === "problem") return reply;
      // Each once: a page that was read later may repeat what moved meanwhile.
      for (const promotion of reply.value.promotions) promotions.set(promotion.id, promotion);
      unreadable.push(...(reply.value.unreadable ?? []));
      cursor = reply.value.next;
      headers = reply.headers;
    }
  }
  return { kind: "ok", value: { promotions: [...promotions.values()], unreadable, more }, headers };
}
