import type { Sha256 } from "../encoding/sha256.ts";

declare const promotionIdBrand: unique symbol;

/** `p-<first 32 hex digits of the freeze digest>-<attempt>`: also the execution's name in Step Functions. */
export type PromotionId = string & { readonly [promotionIdBrand]: true };

/** The id of the n-th attempt (from 1) at a candidate. */
export function promotionId(freezeDigest: Sha256, attempt: number): PromotionId {
  return `p-${freezeDigest.slice(0, 32)}-${attempt}` as PromotionId;
}

/** Narrows text to a promotion id. */
export function isPromotionId(text: unknown): text is PromotionId {
  return typeof text === "string" && /^p-[0-9a-f]{32}-[1-9][0-9]{0,5}$/.test(text);
}
