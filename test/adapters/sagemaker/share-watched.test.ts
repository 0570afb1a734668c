import { expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { ApprovedOrder, Order } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { requireInstances, requireKind } from "../../../core/deployment/target-kind.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, instantFromMs } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { id, manifest, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../../functions/memory-blobs.ts";
import { MemoryPromotions } from "../../functions/memory-promotions.ts";
import { everyKind } from "../../functions/memory-target.ts";
import { hosting, localSageMaker, repository, scorer } from "../../local/sagemaker/setup.ts";

const local = localSageMaker("in-process");
const place = requireInstances(requireKind(manifest.target, "sagemaker-endpoint"));
const before = promotionId(sha256Hex(utf8("before")), 1);
const order = (promotion: PromotionId): Order => {
  const uri = `s3://models/${promotion === before ? "champion" : "candidate"}/model.json`;
  const model = { uri, versionId: "v1", sha256: sha256Hex(utf8(uri)) };
  return { promotion, target: place, image: `${repository}@${scorer.digest}`, model };
};
const approved = (promotion: PromotionId) => ({ ...order(promotion), verdict: sha256Hex(utf8("v")) }) as ApprovedOrder;
const conditional = releaseFor(place, "something", {
  share: { percent: 10, forSeconds: 86_400 },
  errorPercent: 1,
  watchSeconds: 86_400,
});

it("a tenth of the requests for a day, and then all of them: the watch looks, and the endpoint does", async () => {
  const target = sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
  const staging = sagemakerStaging(local.client(), hosting);
  await staging.stage(order(before));
  await target.start(approved(before), releaseFor(place, "nothing"));
  await local.settled("InService");
  const staged = await staging.stage(order(id));
  await target.start(approved(id), conditional);

  // SageMaker says by its own clock when what answers was made.
  const now = instantFromMs(Date.now());
  const { image, model } = order(id);
  const promotions = new MemoryPromotions([
    promotionInReview({
      stage: openStage(1, { open: false }),
      status: "deploying",
      ...(staged === undefined ? {} : { staged }),
      deployment: { startedAt: now, serves: { image, model }, release: conditional, previous: before },
    }),
  ]);
  const blobs = new MemoryBlobs();
  let clock = now;
  const look = watchDeployment({
    now: () => clock,
    // A day by the hour, so that it does not take one.
    watchSeconds: 3600,
    promotions: { load: promotions.load, move: promotions.move, signOffs: promotions.signOffs },
    blobs: { get: blobs.get, put: blobs.put },
    newer: async () => undefined,
    targets: everyKind(target),
    log: () => {},
  });
  const variants: string[] = [];
  for (;;) {
    await vi.waitFor(async () => expect((await local.endpoint()).EndpointStatus).toBe("InService"));
    const answer = await look({ promotionId: id });
    if (answer.outcome === "deployed") break;
    expect(answer.outcome).toBe("watching");
    await vi.waitFor(async () => expect((await local.endpoint()).EndpointStatus).toBe("InService"));
    const asked = await local.invoke("{}");
    variants.push(asked.headers.get("x-amzn-invoked-production-variant") ?? "");
    if ("seconds" in answer) clock = addSeconds(clock, answer.seconds);
  }
  const told = promotions.stored(id).history.map(({ type, at, body }) => [type, at, body["percent"]]);
  expect(told).toEqual([
    ["traffic-shifted", now, 10],
    ["deployed", addSeconds(now, 86_400 + 3600), undefined],
  ]);
  // One of each ten, as long as it has its part.
  expect(variants.slice(0, 20).filter((variant) => variant === id)).toHaveLength(2);
  expect(variants.at(-1)).toBe("approved");
  expect(await target.describeRunning(place)).toEqual({ revision: id, promotion: id });
  expect((await target.cleanUp(before, place)).left).toEqual([]);
});
