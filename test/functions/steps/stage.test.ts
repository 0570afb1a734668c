import { describe, expect, it } from "vitest";
import { plainRelease } from "../../../core/deployment/release.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { stage } from "../../../functions/steps/stage/handler.ts";
import { id, manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { environment, image, model, onInstances, order } from "./deployment-scene.ts";

const canary: Target = {
  ...onInstances,
  instanceCount: 2,
  traffic: { kind: "canary", percent: 10, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 2 },
};

describe("staging a candidate", () => {
  function scene(over: { readonly target?: Target; readonly environment?: Uint8Array } = {}) {
    const promotion = promotionInReview({
      status: "gating",
      manifest: { ...manifest, target: over.target ?? manifest.target },
    });
    const promotions = new MemoryPromotions([promotion]);
    const target = new MemoryTarget();
    const work = stage({
      now: () => now,
      promotions,
      readArtifact: async () => over.environment ?? environment,
      artifactsBucket: "artifacts",
      targets: everyKind(target),
    });
    return { promotions, target, run: () => work({ promotionId: id }) };
  }

  it("creates what will serve it, from its frozen bytes", async () => {
    const { target, run } = scene();
    expect(await run()).toEqual({ outcome: "staged" });
    expect(target.staged).toEqual([order]);
  });

  it("says how traffic would come to it, once", async () => {
    const { promotions, run } = scene({ target: canary });
    await run();
    await run();
    expect(promotions.stored(id).history.map(({ type, summary }) => [type, summary])).toEqual([
      [
        "staged",
        "What will serve the candidate is ready. 10 percent of the traffic comes over first; after 5 minutes the rest, and 5 minutes more until it is done. It is taken back when more than 2 percent of its answers are errors.",
      ],
    ]);
  });

  it("says that the first release takes all traffic at once, whatever the target asks for", async () => {
    const { promotions, target, run } = scene({ target: canary });
    target.running = {};
    await run();
    expect(promotions.stored(id).history.at(-1)?.summary).toContain(
      "Nothing runs there yet, so the first release takes all traffic at once; traffic is shifted from the next on.",
    );
  });

  it("says what would keep it from that", async () => {
    const { promotions, target, run } = scene({ target: canary });
    target.caution = "Deregister it before.";
    await run();
    expect(promotions.stored(id).history.at(-1)?.summary).toMatch(
      /of its answers are errors\. Deregister it before\.$/,
    );
  });

  it("stops what could not be released as its target promises, before anybody is asked", async () => {
    const { promotions, target, run } = scene({ target: canary });
    target.impossible = "The endpoint serves 2 variants.";
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: "The endpoint serves 2 variants." });
    expect(target.staged).toEqual([]);
  });

  it("keeps when what it staged was made, and no fact of its own says so", async () => {
    const { promotions, target, run } = scene();
    target.madeAt = { model: now };
    await run();
    await run();
    expect(promotions.moves.map(({ staged, history }) => [staged, history.length])).toEqual([[{ model: now }, 1]]);
  });

  it("keeps when it was made anew, where the gates come by again before it is deployed", async () => {
    const { promotions, target, run } = scene();
    target.madeAt = { model: addSeconds(now, -60) };
    await run();
    target.madeAt = { model: now, configuration: now };
    await run();
    expect(promotions.stored(id)).toMatchObject({ staged: target.madeAt, history: [{ type: "staged" }] });
  });

  it("keeps nothing else once it may serve, nor of what has ended", async () => {
    const { promotions, target, run } = scene();
    target.madeAt = { model: now };
    const deployment = { startedAt: now, serves: { image, model }, release: plainRelease("nothing") };
    for (const over of [{ status: "deploying", deployment }, { status: "withdrawn" }] as const) {
      promotions.put(promotionInReview(over));
      await run();
    }
    expect(promotions.moves).toEqual([]);
  });

  it("stops a candidate whose environment names its image by a tag", async () => {
    const { promotions, target, run } = scene({ environment: utf8('{"image":{"reference":"scorer:latest"}}') });
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id).reason).toMatch(/does not name a container image by digest/);
    expect(target.staged).toEqual([]);
  });

  it("stops where the account of its target lets nobody in, and says so", async () => {
    const { promotions, target, run } = scene();
    const denied = new Failure("deployment-refused", "The role of the target's account does not let Countersign in.");
    Object.assign(target, { preflight: () => Promise.reject(denied) });
    expect(await run()).toEqual({ outcome: "blocked" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: denied.message });
    expect(target.staged).toEqual([]);
  });

  it("passes on that its target does not answer, to be tried again", async () => {
    const { promotions, target, run } = scene();
    const away = new Failure("unavailable", "SageMaker does not answer at the moment.");
    Object.assign(target, { preflight: () => Promise.reject(away) });
    expect((await refused(run())).code).toBe("unavailable");
    expect(promotions.moves).toEqual([]);
  });

  it("tells nothing of a promotion that was withdrawn meanwhile", async () => {
    const { promotions, target, run } = scene();
    promotions.put(promotionInReview({ status: "withdrawn" }));
    target.impossible = "The endpoint serves 2 variants.";
    await run();
    expect(promotions.moves).toEqual([]);
  });
});
