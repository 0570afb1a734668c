import { describe, expect, it } from "vitest";
import { plainRelease } from "../../../core/deployment/release.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { recordProgress, withRollBack } from "../../../functions/steps/record-progress.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { image, model } from "./deployment-scene.ts";

const deployment = { startedAt: now, serves: { image, model }, release: plainRelease("nothing") };

/** A promotion of which the target said that it is unwell. */
async function rolledBack(over: Partial<Promotion>) {
  const promotion = promotionInReview({ status: "deploying", deployment, ...over });
  const promotions = new MemoryPromotions([promotion]);
  const kept: string[] = [];
  const put = async (bytes: Uint8Array) => {
    kept.push(new TextDecoder().decode(bytes));
    return promotion.freezeDigest;
  };
  const record = recordProgress({ now: () => now, promotions, blobs: { put } });
  const progress = { kind: "unhealthy", why: "Too many errors.", evidence: { errors: 7 } } as const;
  const next = await record(id, progress, withRollBack("Too many errors."));
  return { next, kept };
}

describe("that a release is rolled back", () => {
  it.each(["deploying", "loaned"] as const)("is told with what the target said, of one that is %s", async (status) => {
    const { next, kept } = await rolledBack({ status });
    expect(next.deployment?.rollBack).toEqual({ at: now, why: "Too many errors." });
    expect(next.history).toMatchObject([
      {
        type: "rollback",
        at: now,
        summary: "It is rolled back. Too many errors.",
        body: { endpoint: "credit-scoring", state: "started" },
        attachments: [{ name: "deployment.json", mediaType: "application/json" }],
      },
    ]);
    expect(kept.map((each) => JSON.parse(each))).toEqual([{ progress: "unhealthy", readAt: now, errors: 7 }]);
  });

  it.each<readonly [string, Partial<Promotion>]>([
    ["was told before", { deployment: { ...deployment, rollBack: { at: now, why: "Withdrawn." } } }],
    ["never began", { deployment: undefined as never }],
    ["is on loan and never began", { status: "loaned", deployment: undefined as never }],
    ["is over", { status: "deployed" }],
  ])("is not told of one that %s, and nothing is kept", async (_, over) => {
    const { next, kept } = await rolledBack(over);
    expect(next.history).toEqual([]);
    expect(kept).toEqual([]);
  });
});
