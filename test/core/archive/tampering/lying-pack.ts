import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { type Files, packOf } from "../pack-fixture.ts";
import type { Retold } from "../retelling.ts";
import type { Everything } from "./everything.ts";

/** The pack of a service that lies: of the promotion that it lies about, where it is one. What gives it away is in those records. */
export function lyingPack(told: Everything, retold: Retold): Promise<Files> {
  const promotion = liedAbout(told, retold);
  return packOf(told, { ...retold, ...(promotion === undefined ? {} : { scope: { kind: "promotion", promotion } }) });
}

/** The promotion of all that is told otherwise; nothing where it is of several, or of none. */
function liedAbout({ house }: Everything, { facts = house.facts }: Retold): PromotionId | undefined {
  const [was, is] = [new Set(house.facts), new Set(facts)];
  const otherwise = [...house.facts.filter((fact) => !is.has(fact)), ...facts.filter((fact) => !was.has(fact))];
  const [promotion, ...others] = new Set(otherwise.map((fact) => fact.promotion));
  return others.length === 0 ? promotion : undefined;
}
