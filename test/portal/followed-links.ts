import { createHmac, timingSafeEqual } from "node:crypto";
import { reviewerMark, reviewLink } from "../../core/attestation/review-link.ts";
import { addSeconds, instantFromMs } from "../../core/encoding/instant.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { identityKey, type Member } from "../../core/promotion/identity.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { followLink } from "../../functions/api/follow-link/handler.ts";

const mac = async (message: Uint8Array) => new Uint8Array(createHmac("sha256", "link key").update(message).digest());

/** Makes a reviewer's link to the first stage of a promotion, good for an hour. */
export async function linkFor(promotion: PromotionId, { identity }: Pick<Member, "identity">): Promise<string> {
  const target = { promotion, stage: 0, reviewer: reviewerMark(identityKey(identity)) };
  return reviewLink(target, addSeconds(instantFromMs(Date.now()), 3600), mac);
}

/** The function behind `/r/{link}`, which keeps its facts among these. */
export function linksOf(facts: Fact[], portalUrl: string) {
  return followLink({
    now: () => instantFromMs(Date.now()),
    portalUrl,
    verifyMac: async (message, given) => timingSafeEqual(await mac(message), given),
    promotions: {
      recordFact: async (fact) => {
        if (facts.some(({ id }) => id === fact.id)) return "exists";
        facts.push(fact);
        return "recorded";
      },
    },
  });
}
