import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
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
afterEach(() => void vi.restoreAllMocks());

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

  it("is what that release's own evidence says of it, and not that of a weaker one", async () => {
    const weak = await house.submit("weak", "0.9.0");
    await house.freezeAndJudge(weak);
    const worse = await house.submit("candidate", "2.1.0");
    const stored = house.promotions.load;
    vi.spyOn(house.promotions, "load").mockImplementation(async (id) => {
      const promotion = await stored(id);
      if (promotion === undefined || id !== champion) return promotion;
      const { evidence } = house.promotions.stored(weak).manifest;
      return { ...promotion, manifest: { ...promotion.manifest, evidence } };
    });
    house.pass(120);
    await house.freezeAndJudge(worse);
    vi.restoreAllMocks();
    const { findings } = await verified(await packOf({ house }));
    expect(findings.filter(({ promotion }) => promotion === worse)).toMatchObject([
      {
        code: "gates-differ",
        sentence: "It was compared with other values of 1.0.0 than that release's evidence has.",
      },
    ]);
    const part = await verified(await packOf({ house }, { scope: { kind: "promotion", promotion: worse } }));
    expect(part.findings).toEqual([]);
  });
});
