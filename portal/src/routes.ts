import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";

/** What the fragment of the address asks for. */
export type Route =
  | { readonly page: "inbox" }
  | { readonly page: "audit" }
  | { readonly page: "passkeys" }
  | { readonly page: "policy" }
  | { readonly page: "promotion"; readonly id: PromotionId }
  | { readonly page: "record"; readonly id: PromotionId }
  | { readonly page: "link-expired" }
  | { readonly page: "link-invalid" }
  | { readonly page: "nowhere" };

/** Reads a fragment, with its `#`. */
export function routeOf(hash: string): Route {
  const path = hash.replace(/^#\/?/, "").replace(/\/$/, "");
  if (path === "") return { page: "inbox" };
  if (
    path === "link-expired" ||
    path === "link-invalid" ||
    path === "audit" ||
    path === "passkeys" ||
    path === "policy"
  )
    return { page: path };
  const [, id, record] = /^promotions\/([^/]+)(\/record)?$/.exec(path) ?? [];
  if (!isPromotionId(id)) return { page: "nowhere" };
  return { page: record === undefined ? "promotion" : "record", id };
}

/** The fragment that leads to a promotion. */
export function promotionHash(id: string): string {
  return `#/promotions/${id}`;
}

/** The fragment that leads to a promotion's record: what happened, and the proofs of it. */
export function recordHash(id: string): string {
  return `${promotionHash(id)}/record`;
}
