import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import type { PolicyInForce } from "../../core/policy/policy-in-force.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../steps/promotion-store.ts";

/**
 * Tells of policies that are in force, by what is written down about that: their promotion's `policy-activated`, and that it is
 * deployed. Whoever put them there may have died before they told, and everything is judged by them since: nobody asks for their
 * verdict again, against which they were held before.
 */
export async function tellInForce(
  promotions: PromotionMoves,
  inForce: PolicyInForce & { readonly promotion: PromotionId },
  now: () => Instant,
): Promise<Promotion> {
  await moveOn(promotions, inForce.promotion, (current) =>
    current.status === "approved" ? withActivation(current, inForce) : undefined,
  );
  return moveOn(promotions, inForce.promotion, (current) =>
    current.status === "deploying"
      ? advance(
          current,
          { status: "deployed" },
          {
            type: "deployed",
            at: now(),
            summary: "The policies are in force.",
            body: { endpoint: current.manifest.target.endpoint },
            attachments: [],
          },
        )
      : undefined,
  );
}

/** The version that a proposal was compared with. */
export function formerOf({ history }: Pick<Promotion, "history">): Sha256 {
  const former = history.find(({ type }) => type === "policy-proposed")?.body["former"];
  if (typeof former === "string") return former as Sha256;
  throw new Failure("deployment-refused", "The proposal does not say which policies it changes.");
}

function withActivation(promotion: Promotion, { digest, documents, number, since }: PolicyInForce): Promotion {
  return advance(
    promotion,
    { status: "deploying" },
    {
      type: "policy-activated",
      at: since,
      summary: `The policies that were signed off come in force, version ${number}.`,
      body: { policy: digest, number, former: formerOf(promotion) },
      attachments: documents,
    },
  );
}
