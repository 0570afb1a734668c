import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import type { Progress } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type RestrictPorts, restrict } from "../../../functions/events/restrict/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

export const submittedAt = addSeconds(now, -3600);
export const former = await approvedPromotion("1.3.0");
export const older = await approvedPromotion("1.2.0", {
  over: { submittedAt: addSeconds(former.promotion.submittedAt, -60) },
});
export const drifted = await approvedPromotion("1.4.0", {
  over: { status: "restricted", submittedAt, restriction: restriction({ remedy: "previous" }) },
});
export const { id } = drifted.promotion;
export const driftedWith = (over: Parameters<typeof restriction>[0], more: Partial<Promotion> = {}): Promotion => ({
  ...drifted.promotion,
  restriction: restriction(over),
  ...more,
});
export const serving: Partial<Progress> = {
  kind: "serving",
  why: "The endpoint 'credit-scoring' serves the approved model.",
};
export const gone: Partial<Progress> = { kind: "returned", why: "The endpoint 'credit-scoring' is gone." };

export const clock = { "detail-type": "Scheduled Event", detail: {} };

export function scene(
  given: readonly Promotion[] = [former.promotion, drifted.promotion],
  over: Partial<RestrictPorts> = {},
) {
  const promotions = new MemoryPromotions(given);
  const target = new MemoryTarget({ revision: id, promotion: id });
  const blobs = new MemoryBlobs([former.bytes, older.bytes, drifted.bytes]);
  const logged: string[] = [];
  const ports: RestrictPorts = {
    now: () => now,
    log: (_, message) => void logged.push(message),
    policies: {
      matrix: policy.matrix,
      machines: [
        { name: "pipeline", issuer: "ci", provider: "github", match: {}, submits: ["credit-scoring"], reports: [] },
      ],
      targets: { production: { kind: "pipeline", endpoint: "{model}", audiences: ["vault"], withinSeconds: 60 } },
    },
    lost: { take: async () => [], remove: async () => {} },
    monitored: async () => {},
    reapprove: async () => {},
    start: async () => {},
    attestationBase,
    artifactsBucket: "artifacts",
    promotions,
    blobs,
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
    ...over,
  };
  const work = restrict(ports);
  const hear = (promotion = id) =>
    work({ "detail-type": "Countersign Fact Recorded", detail: { promotionId: promotion, type: "drift" } });
  const ring = () => work(clock);
  const remedies = () =>
    promotions
      .stored(id)
      .history.filter(({ type }) => type === "remedy")
      .map(({ body }) => body["state"]);
  return { promotions, target, blobs, logged, ports, hear, ring, remedies };
}
