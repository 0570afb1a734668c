import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { pinnedRequirements } from "../../../core/approval/promotion-approval.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { type VerdictInput, verdictOf } from "../../../core/attestation/verdict.ts";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import { type Promotion, statuses } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type DeployPorts, deploy } from "../../../functions/steps/deploy/handler.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  digestOf,
  expiresAt,
  id,
  manifest,
  now,
  openStage,
  policy,
  promotionInReview,
  requirements,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { restriction } from "../approved-promotion.ts";
import { Crashed, crashing } from "../crash.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { asked, endpoint, environment, image, model, onInstances, order } from "./deployment-scene.ts";

const closed = { stage: openStage(1, { open: false }) };

const verdictInput: VerdictInput = {
  attestationBase,
  freezeDigest: promotionInReview().freezeDigest,
  target: manifest.target,
  requirements: requirements.sha256,
  signOffs: [],
  result: "PASSED",
  at: now,
};

async function withVerdict(over: Partial<VerdictInput> = {}, key = attestation) {
  const envelope = await signEnvelope(statementBytes(verdictOf({ ...verdictInput, ...over })), key.key.keyid, key.sign);
  const bytes = canonicalJsonBytes(envelope);
  const verdict = { sha256: sha256Hex(bytes), result: "PASSED", at: now } as const;
  return { bytes, promotion: promotionInReview({ ...closed, status: "approved", verdict }) };
}
const passed = await withVerdict();
const elsewhere = await withVerdict({ target: { ...manifest.target, endpoint: "other" } });
const other = await withVerdict({ freezeDigest: digestOf("other") });
const lenient = await withVerdict({ requirements: digestOf("other") });
const failed = await withVerdict({ result: "FAILED" });
const two = { ...manifest, target: { ...onInstances, instanceCount: 2 } };
async function conditionally(conditions: typeof asked) {
  const { promotion, bytes } = await withVerdict({
    freezeDigest: freezeDigest(two),
    target: two.target,
    signOffs: [{ id: digestOf("a"), envelope: digestOf("b"), passkey: false, conditions }],
  });
  return { promotion: { ...promotion, manifest: two, freezeDigest: freezeDigest(two) }, verdict: bytes };
}
const conditional = await conditionally(asked);
const loan: Loan = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  ...{ lenders: [], at: now, until: addSeconds(now, 3600), verdict: { sha256: digestOf("verdict"), at: now } },
};
const forged = await withVerdict({}, attestationKey());

