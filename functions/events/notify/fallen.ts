import * as v from "valibot";
import { isSha256, type Sha256 } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";

const digest = v.custom<Sha256>(isSha256);
const promotion = v.custom<PromotionId>(isPromotionId);
const schema = v.object({
  fallen: v.array(v.union([digest, v.object({ signOff: digest, why: v.string() })])),
  /** The earlier candidates, where the sign-offs were given to those. */
  promotions: v.optional(v.array(v.object({ id: promotion }))),
});

/** The sign-offs that a fact takes out of the count, with the reason, and the promotions for which they were given. */
export function fallenIn(fact: Fact): {
  readonly signOffs: ReadonlyMap<Sha256, string>;
  readonly promotions: readonly PromotionId[];
} {
  const { fallen, promotions } = v.parse(schema, fact.body);
  return {
    signOffs: new Map(
      // A record of before it was told sign-off by sign-off: all of them, for the one reason that it gives.
      fallen.map((each) => (typeof each === "string" ? [each, fact.summary] : [each.signOff, each.why])),
    ),
    promotions: promotions?.map(({ id }) => id) ?? (fact.promotion === undefined ? [] : [fact.promotion]),
  };
}
