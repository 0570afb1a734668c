import { beforeAll, describe, expect, it } from "vitest";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

const report = '{"psi":0.31}';
let house: House;
let first: PromotionId;
let again: PromotionId;

async function approved(promotion: PromotionId): Promise<void> {
  for (const people of [[cora], [dana, sam]]) {
    await house.openStage(promotion);
    for (const person of people) await house.sign(promotion, person);
  }
  await house.verify(promotion);
  await house.deploy(promotion);
}

beforeAll(async () => {
  house = new House();
  first = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(first);
  await approved(first);
  again = await house.drift(report);
  // Another report: what is restricted stays so, and nothing else is opened.
  await house.drift('{"psi":0.35}');
  await house.freezeAndJudge(again);
  await approved(again);
});

describe("a model that drifted and was approved again", () => {
  it("was restricted, and runs on under signatures that were all given anew, over the report too", () => {
    expect(house.promotions.stored(first).status).toBe("restricted");
    const promotion = house.promotions.stored(again);
    expect(promotion.status).toBe("deployed");
    expect(promotion.carried ?? []).toEqual([]);
    expect(promotion.settled.flatMap(({ seats }) => seats)).toHaveLength(3);
    expect(promotion.frozen).toEqual(house.promotions.stored(first).frozen);
    expect(promotion.manifest.evidence.map(({ kind }) => kind)).toContain("drift");
    expect(house.facts.filter(({ type }) => type === "drift")).toHaveLength(2);
  });

  it("verifies offline, both promotions and each by itself", async () => {
    const recorded = { house, deployed: again, rejected: first, blocked: first };
    expect((await verified(await packOf(recorded))).findings).toEqual([]);
    for (const promotion of [first, again]) {
      const scope = { kind: "promotion", promotion } as const;
      expect((await verified(await packOf(recorded, { scope }))).findings).toEqual([]);
    }
  });
});
