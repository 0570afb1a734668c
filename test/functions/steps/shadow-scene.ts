import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { ShadowPlan } from "../../../core/promotion/shadow.ts";
import { type RunInShadowPorts, runInShadow } from "../../../functions/steps/run-in-shadow/handler.ts";
import { id, now, promotionInReview, requirements } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { type Answered, MemoryShadow } from "../memory-shadow.ts";

export const plan: ShadowPlan = { durationSeconds: 60, requests: 2, withinSeconds: 3600, agreement: 0.9 };
export const environment = utf8(
  JSON.stringify({ image: { reference: `registry.example/scorer@sha256:${"a".repeat(64)}` } }),
);
export const answered: readonly Answered[] = [
  [0.1, 0.1],
  [0.9, 0.9],
];

export function scene(asked: ShadowPlan | "none" = plan, over: Partial<Promotion> = {}) {
  const { document } = requirements;
  const judgedBy = asked === "none" ? document : { ...document, rule: { ...document.rule, shadow: asked } };
  const bytes = canonicalJsonBytes(judgedBy);
  const blobs = new MemoryBlobs([bytes]);
  const promotions = new MemoryPromotions([
    promotionInReview({ status: "gating", requirements: { sha256: sha256Hex(bytes) }, ...over }),
  ]);
  const target = new MemoryShadow();
  const clock = { now };
  const ports: RunInShadowPorts = {
    now: () => clock.now,
    watchSeconds: 30,
    promotions,
    blobs,
    readArtifact: async () => environment,
    artifactsBucket: "artifacts",
    targets: { "sagemaker-endpoint": target },
  };
  const pass = (seconds: number) => {
    clock.now = addSeconds(clock.now, seconds);
  };
  const run = () => runInShadow(ports)({ promotionId: id });
  const states = () =>
    promotions.stored(id).history.map(({ type, body }) => (type === "shadow-run" ? body["state"] : type));
  return { promotions, blobs, target, ports, pass, run, states, stored: () => promotions.stored(id) };
}
