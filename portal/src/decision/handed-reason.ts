import { fromBase64url } from "../../../core/encoding/base64.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { isPromotionId } from "../../../core/promotion/promotion-id.ts";
import { promotionHash } from "../routes.ts";
import { longestReason } from "./compose-statement.ts";
import { handReason } from "./draft.ts";

/**
 * Makes a draft, for whoever signs in next, of a reason to reject that somebody wrote in a chat and followed a link with (`#/promotions/<id>?reject=…`),
 * and takes it out of the address: it must not be in the history. What was typed here before stays as it is.
 */
export function takeHandedReason(hash: string, storage: Storage, replace: (fragment: string) => void): void {
  const [, id, text = ""] = /^#\/promotions\/([^/?]+)\?reject=([A-Za-z0-9_-]*)$/.exec(hash) ?? [];
  if (!isPromotionId(id)) return;
  replace(promotionHash(id));
  const reason = textIn(text)?.slice(0, longestReason) ?? "";
  if (reason.trim() !== "") handReason(id, reason, storage);
}

/** Whoever made the link may have put anything there. */
function textIn(encoded: string): string | undefined {
  try {
    return fromUtf8(fromBase64url(encoded));
  } catch {
    return undefined;
  }
}
