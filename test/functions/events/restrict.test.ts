import { describe, expect, it } from "vitest";
import type { Progress } from "../../../core/deployment/deployment-target.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type RestrictPorts, restrict } from "../../../functions/events/restrict/handler.ts";
import { attestationKey } from "../../core/attestation/signing-keys.ts";
import { digestOf, manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion, environment } from "../approved-promotion.ts";
import { crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import type { MemoryTarget } from "../memory-target.ts";
import { clock, drifted, driftedWith, former, gone, id, older, scene, serving } from "./restrict-scene.ts";

const ofAnotherPlace = await approvedPromotion("1.5.0", {
  candidate: { target: { ...manifest.target, name: "offers", endpoint: "credit-scoring-offers" } },
  over: { submittedAt: addSeconds(now, -60), status: "deployed" },
});

describe("a model that drifted, where the matrix says 'previous'", () => {
  it("makes place for the version before, started anew under its own verdict, however old", async () => {
    const { promotions, target, hear, ring, remedies } = scene([older.promotion, former.promotion, drifted.promotion]);
    await hear();
    expect(target.started.map(({ order, release }) => [order.promotion, order.verdict, release])).toEqual([
      [
        former.promotion.id,
        former.promotion.verdict?.sha256,
        { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } },
      ],
    ]);
    expect(promotions.stored(id).status).toBe("restricted");
    // Under way: the clock goes on from there, and nothing is started twice.
    await ring();
    expect([target.started.length, remedies()]).toEqual([1, ["started"]]);
    target.running = { revision: former.promotion.id, promotion: former.promotion.id };
    target.progress = serving;
    await ring();
    expect(remedies()).toEqual(["started", "done"]);
    expect(promotions.stored(id)).toMatchObject({
      status: "rolled-back",
      reason: "It drifted. The endpoint 'credit-scoring' serves the approved model.",
    });
    expect(promotions.stored(id).history.at(-1)?.attachments).toMatchObject([{ name: "deployment.json" }]);
    await hear();
    await ring();
    expect(target.started).toHaveLength(1);
  });

  it.each([
    ["was signed by a key that is not ours", { key: attestationKey() }],
    ["is over another candidate", { verdict: { freezeDigest: digestOf("other") } }],
    ["is for another target", { verdict: { target: { ...manifest.target, endpoint: "other" } } }],
    ["did not pass", { verdict: { result: "FAILED" as const } }],
  ])("passes over a version whose verdict %s", async (_, wrong) => {
    const bad = await approvedPromotion("1.3.0", wrong);
    const blobs = new MemoryBlobs([bad.bytes, older.bytes]);
    const { target, hear } = scene([older.promotion, bad.promotion, drifted.promotion], { blobs });
    await hear();
    expect(target.started.map(({ order }) => order.promotion)).toEqual([older.promotion.id]);
  });

  it.each<[string, readonly Promotion[], Partial<RestrictPorts>, RegExp]>([
    ["nothing was approved before", [], {}, /No version was approved before it\.$/],
    [
      "the one before drifted itself",
      [{ ...former.promotion, status: "restricted" }],
      {},
      /No version was approved before it\.$/,
    ],
    [
      "its frozen bytes were replaced",
      [former.promotion],
      { artifacts: { currentVersion: async () => "v2", read: async () => environment } },
      /1\.3\.0: The frozen artifact 'model\.json' was replaced or removed/,
    ],
    [
      "it was approved for another endpoint",
      [
        {
          ...former.promotion,
          manifest: { ...former.promotion.manifest, target: { ...manifest.target, endpoint: "other" } },
        },
      ],
      {},
      /1\.3\.0: It was approved for another place, the endpoint 'other'\./,
    ],
  ])("serves on where %s: that is recorded once, and raises an alarm each time", async (_, before, over, why) => {
    const { promotions, target, logged, hear, ring, remedies } = scene([...before, drifted.promotion], over);
    await hear();
    await ring();
    expect(target.started).toEqual([]);
    expect(remedies()).toEqual(["failed"]);
    expect(promotions.stored(id).restriction?.taken?.failure).toMatch(why);
    expect(promotions.stored(id).status).toBe("restricted");
    expect(logged.filter((message) => message === "remedy failed")).toHaveLength(2);
  });

  it("has its new approval opened although it has made place by then, and whoever restricted it died before that", async () => {
    const asked: [Promotion["id"], Promotion["status"]][] = [];
    const { promotions, target, hear, ring } = scene([former.promotion, drifted.promotion], {
      reapprove: async ({ id: of, status }) => void asked.push([of, status]),
    });
    target.progress = serving;
    await hear();
    expect(promotions.stored(id).status).toBe("rolled-back");
    expect(asked).toEqual([[id, "restricted"]]);
    await ring();
    await hear();
    expect(asked).toHaveLength(1);
  });

  it("passes over a version that was approved for an endpoint of the same name in another account", async () => {
    const account = {
      role: "arn:aws:iam::999999999999:role/countersign",
      externalId: "3141592653",
      servingRole: "arn:aws:iam::999999999999:role/serves",
    };
    const target = { ...requireKind(manifest.target, "sagemaker-endpoint"), account };
    const there = await approvedPromotion("1.3.0", { candidate: { target } });
    const blobs = new MemoryBlobs([there.bytes, older.bytes]);
    const { target: place, hear } = scene([older.promotion, there.promotion, drifted.promotion], { blobs });
    await hear();
    expect(place.started.map(({ order }) => order.promotion)).toEqual([older.promotion.id]);
  });

  it("puts nothing in the place of nothing: that somebody has removed it by hand is told", async () => {
    const { promotions, target, hear, remedies } = scene();
    target.running = {};
    await hear();
    await hear();
    expect([target.started, remedies()]).toEqual([[], ["failed"]]);
    expect(promotions.stored(id).restriction?.taken?.failure).toMatch(/^Nothing serves there any more/);
  });

  it("waits for a target that is being changed, without a word to anybody", async () => {
    const { target, logged, hear, remedies } = scene();
    target.progress = new Failure("unavailable", "The endpoint is being changed at the moment.");
    await hear();
    expect([logged, remedies()]).toEqual([["remedy waits"], ["started"]]);
  });

  it.each<[string, Partial<MemoryTarget>, RegExp]>([
    [
      "the target does not answer",
      { describeRunning: () => Promise.reject(new Failure("unavailable", "The cluster does not answer.")) },
      /^The cluster does not answer\.$/,
    ],
    [
      "something else serves",
      { running: { revision: "by-hand" } },
      /^Something else serves there by now, and it is no newer candidate\.$/,
    ],
    [
      "an older version was put there by hand",
      { running: { revision: older.promotion.id, promotion: older.promotion.id } },
      /^Something else serves there by now/,
    ],
    [
      "a newer version of another place was put there by hand",
      { running: { revision: ofAnotherPlace.promotion.id, promotion: ofAnotherPlace.promotion.id } },
      /^Something else serves there by now, and it is no newer candidate\.$/,
    ],
  ])("tells after an hour that it could not begin, where %s", async (_, there, why) => {
    let later = 3599;
    const given = [older.promotion, former.promotion, drifted.promotion, ofAnotherPlace.promotion];
    const { promotions, target, logged, hear, remedies } = scene(given, { now: () => addSeconds(now, later) });
    Object.assign(target, there);
    await hear();
    expect([logged, remedies()]).toEqual([["remedy waits"], []]);
    later = 3600;
    await hear();
    await hear();
    expect([logged.slice(1), remedies()]).toEqual([["remedy failed", "remedy failed"], ["failed"]]);
    expect(promotions.stored(id).restriction?.taken?.failure).toMatch(why);
  });

  it("says nothing where a newer candidate was approved for the place, and serves there", async () => {
    const newer = await approvedPromotion("1.5.0", {
      over: { submittedAt: addSeconds(now, -60), status: "deploying" },
    });
    const given = [former.promotion, drifted.promotion, newer.promotion];
    const { target, logged, hear, remedies } = scene(given, { now: () => addSeconds(now, 90_000) });
    target.running = { revision: newer.promotion.id, promotion: newer.promotion.id };
    await hear();
    expect([logged, remedies()]).toEqual([[], []]);
  });

  it("touches nothing where something else serves by now", async () => {
    const { target, hear, remedies } = scene();
    target.running = { revision: "p-newer" };
    await hear();
    expect([target.started, remedies()]).toEqual([[], []]);
  });

  it("killed at any call, is gone on with and comes to the same", async () => {
    const whole = scene();
    whole.target.progress = serving;
    // Neither the log nor the check of a signature is a call to the outside.
    const outside = ({ promotions, blobs, artifacts, targets }: RestrictPorts) => ({
      promotions,
      blobs,
      artifacts,
      targets,
    });
    const counted = crashing(outside(whole.ports));
    await restrict({ ...whole.ports, ...counted.ports })(clock);
    expect(counted.calls()).toBeGreaterThan(8);
    for (let call = 1; call <= counted.calls(); call += 1) {
      for (const moment of ["before", "after"] as const) {
        const { promotions, target, ports, ring, remedies } = scene();
        target.progress = serving;
        await expect(
          restrict({ ...ports, ...crashing(outside(ports), { call, moment }).ports })(clock),
        ).rejects.toThrow("could not be seen to");
        await ring();
        expect([promotions.stored(id).status, remedies()]).toEqual(["rolled-back", ["started", "done"]]);
        expect(target.started).toHaveLength(1);
      }
    }
  });
});

