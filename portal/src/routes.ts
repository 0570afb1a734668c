import { isSha256, type Sha256 } from "../../core/encoding/sha256.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";

/** What the fragment of the address asks for. */
export type Route =
  | { readonly page: "inbox" }
  | { readonly page: "audit" }
  | { readonly page: "passkeys" }
  | { readonly page: "absence" }
  | { readonly page: "policy" }
  | { readonly page: "models" }
  | { readonly page: "model"; readonly model: string; readonly target: string }
  | { readonly page: "promotion"; readonly id: PromotionId }
  | { readonly page: "record"; readonly id: PromotionId }
  | { readonly page: "evidence"; readonly id: PromotionId; readonly sha256: Sha256 }
  | { readonly page: "link-expired"; readonly id?: PromotionId }
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
    path === "models" ||
    path === "absence" ||
    path === "policy"
  )
    return { page: path };
  const [, model, target] = /^models\/([a-z0-9-]+)\/([a-z0-9-]+)$/.exec(path) ?? [];
  if (model !== undefined && target !== undefined) return { page: "model", model, target };
  const [, over] = /^link-expired\/([^/]+)$/.exec(path) ?? [];
  if (isPromotionId(over)) return { page: "link-expired", id: over };
  const [, id, record, sha256] = /^promotions\/([^/]+)(?:(\/record)|\/evidence\/([^/]+))?$/.exec(path) ?? [];
  if (!isPromotionId(id)) return { page: "nowhere" };
  if (sha256 !== undefined) return isSha256(sha256) ? { page: "evidence", id, sha256 } : { page: "nowhere" };
  return { page: record === undefined ? "promotion" : "record", id };
}

/** The fragment that leads to a promotion. */
export function promotionHash(id: string): string {
  return `#/promotions/${id}`;
}

/** The fragment that leads to one model in one target; names of both are slugs. */
export function modelHash(model: string, target: string): string {
  return `#/models/${model}/${target}`;
}

/** The fragment that leads to an evidence document of a promotion. */
export function evidenceHash(id: string, sha256: string): string {
  return `${promotionHash(id)}/evidence/${sha256}`;
}

/** The fragment that leads to a promotion's record: what happened, and the proofs of it. */
export function recordHash(id: string): string {
  return `${promotionHash(id)}/record`;
}
