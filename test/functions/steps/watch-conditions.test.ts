import { describe, expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { cora, dana, digestOf, id, now, requirements, sam } from "../../core/promotion/promotion-in-review.ts";
import type { MemoryTarget } from "../memory-target.ts";
import { deploying, scene, watching } from "./watch-scene.ts";

describe("watching a deployment", () => {
  describe("under conditions", () => {
    const conditions = { forSeconds: 86_400, errorPercent: 1 };
    const seat = (role: string, who: typeof dana, signOff: string) => ({
      role,
      person: who.identity,
      signOff: digestOf(signOff),
    });
    const watched = (over: Partial<Promotion> = {}): Promotion => ({
      ...deploying,
      deployment: {
        startedAt: now,
        serves: { image: "scorer@sha256:0", model: { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") } },
        release: {
          kind: "update",
          traffic: { kind: "all-at-once", waitSeconds: 0 },
          alarms: { kind: "own", errorPercent: 1 },
          watchSeconds: 86_400,
        },
        conditions,
        previous: "p-before",
      },
      requirements: { sha256: requirements.sha256 },
      settled: [
        { index: 0, seats: [seat("compliance-officer", cora, "cora")] },
        { index: 1, seats: [seat("lead-data-scientist", dana, "dana"), seat("sre", sam, "sam")] },
      ],
      ...over,
    });
    async function conditionally(progress: MemoryTarget["progress"], over: Partial<Promotion> = {}, after = 0) {
      const played = scene(progress, watched(over), after);
      await played.blobs.put(requirements.bytes);
      Object.assign(played.ports.promotions, {
        signOffs: async () => [
          { signOff: given("cora", ["compliance-officer"], 0) },
          { signOff: { ...given("dana", ["lead-data-scientist"], 1), conditions } },
          { signOff: given("sam", ["sre"], 1) },
        ],
      });
      return played;
    }

    it("watches until their time is over, less often the longer it is", async () => {
      const early = await conditionally({ kind: "serving" });
      expect(await early.run()).toEqual(watching);
      const old = await conditionally({ kind: "serving" }, {}, 3600);
      expect(await old.run()).toEqual({ outcome: "watching", seconds: 147 });
      const late = await conditionally({ kind: "serving" }, {}, 86_350);
      expect(await late.run()).toEqual({ outcome: "watching", seconds: 50 });
      expect(early.promotions.moves).toEqual([]);
      const over = await conditionally({ kind: "serving" }, {}, 86_400);
      expect(await over.run()).toEqual({ outcome: "deployed" });
    });

    it("is in review again once it is back, and only what nobody had to judge anew still counts", async () => {
      const { promotions, target, run } = await conditionally({ kind: "returned", why: "It went back." });
      expect(await run()).toEqual({ outcome: "reopened", seconds: 165_600 });
      const promotion = promotions.stored(id);
      expect(promotion).toMatchObject({
        status: "in-review",
        settled: [{ index: 0 }],
        invalidated: [
          { signOff: digestOf("dana"), why: "signed under conditions, and the release under them was taken back" },
        ],
      });
      expect(promotion).not.toHaveProperty("verdict");
      expect(promotion).not.toHaveProperty("deployment");
      expect(promotion.history.at(-1)).toMatchObject({
        type: "seat-reopened",
        summary:
          "The release was taken back, and is in review again: it was approved on condition that for 1 day at most 1 percent of its answers are errors. It went back.",
        attachments: [{ name: "deployment.json" }],
      });
      expect(target.settled).toEqual([id]);
      // Asked again because its answer was lost.
      expect(await run()).toMatchObject({ outcome: "reopened" });
      expect(promotions.moves).toHaveLength(1);
    });

    it.each<[string, Partial<Promotion>, boolean, string]>([
      ["its time is over", { expiresAt: now }, true, "The time for its approval is over, so nobody is asked again."],
      ["a newer one is there", {}, false, "A newer candidate is there, so nobody is asked about this one again."],
      [
        "it was taken back twice before",
        { history: [breach(0), breach(1)] },
        true,
        "It was taken back twice before, so nobody is asked again.",
      ],
    ])("ends when %s", async (_, over, newest, why) => {
      const { promotions, ports, run } = await conditionally({ kind: "returned", why: "It went back." }, over);
      Object.assign(ports, { newer: async () => (newest ? undefined : promotionId(digestOf("newer"), 1)) });
      expect(await run()).toEqual({ outcome: "rolled-back" });
      expect(promotions.stored(id)).toMatchObject({ status: "rolled-back", reason: `It went back. ${why}` });
    });

    it.each(["at once", "by a run whose answer was lost"])(
      "makes place for a newer one that left it, since it was being deployed, when it is in review again (%s)",
      async (when) => {
        const { promotions, ports, run } = await conditionally({ kind: "returned", why: "It went back." });
        const newer = promotionId(digestOf("newer"), 1);
        if (when === "at once")
          Object.assign(ports, {
            newer: async ({ status }: Promotion) => (status === "deploying" ? undefined : newer),
          });
        else await run();
        expect(promotions.stored(id).status).toBe(when === "at once" ? "deploying" : "in-review");
        if (when !== "at once") Object.assign(ports, { newer: async () => newer });
        expect(await run()).toMatchObject({ outcome: "reopened" });
        expect(promotions.stored(id)).toMatchObject({ status: "superseded", supersededBy: newer });
        expect(
          promotions
            .stored(id)
            .history.slice(-2)
            .map(({ type }) => type),
        ).toEqual(["seat-reopened", "superseded"]);
      },
    );

    it("waits until its alarms are gone, which would take the next release back", async () => {
      const { promotions, target, run } = await conditionally({ kind: "returned", why: "It went back." });
      Object.assign(target, {
        settle: async () => {
          throw new Failure("unavailable", "CloudWatch does not answer at the moment.");
        },
      });
      expect(await run()).toMatchObject({ outcome: "watching" });
      expect(promotions.moves).toEqual([]);
    });

    function breach(number: number): Fact {
      return {
        id: `${id}/${number}`,
        type: "seat-reopened",
        at: now,
        summary: "",
        body: { breach: conditions, fallen: [] },
        attachments: [],
      };
    }

    function given(name: string, roles: readonly string[], stage: number): SignOff {
      return {
        id: digestOf(name),
        promotion: id,
        review: 1,
        stage,
        result: "approve",
        reason: "",
        roles,
        reviewer: { issuer: "https://login.example/pool", subject: name },
        reviewerName: name,
        groups: [],
        recordedAt: now,
      };
    }
  });
});
