import type { Fact } from "../../core/promotion/fact.ts";
import { type IntruderSubject, intruderPrefix } from "../../core/promotion/intruder-facts.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";

export interface IntruderFacts {
  factsUnder(id: PromotionId, name: "intruder"): Promise<readonly Fact[]>;
  installationFacts(prefix: string): Promise<readonly Fact[]>;
}

/** What was told so far of a place: with a promotion among its facts, otherwise among those of the installation. */
export function factsAbout(promotions: IntruderFacts, { promotion, place }: IntruderSubject): Promise<readonly Fact[]> {
  return promotion === undefined
    ? promotions.installationFacts(intruderPrefix(place))
    : promotions.factsUnder(promotion, "intruder");
}