describe("deploying", () => {
  function scene(
    given: {
      readonly promotion?: Promotion;
      readonly verdict?: Uint8Array;
      readonly running?: Running;
      readonly ports?: Partial<DeployPorts>;
    } = {},
  ) {
    const { promotion = passed.promotion, verdict = passed.bytes } = given;
    const promotions = new MemoryPromotions([promotion]);
    const target = new MemoryTarget(given.running);
    const ports: DeployPorts = {
      now: () => now,
      calendar: () => ({ kind: "free" }),
      isPinned: (promotion) => pinnedRequirements(policy, promotion) !== undefined,
      attestationBase,
      artifactsBucket: "artifacts",
      watchSeconds: 30,
      promotions: { load: promotions.load, move: promotions.move },
      blobs: new MemoryBlobs([verdict]),
      artifacts: { currentVersion: async () => "v1", read: async () => environment },
      verifyingKeys: async () => [attestation.key],
      verifySignature: verifyEcdsa,
      facts: promotions.facts,
      describeChangeSet: async () => undefined,
      targets: everyKind(target),
      ...given.ports,
    };
    return { promotions, target, ports, run: () => deploy(ports)({ promotionId: id }) };
  }

  it("refuses in a freeze window that began after the verdict, but finishes what has begun", async () => {
    const calendar = () => ({ kind: "frozen", window: "Weekend", until: expiresAt }) as const;
    const { promotions, target, run } = scene({ ports: { calendar } });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id).reason).toBe(
      `Changes are frozen ('Weekend') until ${expiresAt}. Nothing is deployed before; submit it again.`,
    );
    expect(target.started).toEqual([]);
    const begun = scene();
    await begun.run();
    const again = scene({ promotion: begun.promotions.stored(id), ports: { calendar } });
    expect(await again.run()).toMatchObject({ outcome: "started" });
  });

  it("refuses under requirements that changed after the verdict, but finishes what has begun", async () => {
    const isPinned: DeployPorts["isPinned"] = (promotion) =>
      pinnedRequirements(stricterPolicy, promotion) !== undefined;
    const { promotions, target, run } = scene({ ports: { isPinned } });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason: expect.stringMatching(/^The requirements changed after the verdict was signed/),
    });
    expect(target.started).toEqual([]);
    const begun = scene();
    await begun.run();
    const again = scene({ promotion: begun.promotions.stored(id), ports: { isPinned } });
    expect(await again.run()).toMatchObject({ outcome: "started" });
  });

  it("starts what was signed off, and remembers what served before", async () => {
    const { promotions, target, run } = scene();
    expect(await run()).toEqual({ outcome: "started", seconds: 30 });
    const release = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } };
    const verdict = passed.promotion.verdict?.sha256;
    expect(target.started).toEqual([{ order: { ...order, verdict }, release }]);
    expect(promotions.stored(id)).toMatchObject({
      status: "deploying",
      deployment: { startedAt: now, serves: { image, model }, release, previous: "p-before" },
      history: [{ type: "deployment-started", body: { endpoint, previous: "p-before", verdict, image } }],
    });
  });

  it("keeps the environment by which the image is told, and refuses one that was not signed", async () => {
    const { promotions, ports, run } = scene();
    await run();
    const [kept] = promotions.stored(id).history.at(-1)?.attachments ?? [];
    expect(kept).toEqual({ name: "environment.json", mediaType: "application/json", sha256: sha256Hex(environment) });
    expect(await ports.blobs.get(sha256Hex(environment))).toEqual(environment);
    const other = utf8(JSON.stringify({ image: { reference: `registry.example/other@sha256:${"b".repeat(64)}` } }));
    const exchanged = scene({ ports: { artifacts: { currentVersion: async () => "v1", read: async () => other } } });
    expect(await exchanged.run()).toEqual({ outcome: "refused" });
    expect(exchanged.target.started).toEqual([]);
    expect(exchanged.promotions.stored(id).reason).toMatch(
      /^The bytes of 'environment\.json' are not the declared ones/,
    );
  });

  it("is a first release where nothing runs yet, and says so", async () => {
    const { promotions, target, run } = scene({ running: {} });
    await run();
    expect(target.started.map(({ release }) => release.kind)).toEqual(["first"]);
    expect(promotions.stored(id).deployment).not.toHaveProperty("previous");
    expect(promotions.stored(id).history.at(-1)?.summary).toMatch(/the first release takes all traffic at once\.$/);
  });

  it("says by name where it was judged as an update, and what it was to take over from is gone", async () => {
    const judged = (release: "first" | "update") => ({ ...passed.promotion, facts: { release } });
    const gone = scene({ promotion: judged("update"), running: {} });
    await gone.run();
    expect(gone.promotions.stored(id).history.at(-1)).toMatchObject({
      summary: expect.stringMatching(/ What it was to take over from does not run there any more\.$/),
      body: { previous: null, gone: true },
    });
    for (const over of [{ promotion: judged("first"), running: {} }, { promotion: judged("update") }]) {
      const { promotions, run } = scene(over);
      await run();
      expect(promotions.stored(id).history.at(-1)?.body).not.toHaveProperty("gone");
    }
  });

  it("is as careful as the approval asks for", async () => {
    const { target, promotions, run } = scene(conditional);
    await run();
    const release = {
      kind: "update",
      traffic: { kind: "canary", percent: 50, waitSeconds: 900 },
      alarms: { kind: "own", errorPercent: 1 },
      watchSeconds: 900,
    };
    expect(target.started.map((each) => each.release)).toEqual([release]);
    expect(promotions.stored(id).deployment).toMatchObject({
      release,
      conditions: { forSeconds: 900, traffic: { percent: 50, forSeconds: 900 }, errorPercent: 1 },
    });
    expect(promotions.stored(id).history.at(-1)?.summary).toMatch(
      /It was approved on condition that for 15m it gets at most 50 percent of the traffic and at most 1 percent of its answers are errors\.$/,
    );
  });

  it("refuses where nothing runs any more from which traffic could be shifted, as the approval asks", async () => {
    const { target, promotions, run } = scene({ ...conditional, running: {} });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id).reason).toMatch(/nothing runs there yet, so the first release takes all traffic/);
  });

  const there = promotionId(digestOf("what runs there"), 1);
  /** What answers now is of this promotion. */
  const upon = (over: Partial<Promotion>, more: Parameters<typeof scene>[0] = {}) => {
    const given = scene({ ...more, running: { revision: there, promotion: there } });
    given.promotions.put({ ...promotionInReview(over), id: there });
    return given;
  };
  const drifted = { status: "restricted", restriction: restriction({ remedy: "previous" }) } as const;

  it("refuses to begin upon what is on loan, to which nothing could go back", async () => {
    const { promotions, target, run } = upon({ status: "loaned", loan });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason: `1.4.0, which answers there, is on loan until ${loan.until}: nothing could go back to it. Ratify it, reject it, or let its loan end, and submit this one again.`,
    });
    expect(target.started).toEqual([]);
  });

  it("waits while what was lent is taken back, says so once, and begins upon what answers then", async () => {
    const { promotions, target, run } = upon({ status: "rejected", loan });
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(promotions.stored(id)).toMatchObject({ status: "approved", history: [{ type: "held" }] });
    expect(target.started).toEqual([]);
    target.running = { revision: "p-before" };
    expect(await run()).toMatchObject({ outcome: "started" });
    expect(promotions.stored(id).deployment?.previous).toBe("p-before");
  });

  it("takes the place of what drifted, but does not answer beside it for hours", async () => {
    const short = upon(drifted);
    expect(await short.run()).toMatchObject({ outcome: "started" });
    const long = { ...asked, forSeconds: 86_400 };
    const given = await conditionally(long);
    const { promotions, target, run } = upon(drifted, given);
    expect(await run()).toEqual({ outcome: "refused" });
    expect(promotions.stored(id).reason).toBe(
      "1.4.0, which answers there, drifted and is to make place, and would go on answering a part of the requests for 1d. Submit this one again once it is gone, or to be released sooner.",
    );
    expect(target.started).toEqual([]);
  });

  it("releases as it was written down, whatever has changed since", async () => {
    const begun = scene({ running: {} });
    await begun.run();
    const again = scene({ promotion: begun.promotions.stored(id), running: { revision: "p-other" } });
    await again.run();
    expect(again.target.started.map(({ release }) => release.kind)).toEqual(["first"]);
  });

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
    ["an hour after its verdict", { ports: { now: () => addSeconds(now, 3600) } }, /too old/],
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

  it("nothing over somebody else's deployment, which will pass", async () => {
    const { promotions, run } = scene({ running: { revision: "p-before", changingTo: "p-other" } });
    expect((await refused(run())).code).toBe("unavailable");
    expect(promotions.moves).toEqual([]);
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
