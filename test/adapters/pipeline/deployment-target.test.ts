import { describe, expect, it } from "vitest";
import { pipelineTarget } from "../../../adapters/pipeline/deployment-target.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import { releaseFor, releaseSentence } from "../../../core/deployment/release.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { deploymentReportFact, type ReportedOutcome } from "../../../core/promotion/deployment-report.ts";
import { digestOf, id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { edge } from "../../functions/api/passport-scene.ts";
import { MemoryPromotions } from "../../functions/memory-promotions.ts";

const release = releaseFor(edge, "nothing");
const serves = { image: "image", model: { uri: "s3://a/b", versionId: "1", sha256: digestOf("model") } };
const deployment: Deployment = { promotion: id, target: edge, ...serves, release };
const promotion = promotionInReview({ status: "deploying", deployment: { startedAt: now, serves, release } });

async function check(reported?: ReportedOutcome, at: Instant = now) {
  const promotions = new MemoryPromotions([promotion]);
  const target = pipelineTarget(promotions, () => at);
  if (reported !== undefined)
    await promotions.recordFact(
      deploymentReportFact(
        { id, manifest: { ...promotion.manifest, target: edge } },
        { outcome: reported, detail: "So it is." },
        at,
      ),
    );
  return target.check(deployment);
}

describe("a target that a pipeline deploys to by itself", () => {
  it("is on its way until the pipeline says something", async () => {
    expect(await check()).toMatchObject({ kind: "under-way", why: "The pipeline has not said yet what came of it." });
  });

  it.each([
    ["deployed", "serving"],
    ["rolled-back", "returned"],
    ["failed", "displaced"],
  ] as const)("is as the pipeline says: %s is %s", async (outcome, kind) => {
    expect(await check(outcome)).toMatchObject({ kind, why: "The pipeline says: So it is.", evidence: { outcome } });
  });

  it("has failed once the pipeline's time is over, and not an instant before", async () => {
    expect((await check(undefined, addSeconds(now, 7199.999))).kind).toBe("under-way");
    expect(await check(undefined, addSeconds(now, 7200))).toMatchObject({
      kind: "displaced",
      why: "The pipeline did not say in time what came of it in edge.",
    });
  });

  it("is believed a report that came in time, however late it is read", async () => {
    expect((await check("deployed", addSeconds(now, 86_400))).kind).toBe("serving");
  });

  it("is never said to have been rolled back from here", async () => {
    const target = pipelineTarget(new MemoryPromotions([promotion]), () => now);
    expect((await refused(target.rollBack(deployment))).sentence).toBe(
      "What a pipeline deployed, it alone can take back.",
    );
  });

  it("is told to reviewers as what it is", () => {
    expect(releaseSentence(release, edge)).toBe(
      "The pipeline deploys it by itself, with a passport, and has 2 hours to say what came of it.",
    );
  });
});
