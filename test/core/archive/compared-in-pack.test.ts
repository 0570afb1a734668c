import { beforeAll, describe, expect, it, vi } from "vitest";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";

// A candidate is no worse than what runs; a service that had rather not compare says that nothing ran.

let house: House;
let champion: PromotionId;
let candidate: PromotionId;
beforeAll(async () => {
  house = new House();
  champion = await house.submit("champion", "1.0.0");
  await house.freezeAndJudge(champion);
  await house.openStage(champion);
  await house.sign(champion, cora);
  await house.openStage(champion);
  await house.sign(champion, sam);
  await house.sign(champion, dana);
  await house.verify(champion);
  await house.deploy(champion);
  candidate = await house.submit("candidate", "2.0.0");
});

const judgedBesideIt = async () => {
  house.pass(120);
  await house.freezeAndJudge(candidate);
  return {
    house,
    path: `records/${house.facts.findIndex(({ type, promotion }) => type === "gates" && promotion === candidate)}.json`,
  };
};

describe("what a candidate was compared with", () => {
  it("is what served then: that nothing did is noticed where the log has a release, and cannot be told from a part", async () => {
    vi.spyOn(house.promotions, "list").mockResolvedValue({ promotions: [] });
    const { path } = await judgedBesideIt();
    const { findings } = await verified(await packOf({ house }));
    expect(findings).toMatchObject([
      {
        ...{ code: "gates-differ", path, promotion: candidate },
        sentence: expect.stringMatching(
          `^It was not compared with 1\\.0\\.0 of ${champion}, which served in its target since `,
        ),
      },
    ]);
    const part = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion: candidate } }));
    expect(part.findings).toEqual([]);
    expect(part.unchecked).toContainEqual({
      promotion: candidate,
      sentence: expect.stringContaining("Whether what it was compared with is what served in its target then"),
    });
  });
});
