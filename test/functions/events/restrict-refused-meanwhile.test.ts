import { expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { applyRemedy } from "../../../functions/events/restrict/apply-remedy.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, digestOf, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const former = await approvedPromotion("1.3.0");
const again = promotionInReview({ id: promotionId(digestOf("again"), 1) });
const drifted = await approvedPromotion("1.4.0", {
  over: {
    status: "restricted",
    submittedAt: addSeconds(now, -3600),
    restriction: restriction({ remedy: "previous", unlessReapproved: "stop", reapproval: again.id }),
  },
});
const { id } = drifted.promotion;

/** It goes back, and is refused another approval before any run has seen that it is back. */
async function refusedMeanwhile() {
  const promotions = new MemoryPromotions([former.promotion, drifted.promotion, again]);
  const target = new MemoryTarget({ revision: id, promotion: id });
  const logged: string[] = [];
  const apply = applyRemedy({
    now: () => now,
    log: (_, message) => void logged.push(message),
    attestationBase,
    artifactsBucket: "artifacts",
    promotions,
    blobs: new MemoryBlobs([former.bytes, drifted.bytes]),
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
  });
  await apply(id);
  promotions.put({ ...again, status: "rejected" });
  const told = () =>
    promotions
      .stored(id)
      .history.filter(({ type }) => type === "remedy")
      .map(({ body }) => `${body["remedy"]} ${body["state"]}`);
  return { promotions, target, logged, apply, told };
}

it("what was put back before its new approval was refused is left to serve, and is done", async () => {
  const { promotions, target, logged, apply, told } = await refusedMeanwhile();
  target.running = { revision: former.promotion.id, promotion: former.promotion.id };
  target.progress = { kind: "serving", why: "The endpoint 'credit-scoring' serves the approved model." };
  await apply(id);
  expect([target.rolledBack, logged, told()]).toEqual([[], [], ["previous started", "previous done"]]);
  expect(promotions.stored(id).status).toBe("rolled-back");
});

it("what drifted and still serves as its new approval is refused is taken out, as its rule has it", async () => {
  const { promotions, target, apply, told } = await refusedMeanwhile();
  target.progress = { kind: "returned", why: "The endpoint 'credit-scoring' is gone." };
  await apply(id);
  expect([target.rolledBack.length, told()]).toEqual([1, ["previous started", "stop started", "stop done"]]);
  expect(promotions.stored(id).status).toBe("restricted");
});
