import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type WatchDeploymentPorts, watchDeployment } from "../../../functions/steps/watch-deployment/handler.ts";
import { digestOf, id, now, openStage, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

export const deploying = promotionInReview({
  stage: openStage(1, { open: false }),
  status: "deploying",
  deployment: {
    startedAt: now,
    serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
    release: { kind: "update", traffic: { kind: "canary", percent: 10, waitSeconds: 300 } },
    previous: "p-before",
  },
});
/** On its way to a tenth of the requests for a day, then to all of them for ten minutes beside what ran before. */
const steps = [
  { percent: 10, waitSeconds: 86_400 },
  { percent: 100, waitSeconds: 600 },
];
export const weighed: Promotion = {
  ...deploying,
  deployment: {
    startedAt: now,
    serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
    release: { kind: "update", traffic: { kind: "weights", steps }, watchSeconds: 86_400 },
    previous: "p-before",
  },
};

export const watching = { outcome: "watching", seconds: 30 };

/** A look at a promotion whose target says `progress`, so many seconds after the beginning. */
export function scene(progress: MemoryTarget["progress"], promotion: Promotion = deploying, after = 0) {
  const promotions = new MemoryPromotions([promotion]);
  const target = new MemoryTarget({ revision: "p-before", changingTo: id });
  target.progress = progress;
  const blobs = new MemoryBlobs();
  const logged: string[] = [];
  const ports: WatchDeploymentPorts = {
    now: () => addSeconds(now, after),
    watchSeconds: 30,
    promotions: { load: promotions.load, move: promotions.move, signOffs: promotions.signOffs },
    blobs: { get: blobs.get, put: blobs.put },
    newer: async () => undefined,
    targets: everyKind(target),
    log: (_, message) => void logged.push(message),
  };
  return { promotions, target, blobs, logged, ports, run: () => watchDeployment(ports)({ promotionId: id }) };
}
