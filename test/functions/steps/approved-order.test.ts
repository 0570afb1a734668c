import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type ApprovedOrderPorts, approvedOrder } from "../../../functions/steps/approved-order.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, now } from "../../core/promotion/promotion-in-review.ts";
import { refused, told } from "../../core/refusal.ts";
import { approvedPromotion, environment } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";

const { promotion, bytes } = await approvedPromotion("1.4.0", { verdict: { at: now } });

function ports(over: Partial<ApprovedOrderPorts> = {}): ApprovedOrderPorts {
  return {
    now: () => now,
    attestationBase,
    artifactsBucket: "artifacts",
    blobs: new MemoryBlobs([bytes]),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    ...over,
  };
}

describe("what a verdict allows to be started", () => {
  it("is the order that it was signed for", async () => {
    expect(await approvedOrder(promotion, ports())).toMatchObject({
      promotion: promotion.id,
      verdict: promotion.verdict?.sha256,
      model: promotion.deployment?.serves.model,
    });
  });

  it("is nothing for the first time once it is older than an hour, and again however old it is", async () => {
    const late = ports({ now: () => addSeconds(now, 3600) });
    expect(told(await refused(approvedOrder(promotion, late)))).toMatch(/^verdict-expired: The verdict is too old/);
    expect(told(await refused(approvedOrder(promotion, late, "before")))).toMatch(/^verdict-expired/);
    expect(await approvedOrder(promotion, late, "again")).toMatchObject({ promotion: promotion.id });
  });

  it("is nothing without a verdict", async () => {
    const { verdict: _verdict, ...without } = promotion;
    expect(told(await refused(approvedOrder(without, ports())))).toBe("verdict-invalid: The promotion has no verdict.");
  });

  it("is nothing where the target would read other bytes than were verified", async () => {
    for (const version of ["v2", undefined])
      expect(
        told(
          await refused(
            approvedOrder(
              promotion,
              ports({ artifacts: { currentVersion: async () => version, read: async () => environment } }),
            ),
          ),
        ),
      ).toBe("deployment-refused: The frozen artifact 'model.json' was replaced or removed after it was verified.");
  });
});
