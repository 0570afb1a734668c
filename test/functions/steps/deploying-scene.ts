import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { pinnedRequirements } from "../../../core/approval/promotion-approval.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { type VerdictInput, verdictOf } from "../../../core/attestation/verdict.ts";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type DeployPorts, deploy } from "../../../functions/steps/deploy/handler.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  digestOf,
  id,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
  requirements,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { environment } from "./deployment-scene.ts";

export const closed = { stage: openStage(1, { open: false }) };

export const verdictInput: VerdictInput = {
  attestationBase,
  freezeDigest: promotionInReview().freezeDigest,
  target: manifest.target,
  requirements: requirements.sha256,
  signOffs: [],
  result: "PASSED",
  at: now,
};

export async function withVerdict(over: Partial<VerdictInput> = {}, key = attestation) {
  const envelope = await signEnvelope(statementBytes(verdictOf({ ...verdictInput, ...over })), key.key.keyid, key.sign);
  const bytes = canonicalJsonBytes(envelope);
  const verdict = { sha256: sha256Hex(bytes), result: "PASSED", at: now } as const;
  return { bytes, promotion: promotionInReview({ ...closed, status: "approved", verdict }) };
}
export const passed = await withVerdict();
export const other = await withVerdict({ freezeDigest: digestOf("other") });
export function scene(
  given: {
    readonly promotion?: Promotion;
    readonly verdict?: Uint8Array;
    readonly running?: Running;
    readonly ports?: Partial<DeployPorts>;
    /** Those of an execution of today where nothing is said. */
    readonly understands?: readonly string[];
  } = {},
) {
  const { promotion = passed.promotion, verdict = passed.bytes } = given;
  const promotions = new MemoryPromotions([promotion]);
  const target = new MemoryTarget(given.running);
  const ports: DeployPorts = {
    now: () => now,
    calendar: () => ({ kind: "free" }),
    isPinned: (promotion) => pinnedRequirements(policy, promotion) !== undefined,
    attestationBase,
    artifactsBucket: "artifacts",
    watchSeconds: 30,
    promotions: { load: promotions.load, move: promotions.move, list: promotions.list },
    blobs: new MemoryBlobs([verdict]),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    facts: promotions.facts,
    recordFact: promotions.recordFact,
    describeChangeSet: async () => undefined,
    targets: everyKind(target),
    ...given.ports,
  };
  const { understands = ["unverified"] } = given;
  return { promotions, target, ports, run: () => deploy(ports)({ promotionId: id, understands }) };
}
