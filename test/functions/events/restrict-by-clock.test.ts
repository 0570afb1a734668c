import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { restrict } from "../../../functions/events/restrict/handler.ts";
import { digestOf, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { clock, drifted, driftedWith, former, gone, id, scene } from "./restrict-scene.ts";

describe("a model that is to be stopped", () => {
  it("is taken out by the clock as well, also where the policies do not know the place any more", async () => {
    const { target, ring, remedies, ports } = scene([driftedWith({ remedy: "stop" })]);
    target.progress = gone;
    await restrict({ ...ports, policies: { ...ports.policies, targets: {} } })(clock);
    expect(target.rolledBack).toHaveLength(1);
    expect(remedies()).toEqual(["started", "done"]);
    await ring();
    expect(target.rolledBack).toHaveLength(1);
  });

  it.each(["what woke it", "the clock"])(
    "is taken out, by %s, also while another promotion of the model and target cannot be read, which is told each time",
    async (by) => {
      const { promotions, target, hear, ring, remedies } = scene([driftedWith({ remedy: "stop" })]);
      target.progress = gone;
      const { list } = promotions;
      Object.assign(promotions, {
        list: async (filter: Parameters<typeof list>[0]) =>
          "model" in filter ? { promotions: [], unreadable: ["5f3c-1"] } : list(filter),
      });
      await expect(by === "the clock" ? ring() : hear()).rejects.toMatchObject({
        code: by === "the clock" ? "unavailable" : "conflict",
      });
      expect(target.rolledBack.map(({ promotion }) => promotion)).toEqual([id]);
      expect(remedies()).toEqual(["started", "done"]);
    },
  );

  it("lets the clock settle what was given up, and what asked to look somewhere only once every place was seen to", async () => {
    const job = { "detail-type": "SageMaker Processing Job State Change", detail: { ProcessingJobName: "job-1" } };
    const asked = { "detail-type": "Countersign Fact Recorded", detail: { promotionId: id } };
    const [heard, removed]: [unknown[], string[]] = [[], []];
    const lost = (letters: readonly { readonly handle: string; readonly event: unknown }[]) => {
      const left = [...letters];
      return {
        take: async () => left.splice(0),
        remove: async ({ handle }: { handle: string }) => void removed.push(handle),
      };
    };
    const letters = [
      { handle: "job", event: job },
      { handle: "fact", event: asked },
    ];
    const monitored = async (name: unknown) => void heard.push(name);
    const failing = scene([driftedWith({ remedy: "keep" })], { lost: lost(letters), monitored });
    Object.assign(failing.promotions, { list: async () => ({ promotions: [], unreadable: ["5f3c-1"] }) });
    await expect(failing.ring()).rejects.toMatchObject({ code: "unavailable" });
    expect([heard, removed]).toEqual([["job-1"], ["job"]]);
    const { hear, ring } = scene([driftedWith({ remedy: "keep" })], { lost: lost(letters.slice(1)), monitored });
    await hear();
    expect(removed).toEqual(["job"]);
    await ring();
    expect(removed).toEqual(["job", "fact"]);
  });

  it("is taken out by the clock as well, where a newer one was deployed since, to another endpoint", async () => {
    const elsewhere = { ...manifest.target, endpoint: "credit-scoring-blue" };
    const newer = await approvedPromotion("1.5.0", {
      candidate: { target: elsewhere },
      over: { submittedAt: addSeconds(now, -60), status: "deployed" },
    });
    const blobs = new MemoryBlobs([newer.bytes, drifted.bytes]);
    const { target, ring, remedies } = scene([driftedWith({ remedy: "stop" }), newer.promotion], { blobs });
    target.progress = gone;
    await ring();
    expect(target.rolledBack.map(({ promotion }) => promotion)).toEqual([id]);
    expect(remedies()).toEqual(["started", "done"]);
  });

  it("is left alone by the clock where a newer one was deployed since, in its place", async () => {
    const newer = await approvedPromotion("1.5.0", {
      over: { submittedAt: addSeconds(now, -60), status: "deployed" },
    });
    const blobs = new MemoryBlobs([newer.bytes, drifted.bytes]);
    const { target, ring, remedies } = scene([driftedWith({ remedy: "stop" }), newer.promotion], { blobs });
    target.running = { revision: newer.promotion.id, promotion: newer.promotion.id };
    await ring();
    expect([target.rolledBack, target.suspended, remedies()]).toEqual([[], [], []]);
  });
});

it("a place that fails in whatever way keeps no other from being seen to", async () => {
  const { promotions, target, ports } = scene();
  const machines = ports.policies.machines.map((machine) => ({ ...machine, submits: ["another", "credit-scoring"] }));
  const list: typeof promotions.list = async (lane) => {
    if ("model" in lane && lane.model === "another") throw new Error("AccessDenied");
    return promotions.list(lane);
  };
  const over = { policies: { ...ports.policies, machines }, promotions: { ...ports.promotions, list } };
  expect(await refused(restrict({ ...ports, ...over })(clock))).toMatchObject({
    sentence: "1 places could not be seen to; the others were.",
  });
  expect(target.started).toHaveLength(1);
});

it("of each that is restricted, the approval that it names is seen to by the clock, also where another's cannot be opened", async () => {
  const other = driftedWith({}, { id: promotionId(digestOf("other"), 1) });
  const seen: Promotion["id"][] = [];
  const reapprove = async (promotion: Promotion) => {
    seen.push(promotion.id);
    if (promotion.id === id) throw new Failure("unknown-model-type", "No rule is left.");
  };
  const { ring } = scene([former.promotion, driftedWith({}), other], { reapprove });
  expect((await refused(ring())).sentence).toBe("1 places could not be seen to; the others were.");
  expect(seen.toSorted()).toEqual([id, other.id].toSorted());
});

it("of many that are restricted each has its turn within some runs, however long each keeps whoever opens its approval", async () => {
  const many = Array.from({ length: 20 }, (_, at) => driftedWith({}, { id: promotionId(digestOf(`other ${at}`), 1) }));
  const seen = new Set<Promotion["id"]>();
  let [run, spent] = [0, 0];
  const reapprove = async (promotion: Promotion) => {
    seen.add(promotion.id);
    spent += 10;
    throw new Failure("unavailable", "The directory does not answer.");
  };
  const { ring } = scene([former.promotion, ...many], { reapprove, now: () => addSeconds(now, run * 300 + spent) });
  for (; run < 12; run += 1) {
    spent = 0;
    expect((await refused(ring())).sentence).toBe("20 places could not be seen to; the others were.");
  }
  expect(seen.size).toBe(20);
});
