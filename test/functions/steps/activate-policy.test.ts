import { expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { verdictOf } from "../../../core/attestation/verdict.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { bundleBytes } from "../../../core/policy/policy-bundle.ts";
import { policyManifest } from "../../../core/policy/proposed-policy.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import { type ActivatePolicyPorts, activatePolicy } from "../../../functions/steps/activate-policy/handler.ts";
import { shipped, shippedWith } from "../../core/archive/house.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  id,
  now,
  promotionInReview,
  requirements,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { mock } from "../mock.ts";

it("puts no policies in force in the place of those that were signed off, whatever the table says", async () => {
  const proposal = { requester: cora.identity, title: "Others" };
  const signed = policyManifest(shipped, new Uint8Array(), proposal);
  const other = shippedWith(`${shipped.bundle.texts["matrix.yaml"]}\n# Nobody signed for this.\n`);
  const statement = verdictOf({
    ...{ attestationBase, freezeDigest: freezeDigest(signed), target: signed.target },
    ...{ requirements: requirements.sha256, signOffs: [], result: "PASSED", at: now },
  });
  const envelope = canonicalJsonBytes(
    await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
  );
  const promotions = new MemoryPromotions([
    promotionInReview({
      status: "approved",
      manifest: policyManifest(other, new Uint8Array(), proposal),
      freezeDigest: freezeDigest(signed),
      frozen: [{ name: "policies.json", key: "frozen/other", versionId: "v1" }],
      verdict: { sha256: sha256Hex(envelope), result: "PASSED", at: now },
    }),
  ]);
  const blobs = new MemoryBlobs();
  await blobs.put(envelope);
  const answer = await activatePolicy({
    now: () => now,
    attestationBase,
    promotions: mock<ActivatePolicyPorts["promotions"]>("promotions", { load: promotions.load, move: promotions.move }),
    policies: mock("policies"),
    readArtifact: async () => bundleBytes(other.bundle),
    blobs,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
  })({ promotionId: id });
  expect(answer).toEqual({ outcome: "refused" });
  expect(promotions.stored(id)).toMatchObject({
    status: "blocked",
    reason: "What is to be deployed is not the manifest that was signed.",
  });
});
