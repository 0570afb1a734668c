import { describe, expect, it } from "vitest";
import type { LanePlace } from "../../../core/archive/beside/verify-lanes.ts";
import { laneName } from "../../../core/archive/documents/lane-name.ts";
import type { InspectedPromotion } from "../../../core/archive/inspect-promotion.ts";
import { lanesTold } from "../../../core/archive/lanes-told.ts";
import { readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import { restsOnNone } from "../../../core/archive/promotion/under-policies.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { now } from "../promotion/promotion-in-review.ts";
import { type Files, packOf } from "./memory-pack.ts";
import { headOf, sinceHead, smallFacts, smallPack } from "./small-pack.ts";
import { attestationKeyOfPack, told } from "./told.ts";

// One promotion of which something is wrong says nothing any more of the others of its model and target, and nothing less of those
// elsewhere.

const whole = await smallPack();
const production = laneName("credit-scoring", "production");
const elsewhere = laneName("credit-scoring", "staging");
const { house } = told;

function promotionIn(promotion: PromotionId, lane: string | undefined): InspectedPromotion {
  const place: LanePlace | undefined =
    lane === undefined ? undefined : { promotion, lane, index: 0, askedAt: now, replacements: [] };
  return {
    ...{ verdict: { promotion }, row: [], signedFor: [], findings: [], unchecked: [], keptFrom: [], environments: [] },
    under: { kind: "told", ...restsOnNone },
    ...(place === undefined ? {} : { place }),
  };
}

/** Which of the two lanes are told, where this promotion is unsound and what it was frozen for is that. */
async function toldBeside(
  promotion: PromotionId | undefined,
  frozen: string | undefined,
  { files = whole, facts = smallFacts, since }: { files?: Files; facts?: typeof smallFacts; since?: boolean } = {},
) {
  const indices = facts.flatMap((fact, index) => (fact.promotion === promotion ? [index] : []));
  const byPromotion = new Map(promotion === undefined ? [] : [[promotion, indices] as const]);
  const told = await lanesTold(
    {
      source: memorySource(files),
      manifest: readPackManifest(files.get("manifest.json") ?? new Uint8Array()),
      inspected: { byPromotion, promotions: promotion === undefined ? [] : [promotionIn(promotion, frozen)] },
      options: since === true ? { since: headOf(whole, 7) } : {},
    },
    new Set(promotion === undefined ? [] : [promotion]),
  );
  return [production, elsewhere].filter(told);
}

describe("all of a lane is told", () => {
  it("by a whole log of which nothing is taken as verified before, and by no part of it", async () => {
    expect(await toldBeside(undefined, undefined)).toEqual([production, elsewhere]);
    expect(await toldBeside(undefined, undefined, { since: true })).toEqual([]);
    const part = await smallPack({ scope: sinceHead(headOf(whole, 7)) });
    expect(await toldBeside(undefined, undefined, { files: part })).toEqual([]);
  });

  it("but of the one in which something is wrong, by its request and by what was frozen", async () => {
    expect(await toldBeside(told.rejected, production)).toEqual([elsewhere]);
    expect(await toldBeside(told.rejected, elsewhere)).toEqual([]);
    expect(await toldBeside(told.rejected, laneName("other", "production"))).toEqual([elsewhere]);
  });

  it("nowhere where nobody can tell of which lane that is", async () => {
    expect(await toldBeside(told.rejected, undefined)).toEqual([]);
    const facts = smallFacts.filter(({ type, promotion }) => promotion !== told.rejected || type !== "request");
    const files = await packOf({ house: { ...house, attestation: { key: attestationKeyOfPack } } }, { facts });
    expect(await toldBeside(told.rejected, production, { files, facts })).toEqual([]);
  });

  it("everywhere beside a change of the policies, which runs nowhere", async () => {
    const facts = house.facts.filter(({ promotion }) => promotion === undefined || promotion === told.policies);
    const files = await packOf({ house: { ...house, attestation: { key: attestationKeyOfPack } } }, { facts });
    expect(await toldBeside(told.policies, undefined, { files, facts })).toEqual([production, elsewhere]);
  });
});
