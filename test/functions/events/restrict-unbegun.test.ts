import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { restrict } from "../../../functions/events/restrict/handler.ts";
import { digestOf, now, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const written = (name: string, over: Partial<Promotion> = {}): Promotion => {
  const { frozen: _, ...promotion } = promotionInReview({ status: "gating" });
  return { ...promotion, id: promotionId(digestOf(name), 1), submittedAt: addSeconds(now, -300), ...over };
};

/** What the clock begins, once it rings. */
function scene(
  given: readonly Promotion[],
  refusing: readonly Promotion["id"][] = [],
  unreadable: readonly string[] = [],
) {
  const store = new MemoryPromotions(given);
  const { list: whole } = store;
  const list: typeof store.list = async (filter) => ({
    ...(await whole(filter)),
    ...("status" in filter && filter.status === "gating" ? { unreadable } : {}),
  });
  const promotions = Object.assign(store, { list });
  const lines: unknown[] = [];
  const begun: Promotion["id"][] = [];
  const work = restrict({
    now: () => now,
    log: (...line) => void lines.push(line),
    policies: { matrix: policy.matrix, machines: [], targets: {} },
    lost: { take: async () => [], remove: async () => {} },
    monitored: async () => {},
    reapprove: async () => {},
    start: async (id) => {
      if (refusing.includes(id)) throw new Failure("unavailable", "Step Functions has too many requests.");
      begun.push(id);
    },
    attestationBase: "https://countersign.example",
    artifactsBucket: "artifacts",
    promotions,
    blobs: new MemoryBlobs(),
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => undefined, read: async () => expect.unreachable() },
    verifyingKeys: async () => [],
    verifySignature: () => false,
    targets: everyKind(new MemoryTarget()),
  });
  return { begun, lines, ring: () => work({ "detail-type": "Scheduled Event", detail: {} }) };
}

describe("a promotion whose submission died before it was begun", () => {
  const lost = written("lost");

  it("is begun by the clock, once whoever took it has had time for that", async () => {
    const [late, early] = [scene([lost]), scene([{ ...lost, submittedAt: addSeconds(now, -299.999) }])];
    await late.ring();
    await early.ring();
    expect([late.begun, early.begun]).toEqual([[lost.id], []]);
  });

  it("is none that was frozen, which its execution did, nor one that has ended", async () => {
    const { begun, ring } = scene([written("frozen", { frozen: [] }), written("withdrawn", { status: "withdrawn" })]);
    await ring();
    expect(begun).toEqual([]);
  });

  it("is begun where another cannot be, which is told", async () => {
    const other = written("other");
    const { begun, ring } = scene([lost, other], [lost.id]);
    expect((await refused(ring())).sentence).toBe("1 places could not be seen to; the others were.");
    expect(begun).toEqual([other.id]);
  });

  it("is begun where the item of another cannot be unpacked, which is told", async () => {
    const { begun, lines, ring } = scene([lost], [], ["p-broken"]);
    expect((await refused(ring())).sentence).toBe("1 places could not be seen to; the others were.");
    expect(begun).toEqual([lost.id]);
    expect(lines).toEqual([["error", "promotion not seen to", { promotionId: "p-broken", code: "unreadable" }]]);
  });
});
