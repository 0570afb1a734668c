import { reviewerMark } from "../../../core/attestation/review-link.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, identityKey } from "../../../core/promotion/identity.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, digestOf, id, openedAt } from "../promotion/promotion-in-review.ts";

/** The facts of a promotion that Cora approved an hour after its stage opened, and that ran. */
export function approvedFacts(more: readonly Fact[] = [], person: Identity = cora.identity): readonly Fact[] {
  const signOff = digestOf(`sign-off of ${person.subject}`);
  return [
    fact("request", 0, 0, { model: { name: "credit-scoring" }, target: "production" }),
    fact("stage-opened", 1, 0, { stage: 0 }),
    fact("sign-off", 2, 3600, {
      signOff,
      stage: 0,
      result: "approve",
      roles: ["compliance-officer", "sre"],
      reviewer: { ...person },
    }),
    fact("stage-decided", 3, 3601, { stage: 0, seats: [{ role: "compliance-officer", signOff }] }),
    fact("deployment-started", 4, 3700, {}),
    ...more,
  ];
}

/** That Cora was sent a link, or followed it, so many seconds after the stage opened. */
export function linkFact(type: "notification-sent" | "link-opened", seconds: number): Fact {
  const reviewer = reviewerMark(identityKey(cora.identity));
  return fact(type, seconds, seconds, { reviewer, purpose: "asked", stage: 0 });
}

export function fact(type: Fact["type"], number: number, seconds: number, body: Fact["body"]): Fact {
  const at: Instant = addSeconds(openedAt, seconds);
  return { id: `${id}/${type}/${number}`, type, at, promotion: id, summary: "", body, attachments: [] };
}

/** The same facts as those of another promotion. */
export function ofPromotion(facts: readonly Fact[], attempt: number): readonly Fact[] {
  const promotion = promotionId(digestOf("manifest"), attempt);
  return facts.map((each) => ({ ...each, promotion }));
}
