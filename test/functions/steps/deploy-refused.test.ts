import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { deploy } from "../../../functions/steps/deploy/handler.ts";
import { attestationKey } from "../../core/attestation/signing-keys.ts";
import { digestOf, id, manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { Crashed, crashing } from "../crash.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { closed, other, passed, scene, withVerdict } from "./deploying-scene.ts";
import { environment } from "./deployment-scene.ts";

const elsewhere = await withVerdict({ target: { ...manifest.target, endpoint: "other" } });
const lenient = await withVerdict({ requirements: digestOf("other") });
const failed = await withVerdict({ result: "FAILED" });
const ofLoan = await withVerdict({ lenders: [] });
const until = addSeconds(now, 3595);
const lent: Promotion = {
  ...promotionInReview({ ...closed, status: "loaned" }),
  expiresAt: until,
  loan: {
    terms: { seconds: 3595, incident: "https://incidents.example/7" },
    ...{ lenders: [], at: now, until, verdict: { sha256: sha256Hex(ofLoan.bytes), at: now } },
  },
};
const former = promotionId(digestOf("former"), 1);
const forged = await withVerdict({}, attestationKey());

const asked = { promotionId: id, understands: ["unverified"] };

describe("deploying", () => {
  it.each<[string, Running]>([
    ["on its way", { revision: "p-before", changingTo: id }],
    ["there", { revision: id, promotion: id }],
  ])("finds what has begun %s, even when the verdict is too old by now", async (_, running) => {
    const begun = scene();
    await begun.run();
    const later = { now: () => addSeconds(now, 7200) };
    const again = scene({ promotion: begun.promotions.stored(id), running, ports: later });
    expect(await again.run()).toEqual({ outcome: "started", seconds: 30 });
    expect(again.target.started).toEqual([]);
    expect(again.promotions.moves).toEqual([]);
  });

  it.each<[string, Parameters<typeof scene>[0], RegExp]>([
    ["without a verdict", { promotion: promotionInReview({ ...closed, status: "approved" }) }, /has no verdict/],
    [
      "with a verdict for another target",
      { promotion: elsewhere.promotion, verdict: elsewhere.bytes },
      /for another target/,
    ],
    [
      "with a verdict over another candidate",
      { promotion: other.promotion, verdict: other.bytes },
      /something else than this promotion's freeze manifest/,
    ],
    [
      "with a verdict under other requirements",
      { promotion: lenient.promotion, verdict: lenient.bytes },
      /rests on other requirements/,
    ],
    [
      "with a verdict that FAILED, whatever the table says",
      { promotion: failed.promotion, verdict: failed.bytes },
      /result is not PASSED/,
    ],
    [
      "with a verdict by another key",
      { promotion: forged.promotion, verdict: forged.bytes },
      /a key that is not trusted/,
    ],
    [
      "what the table says instead of the manifest that was signed",
      { promotion: { ...passed.promotion, manifest: { ...manifest, model: { ...manifest.model, version: "9" } } } },
      /not the manifest that was signed/,
    ],
    [
      "another candidate's bytes in the place of what was frozen",
      {
        promotion: {
          ...passed.promotion,
          frozen: (passed.promotion.frozen ?? []).map((copy) => ({
            ...copy,
            key: `frozen/${digestOf("other")}/model.json`,
          })),
        },
      },
      /frozen under another digest/,
    ],
    [
      "an hour after the verdict of its loan",
      {
        promotion: { ...lent, expiresAt: addSeconds(now, 7200) },
        verdict: ofLoan.bytes,
        ports: { now: () => addSeconds(now, 3600) },
      },
      /^A verdict is good for an hour, and nothing was deployed in that time\. Submit the candidate again\.$/,
    ],
    [
      "an hour after its verdict where its execution began before it could be verified again",
      { ports: { now: () => addSeconds(now, 3600) }, understands: [] },
      /^Its verdict is older than an hour, and this promotion began under a version of Countersign that does not verify it again; submit it again\.$/,
    ],
    [
      "under requirements that changed where its execution began before it could be verified again",
      { ports: { isPinned: () => false }, understands: [] },
      /^The requirements changed after the verdict was signed, and this promotion began under a version of Countersign that does not/,
    ],
    [
      "with a verdict from the future, which no other takes the place of",
      { ports: { now: () => addSeconds(now, -60) } },
      /^A verdict is good for an hour/,
    ],
    [
      "that is lent, under requirements that changed",
      { promotion: lent, verdict: ofLoan.bytes, ports: { isPinned: () => false } },
      /^The requirements changed after the verdict was signed, so nobody has lent it under those in force; submit it again\.$/,
    ],
    [
      "what was written again after it was verified",
      { ports: { artifacts: { currentVersion: async () => "v2", read: async () => environment } } },
      /replaced or removed after it was verified/,
    ],
    [
      "what was deleted after it was verified",
      { ports: { artifacts: { currentVersion: async () => undefined, read: async () => environment } } },
      /replaced or removed after it was verified/,
    ],
    [
      "what is not what is staged",
      {
        ports: {
          targets: {
            ...everyKind(new MemoryTarget()),
            "sagemaker-endpoint": Object.assign(new MemoryTarget(), {
              start: async () => {
                throw new Failure("deployment-refused", "The staged model is another one.");
              },
            }),
          },
        },
      },
      /staged model is another one/,
    ],
  ])("nothing %s", async (_, given, reason) => {
    const { promotions, target, run } = scene(given);
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: expect.stringMatching(reason) });
    expect(target.started).toEqual([]);
  });

  it.each<[string, Parameters<typeof scene>[0], number, object, object]>([
    ["the hour of its verdict", {}, 3600, { outcome: "unverified", seconds: 30 }, { status: "approved", history: [] }],
    [
      "its loan",
      { promotion: lent, verdict: ofLoan.bytes },
      3595,
      { outcome: "refused" },
      { status: "blocked", reason: expect.stringMatching(/^The loan was over before/) },
    ],
  ])("nothing whose target takes until the end of %s to answer", async (_, given, seconds, answer, left) => {
    const { promotions, target, ports } = scene(given);
    let time = addSeconds(now, 3590);
    const slow = Object.assign(new MemoryTarget(), {
      preflight: async (...asked: Parameters<MemoryTarget["preflight"]>) => {
        time = addSeconds(now, seconds);
        return target.preflight(...asked);
      },
    });
    const targets = { ...everyKind(target), "sagemaker-endpoint": slow };
    expect(await deploy({ ...ports, now: () => time, targets })(asked)).toEqual(answer);
    expect(promotions.stored(id)).toMatchObject(left);
    expect([target.started, slow.started]).toEqual([[], []]);
    expect(promotions.stored(id).deployment).toBeUndefined();
  });

  it("nothing of a loan that ended after it was written down that it begins, and before its target took it", async () => {
    const { promotions, target, ports } = scene({ promotion: lent, verdict: ofLoan.bytes });
    const busy = new Failure("unavailable", "The target has too many requests.");
    const asks = (seconds: number) => deploy({ ...ports, now: () => addSeconds(now, seconds) })(asked);
    const { start } = target;
    Object.assign(target, { start: () => Promise.reject(busy) });
    await expect(asks(3590)).rejects.toBe(busy);
    expect(promotions.stored(id).deployment?.startedAt).toBe(addSeconds(now, 3590));
    Object.assign(target, { start });
    expect(await asks(3595)).toEqual({ outcome: "refused" });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason: expect.stringMatching(/^The loan was over before/),
    });
  });

  it("nothing that the target would release otherwise than it was told", async () => {
    const { promotions, target, run } = scene();
    target.impossible = "SageMaker would move all traffic at once without saying so.";
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: target.impossible });
    expect(target.started).toEqual([]);
  });

  it.each(statuses.filter((status) => !["approved", "deploying", "loaned"].includes(status)))(
    "nothing of a promotion that is %s, and leaves it so",
    async (status) => {
      const { promotions, target, run } = scene({ promotion: { ...passed.promotion, status } });
      expect(await run()).toEqual({ outcome: "refused" });
      expect(promotions.moves).toEqual([]);
      expect(target.started).toEqual([]);
    },
  );

  it("nothing where the account of the target lets nobody in, even once it was written down", async () => {
    const denied = new Failure("deployment-refused", "The role of the target's account does not let Countersign in.");
    const { promotions, target, run } = scene();
    Object.assign(target, { start: () => Promise.reject(denied) });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({ status: "blocked", reason: denied.message });
    expect(promotions.moves.map(({ status }) => status)).toEqual(["deploying", "blocked"]);
  });

  it.each<[string, Running]>([
    ["somebody else's deployment, which may take hours", { revision: "p-before", changingTo: "p-other" }],
    ["what scales at the moment", { revision: former, promotion: former, changingTo: former }],
  ])("nothing over %s: it waits for the end of that", async (_, running) => {
    const { promotions, target, run } = scene({ running });
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id)).toMatchObject({
      status: "approved",
      history: [
        {
          type: "held",
          summary:
            "Everybody has signed; it is deployed once what changes the endpoint 'credit-scoring' at the moment is over.",
        },
      ],
    });
    target.running = { revision: "p-before" };
    expect(await run()).toMatchObject({ outcome: "started" });
  });

  it("nothing over another candidate that answers a part of the requests for days, and says what to do", async () => {
    const other = promotionId(digestOf("other"), 1);
    const { promotions, run } = scene({ running: { revision: `share-${other}`, promotion: other, changingTo: other } });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason:
        "Another candidate answers a part of the requests of the endpoint 'credit-scoring', and its time is not over. Submit this one again once it is.",
    });
  });

  it.each(
    Array.from({ length: 10 }, (_, index) => index + 1).flatMap((call) =>
      (["before", "after"] as const).map((moment) => [moment, call] as const),
    ),
  )("comes to the same when it dies %s call %i and runs again", async (moment, call) => {
    const { promotions, target, ports: living } = scene();
    const dying = deploy({ ...crashing(living, { call, moment }).ports, verifySignature: verifyEcdsa });
    await expect(dying({ promotionId: id })).rejects.toBeInstanceOf(Crashed);
    expect(await deploy(living)({ promotionId: id })).toEqual({ outcome: "started", seconds: 30 });
    expect(promotions.moves.map(({ status }) => status)).toEqual(["deploying"]);
    expect(promotions.stored(id).deployment?.previous).toBe("p-before");
    expect(target.started).toHaveLength(1);
    expect(target.running).toEqual({ revision: "p-before", changingTo: id });
  });
});
