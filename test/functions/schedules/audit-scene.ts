import { expect } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { restrict } from "../../../functions/events/restrict/handler.ts";
import { type AuditRunningPorts, auditRunning } from "../../../functions/schedules/audit-running/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

export const approved = await approvedPromotion("1.4.0", { over: { submittedAt: addSeconds(now, -3600) } });
export const former = await approvedPromotion("1.3.0");
export const { id } = approved.promotion;
export const own: Running = { revision: id, promotion: id };
export const intruder: Running = { revision: "quick-fix" };
export const rule = policy.matrix.rules[0] ?? expect.unreachable("The matrix has no rule.");
export const strict = {
  ...policy,
  matrix: { ...policy.matrix, rules: [{ ...rule, onIntruder: "take-back" as const }] },
};
export const machines = [
  { name: "ci", issuer: "ci", provider: "github", match: {}, submits: ["credit-scoring"], reports: [] } as const,
];
export const targets = {
  production: { kind: "sagemaker-endpoint", endpoint: "{model}", instanceType: "ml.m5.large", instanceCount: 1 },
} as const;

/** An inference component for each model, and the policies that let pipelines ask for one. */
export const shared = {
  kind: "sagemaker-inference-component",
  endpoint: "{model}",
  host: "models",
  copies: 1,
  resources: { memoryMegabytes: 2048 },
  traffic: { kind: "all-at-once", waitSeconds: 0 },
} as const;
export const sharing: AuditRunningPorts["policies"] = {
  ...strict,
  matrix: { ...strict.matrix, rules: [...strict.matrix.rules, { ...rule, target: "shared" }] },
  machines,
  targets: { shared },
};

export function scene(
  given: readonly Promotion[] = [former.promotion, approved.promotion],
  running: Running = own,
  over: Partial<AuditRunningPorts> = {},
) {
  const promotions = new MemoryPromotions(given);
  const target = new MemoryTarget(running);
  target.progress = { kind: "serving", why: "It serves." };
  const blobs = new MemoryBlobs([approved.bytes, former.bytes]);
  const logged: string[] = [];
  let seconds = 0;
  const common = {
    now: () => addSeconds(now, seconds),
    log: (_: string, message: string) => void logged.push(message),
    policies: { ...strict, machines, targets },
    attestationBase,
    promotions,
    blobs,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
  };
  const ports: AuditRunningPorts = { ...common, endpoints: async () => [], intruders: promotions.intruders, ...over };
  const audit = auditRunning(ports);
  const putRight = restrict({
    ...common,
    lost: { take: async () => [], remove: async () => {} },
    monitored: async () => {},
    reapprove: async () => {},
    start: async () => {},
    artifactsBucket: "artifacts",
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
  });
  const told = (type: FactType) => promotions.recordedFacts().filter((fact) => fact.type === type);
  const ring = () => putRight({ "detail-type": "Scheduled Event", detail: {} });
  const hear = () =>
    putRight({ "detail-type": "Countersign Fact Recorded", detail: { promotionId: id, type: "intruder-found" } });
  const pass = (more: number) => {
    seconds += more;
  };
  return { promotions, target, blobs, logged, audit, ring, hear, told, pass };
}
