import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type ReportPorts, runningReports } from "../../../functions/schedules/audit-running/running-report.ts";
import { attestation } from "../../core/attestation/signing-keys.ts";
import { attestationBase, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { approved, id, own } from "./audit-scene.ts";

/** What is said of what runs, where it is what was approved. */
function reported(over: Partial<ReportPorts> = {}, of: Promotion = approved.promotion) {
  const target = new MemoryTarget(own);
  target.progress = { kind: "serving", why: "It serves." };
  const report = runningReports({
    now: () => now,
    attestationBase,
    blobs: new MemoryBlobs([approved.bytes]),
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
    ...over,
  });
  return report(manifest.target, own, of, of);
}

describe("what is said of what runs", () => {
  it("names what it is of, and nothing against it where its verdict allows it", async () => {
    expect(await reported()).toMatchObject({
      readAt: now,
      expected: id,
      revision: id,
      promotion: id,
      candidate: { verdict: null, altered: null },
    });
  });

  it("says why its verdict does not allow it", async () => {
    const { deployment: _, ...never } = approved.promotion;
    expect((await reported({}, never)).candidate).toMatchObject({ verdict: "It was never deployed." });
    const { candidate } = await reported({ verifyingKeys: async () => [] });
    expect(candidate).toMatchObject({ verdict: expect.stringContaining("not trusted here") });
  });

  // Else an hour without a service would be an intruder in every place, and put back.
  it.each([
    ["a service does not answer", new Failure("unavailable", "Throttled.")],
    ["something is broken here", new TypeError("It is undefined.")],
  ])("is nothing against it that %s", async (_, error) => {
    await expect(reported({ blobs: { get: () => Promise.reject(error) } })).rejects.toBe(error);
  });
});