describe("a model that is to be stopped", () => {
  it("is taken out of service, and may be approved again", async () => {
    const { promotions, target, hear, remedies } = scene([former.promotion, driftedWith({ remedy: "stop" })]);
    target.progress = gone;
    await hear();
    expect(target.rolledBack.map(({ promotion, previous }) => [promotion, previous])).toEqual([[id, undefined]]);
    expect(remedies()).toEqual(["started", "done"]);
    expect(promotions.stored(id)).toMatchObject({ status: "restricted", restriction: { taken: { doneAt: now } } });
    await hear();
    expect(target.rolledBack).toHaveLength(1);
  });

  it.each<["stop" | "previous", Partial<Progress>]>([
    ["stop", serving],
    ["previous", { kind: "under-way", why: "It is on its way." }],
  ])("that is not done within an hour is told as failed, with an alarm each time: %s", async (remedy, progress) => {
    let later = 0;
    const given = [former.promotion, driftedWith({ remedy })];
    const { promotions, target, logged, hear, remedies } = scene(given, { now: () => addSeconds(now, later) });
    target.rollBack = async () => {};
    target.progress = progress;
    await hear();
    later = 3599;
    await hear();
    expect([remedies(), logged]).toEqual([["started"], []]);
    later = 3600;
    await hear();
    await hear();
    expect([remedies(), logged]).toEqual([
      ["started", "failed"],
      ["remedy failed", "remedy failed"],
    ]);
    expect(promotions.stored(id).restriction?.taken?.failure).toBe(
      `It began at ${now} and is not done: ${progress.why}`,
    );
  });

  it("that fails is told at most once in six hours, whatever the words", async () => {
    let later = 0;
    const { target, logged, hear, remedies } = scene([driftedWith({ remedy: "stop" })], {
      now: () => addSeconds(now, later),
    });
    target.rollBack = async () => {
      throw new Failure("deployment-refused", `The quota is used up: ${later}.`);
    };
    for (; later < 43_200; later += 300) await hear();
    expect(remedies()).toEqual(["started", "failed", "failed"]);
    expect(new Set(logged)).toEqual(new Set(["remedy failed"]));
    expect(logged).toHaveLength(144);
  });

  it("is told as out of service where somebody has removed it by hand", async () => {
    const { target, hear, remedies } = scene([driftedWith({ remedy: "stop" })]);
    target.running = {};
    target.progress = gone;
    await hear();
    expect([target.rolledBack, remedies()]).toEqual([[], ["started", "done"]]);
  });

  it("makes place for nothing while a promotion that may be the version before cannot be read: which it is, is told", async () => {
    const { promotions, target, hear, remedies } = scene();
    Object.assign(promotions, { list: async () => ({ promotions: [], unreadable: ["5f3c-1"] }) });
    await expect(hear()).rejects.toMatchObject({ code: "conflict" });
    expect([target.started, remedies()]).toEqual([[], ["failed"]]);
    expect(promotions.stored(id).history.at(-1)?.summary).toContain("the service cannot read 5f3c-1");
  });

  it("stays where something else serves by now", async () => {
    const { target, hear, remedies } = scene([driftedWith({ remedy: "stop" })]);
    target.running = { revision: "p-newer" };
    await hear();
    expect([target.rolledBack, remedies()]).toEqual([[], []]);
  });

  it("once its new approval was refused: that is heard of the one that asked", async () => {
    const again = promotionInReview({ id: promotionId(digestOf("again"), 1), status: "in-review" });
    const reapproves = { promotion: id, frozen: [] };
    const { promotions, target, hear, remedies } = scene([
      driftedWith({ unlessReapproved: "stop", reapproval: again.id }),
      { ...again, reapproves },
    ]);
    target.progress = gone;
    await hear();
    expect(target.rolledBack).toEqual([]);
    promotions.put({ ...again, reapproves, status: "rejected" });
    await hear(again.id);
    expect(target.rolledBack).toHaveLength(1);
    expect(remedies()).toEqual(["started", "done"]);
    expect(promotions.stored(id).reason).toMatch(/^It was not approved again\./);
  });
});

