import { describe, expect, it } from "vitest";
import { goneUntold, whatRan } from "../../../../core/archive/beside/what-ran.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { type PromotionId, promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf, sayingIn, stepOf, withStep } from "../told-steps.ts";

const former = promotionId(digestOf("former"), 1);
const later = promotionId(digestOf("later"), 1);
const lane = "credit-scoring in production";
const at = (seconds: number): Instant => addSeconds(now, seconds);

type Place = Parameters<typeof goneUntold>[0][number];
const deployed: Place = { promotion: former, lane, deployedAt: at(100) };
const first: Place = {
  promotion: later,
  lane,
  foundNothing: { id: `${later}/9`, at: at(500) },
  deployedAt: at(600),
};
const untold = (...places: readonly Place[]): readonly (PromotionId | undefined)[] =>
  goneUntold(places).map(({ promotion }) => promotion);

describe("a release that found nothing where a version of the model had been deployed", () => {
  it("is told by its record alone where no record says who took that out", () => {
    expect(goneUntold([first, deployed])).toEqual([
      {
        promotion: later,
        sentence: `Whether nothing ran any more where ${former} had been deployed is told by '${later}/9' alone: no record says who took it out, and what came was released all at once.`,
      },
    ]);
  });

  it("is as the records tell where it was taken out, or nobody knows what ran", () => {
    expect(untold({ ...deployed, takenOut: [{ at: at(400), unknown: false }] }, first)).toEqual([]);
    const displaced = {
      promotion: promotionId(digestOf("other"), 1),
      lane,
      takenOut: [{ at: at(400), unknown: true }],
    };
    expect(untold(deployed, displaced, first)).toEqual([]);
  });

  it("is not explained by another's being taken back, nor by what came later or before", () => {
    const back = { promotion: promotionId(digestOf("other"), 1), lane, takenOut: [{ at: at(400), unknown: false }] };
    expect(untold(deployed, back, first)).toEqual([later]);
    expect(untold({ ...deployed, takenOut: [{ at: at(700), unknown: false }] }, first)).toEqual([later]);
    expect(untold({ ...deployed, takenOut: [{ at: at(50), unknown: false }] }, first)).toEqual([later]);
  });

  it("is the first one where nothing had been deployed in that lane by then", () => {
    expect(untold(first)).toEqual([]);
    expect(untold({ ...deployed, lane: "fraud in production" }, first)).toEqual([]);
    expect(untold({ ...deployed, place: "green" }, { ...first, place: "blue" })).toEqual([]);
    expect(untold({ ...deployed, place: "green" }, { ...first, place: "green" })).toEqual([later]);
    expect(untold({ ...deployed, deployedAt: at(501) }, first)).toEqual([]);
    const { foundNothing: _, ...update } = first;
    expect(untold(deployed, update)).toEqual([]);
  });

  it("follows what was taken out in the same moment", () => {
    expect(untold({ ...deployed, takenOut: [{ at: at(500), unknown: false }] }, first)).toEqual([]);
  });
});

describe("what a promotion says of what ran", () => {
  const production = { kind: "sagemaker-endpoint" } as const;

  it("is whether its deployment found anything", async () => {
    const { steps } = await replayedOf(told.deployed);
    const { record } = stepOf(steps, "deployment-started");
    const taken = { takenOut: [{ at: momentOf(steps, "remedy"), unknown: false }] };
    expect(whatRan(steps, production)).toEqual({ foundNothing: { id: record.id, at: record.at }, ...taken });
    expect(whatRan(sayingIn(steps, "deployment-started", { previous: "before" }), production)).toEqual(taken);
    expect(whatRan(steps, { kind: "pipeline" })).toEqual({});
    expect(whatRan((await replayedOf(told.withdrawn)).steps, production)).toEqual({});
  });

  it("is when it was taken out, but not that something else was put back", async () => {
    const { steps } = await replayedOf(told.kept);
    expect(whatRan(steps, production)).toEqual({ takenOut: [{ at: momentOf(steps, "rolled-back"), unknown: false }] });
    const failed = withStep(steps, "rolled-back", ({ record }) => ({ record: { ...record, type: "failed" } }));
    expect(whatRan(failed, production)).toEqual({ takenOut: [{ at: momentOf(steps, "rolled-back"), unknown: true }] });
    const { steps: drifted } = await replayedOf(told.deployed);
    expect(whatRan(sayingIn(drifted, "remedy", { remedy: "previous" }), production)).not.toHaveProperty("takenOut");
    const { steps: lent } = await replayedOf(told.lent);
    expect(whatRan(lent, production)).toEqual({
      takenOut: [{ at: momentOf(lent, "loan-taken-back"), unknown: false }],
    });
  });
});