it.each(["previous", "stop"] as const)(
  "what a pipeline deploys by itself is left to it, and that is told, where the matrix says '%s'",
  async (remedy) => {
    const pipeline = {
      name: "production",
      kind: "pipeline",
      endpoint: "credit-scoring",
      audiences: ["vault"],
      withinSeconds: 60,
    } as const;
    const { promotions, target, hear } = scene([
      former.promotion,
      driftedWith({ remedy }, { manifest: { ...drifted.promotion.manifest, target: pipeline } }),
    ]);
    target.running = {};
    target.progress = serving;
    await hear();
    expect(promotions.stored(id).restriction?.taken?.failure).toBe("What a pipeline deployed, it alone can take back.");
  },
);

describe("what says elsewhere that a restricted model is approved", () => {
  it.each(["keep", "previous", "stop"] as const)("is taken back, also where the matrix says '%s'", async (remedy) => {
    const { target, hear } = scene([former.promotion, driftedWith({ remedy })]);
    await hear();
    expect(target.suspended).toEqual([id]);
  });

  it("stays where nothing is restricted", async () => {
    const { target, hear } = scene();
    await hear(former.promotion.id);
    expect(target.suspended).toEqual([]);
  });

  it("that cannot be taken back raises an alarm, is tried again, and holds up nothing else", async () => {
    const { target, hear, ring, logged, remedies } = scene();
    target.unsuspended = new Failure("deployment-refused", "SageMaker does not let us.");
    await hear();
    expect([logged, remedies(), target.started.length]).toEqual([["remedy failed"], ["started"], 1]);
    target.unsuspended = undefined;
    await ring();
    expect(target.suspended).toEqual([id]);
  });
});

it("what is nobody's business here changes nothing, and what is not known is refused", async () => {
  const { target, hear, ports } = scene([former.promotion, driftedWith({})]);
  await hear();
  await hear(promotionId(digestOf("unknown"), 1));
  await restrict(ports)({ "detail-type": "Countersign Fact Recorded", detail: {} });
  expect([target.started, target.rolledBack]).toEqual([[], []]);
  expect((await refused(restrict(ports)({ "detail-type": "Other", detail: {} }))).code).toBe("invalid-request");
});
