import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { httpExchange } from "../../../adapters/http/exchange.ts";
import { webhookTarget } from "../../../adapters/webhooks/deployment-target.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { releaseFor, releaseSentence } from "../../../core/deployment/release.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { deploymentReportFact, type ReportedOutcome } from "../../../core/promotion/deployment-report.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, id, manifest, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryPromotions } from "../../functions/memory-promotions.ts";
import { startReceiver } from "./receiver.ts";

const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const verdict = digestOf("verdict");
const model = { uri: "s3://artifacts/frozen/model.json", versionId: "v1", sha256: digestOf("model") };
const image = `registry.example/scorer@sha256:${"a".repeat(64)}`;
const startedAt = addSeconds(now, -60);

async function scene(over: { readonly secret?: string; readonly goesBack?: true; readonly status?: Status } = {}) {
  const receiver = await startReceiver(secret);
  const target = {
    name: "edge",
    kind: "webhook",
    endpoint: "edge/credit-scoring",
    url: receiver.url,
    secret: "edge-deployer",
    withinSeconds: 3600,
  } as const;
  const release = releaseFor(target, "something");
  const serves = { image, model };
  const rollBack = { at: now, why: "It did not come." };
  const promotions = new MemoryPromotions([
    promotionInReview({
      status: over.status ?? "deploying",
      manifest: { ...manifest, target },
      deployment: { startedAt, serves, release, previous: "r-1", ...(over.goesBack ? { rollBack } : {}) },
    }),
  ]);
  const deploys = webhookTarget({
    exchange: httpExchange(5_000),
    secret: async (name) => (name === "edge-deployer" ? (over.secret ?? secret) : undefined),
    nowMs: () => Date.now(),
    reports: promotions,
    verdict: async (sha256) => ({ payload: `of ${sha256}` }),
  });
  const deployment: Deployment = { promotion: id, target, ...serves, release, previous: "r-1" };
  const order = { promotion: id, target, ...serves, verdict } as ApprovedOrder;
  return {
    ...receiver,
    deploys,
    deployment,
    order,
    release,
    start: () => deploys.start(order, release),
    check: () => deploys.check(deployment),
    says: (outcome: ReportedOutcome) =>
      promotions.recordFact(deploymentReportFact(promotions.stored(id), { outcome, detail: "So it is." }, now)),
  };
}

// The library of the standard judges the timestamp by the clock.
beforeEach(() => void vi.useFakeTimers({ now: new Date(now), toFake: ["Date"] }));
afterEach(() => void vi.useRealTimers());

describe("a target that is told by webhooks", () => {
  it("is asked for exactly what was approved, with the verdict, in a message that the standard's library verifies", async () => {
    const { start, asked } = await scene();
    await start();
    expect(asked()).toEqual([
      {
        id: `msg_${id}_requested`,
        type: "deployment.requested",
        data: {
          promotion: id,
          model: manifest.model,
          target: { name: "edge", endpoint: "edge/credit-scoring" },
          freezeDigest: promotionInReview().freezeDigest,
          artifacts: manifest.artifacts.map(({ role, name, sha256 }) => ({
            role,
            name,
            sha256,
            uri: `s3://artifacts/frozen/${sha256}/${name}`,
            versionId: "v1",
          })),
          image,
          verdict: { sha256: verdict, envelope: { payload: `of ${verdict}` } },
          reportBefore: addSeconds(startedAt, 3600),
        },
      },
    ]);
  });

  it("is asked again under the same id, and not once it has begun", async () => {
    const { start, asked, state } = await scene();
    state.status["deployment.requested"] = 503;
    expect((await refused(start())).code).toBe("unavailable");
    state.status = {};
    await start();
    expect(new Set(asked().map((message) => message.id)).size).toBe(1);
    for (const running of [
      { revision: "r-1", changingTo: id },
      { revision: "r-2", promotion: id },
    ]) {
      state.running = running;
      await start();
    }
    expect(asked()).toHaveLength(2);
  });

  it("is asked anew for what was deployed before and is put back, under an id that it has not seen", async () => {
    const { start, asked } = await scene({ status: "deployed" });
    await start();
    expect(asked()[0]).toMatchObject({
      id: `msg_${id}_requested_${Date.parse(now)}`,
      data: { reportBefore: addSeconds(now, 3600) },
    });
  });

  it("has nothing to go back to once it was taken out of service", async () => {
    const { deploys, deployment, says, state } = await scene({ status: "restricted" });
    const { previous: _, ...without } = deployment;
    await says("deployed");
    state.running = {};
    expect((await deploys.check(without)).kind).toBe("returned");
    state.running = { revision: "r-3" };
    expect((await deploys.check(without)).kind).toBe("displaced");
  });

  it("says what runs before anybody is asked", async () => {
    const { deploys, order, state } = await scene();
    expect(
      await deploys.preflight(order, ({ revision }) => releaseFor(order.target, revision ? "something" : "nothing")),
    ).toMatchObject({
      kind: "possible",
      running: { revision: "r-1" },
    });
    const beside = promotionId(digestOf("before"), 1);
    state.running = { revision: "r-2", promotion: id, changingTo: id, beside };
    expect(await deploys.describeRunning(order.target)).toEqual(state.running);
    // One that calls what runs by its promotion need not say twice which it is.
    state.running = { revision: id };
    expect(await deploys.describeRunning(order.target)).toEqual({ revision: id, promotion: id });
    state.running = { revision: beside, promotion: id };
    expect(await deploys.describeRunning(order.target)).toEqual(state.running);
    state.running = { revision: "r-2", beside: "r-1" };
    expect((await refused(deploys.describeRunning(order.target))).code).toBe("deployment-refused");
    state.running = { broken: "Half of the devices are gone." };
    expect(await deploys.preflight(order, () => releaseFor(order.target, "nothing"))).toEqual({
      kind: "impossible",
      why: "What runs in edge cannot be changed: Half of the devices are gone.",
    });
  });

  it.each<[string, ReportedOutcome | undefined, object, string]>([
    ["nothing yet", undefined, { revision: "r-1" }, "under-way"],
    ["that it is deployed, and it runs", "deployed", { revision: "r-2", promotion: id }, "serving"],
    ["that it is deployed, while it comes", "deployed", { revision: "r-1", changingTo: id }, "under-way"],
    ["that it is deployed, and another runs", "deployed", { revision: "r-1" }, "displaced"],
    ["that it went back", "rolled-back", { revision: "r-1" }, "returned"],
    ["that it went back, and it still runs", "rolled-back", { revision: "r-2", promotion: id }, "unhealthy"],
    ["that it failed, and half of it runs", "failed", { revision: "r-2", promotion: id }, "unhealthy"],
    ["that it failed, and a third runs", "failed", { revision: "r-3" }, "displaced"],
    ["nothing, and all is broken", undefined, { broken: "No device answers." }, "broken"],
  ])("is believed what it describes: it says %s", async (_, outcome, running, kind) => {
    const { check, says, state } = await scene();
    if (outcome !== undefined) await says(outcome);
    state.running = running;
    expect((await check()).kind).toBe(kind);
  });

  it("is taken back once its time is over, and not an instant before", async () => {
    const { check } = await scene();
    vi.setSystemTime(Date.parse(startedAt) + 3_599_999);
    expect((await check()).kind).toBe("under-way");
    vi.setSystemTime(Date.parse(startedAt) + 3_600_000);
    expect(await check()).toMatchObject({
      kind: "unhealthy",
      why: "The receiver did not say in time what came of it in edge.",
    });
  });

  it.each<[string, object, string]>([
    ["as long as it runs", { revision: "r-2", promotion: id }, "unhealthy"],
    ["while it changes", { revision: "r-2", promotion: id, changingTo: "r-1" }, "under-way"],
    ["until what ran before runs", { revision: "r-1" }, "returned"],
    ["and somebody else was quicker", { revision: "r-3" }, "displaced"],
  ])("goes back %s", async (_, running, kind) => {
    const { check, state } = await scene({ goesBack: true });
    state.running = running;
    expect((await check()).kind).toBe(kind);
  });

  it("is told to go back under another id once ten minutes are over, as one that failed has to hear of it again", async () => {
    const { deploys, deployment, asked } = await scene();
    for (const minutes of [0, 1, 11]) {
      vi.setSystemTime(Date.parse(now) + minutes * 60_000);
      await deploys.rollBack(deployment);
    }
    const [first, second, third] = asked().map((message) => message.id);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  it("is told to go back to what ran before, and to clean up what had begun", async () => {
    const { deploys, deployment, asked, state } = await scene();
    await deploys.rollBack(deployment);
    state.answers["deployment.clean-up"] = '{"left":["a cache on 3 devices"]}';
    expect(await deploys.cleanUp(id, deployment.target, deployment)).toEqual({
      removed: [],
      left: ["a cache on 3 devices"],
    });
    state.answers = {};
    expect(await deploys.cleanUp(id, deployment.target, deployment)).toEqual({ removed: [], left: [] });
    expect(asked().map(({ type, data }) => [type, data])).toEqual([
      ["deployment.roll-back", { promotion: id, previous: "r-1" }],
      ["deployment.clean-up", { promotion: id }],
      ["deployment.clean-up", { promotion: id }],
    ]);
    expect(await deploys.cleanUp(id, deployment.target)).toEqual({ removed: [], left: [] });
    expect(asked()).toHaveLength(3);
  });

  it.each(['"ok"', "true", "1", "null", "[]", "OK", "{}", '{"left":null}', '{"left":[]}', '{"ok":true}'])(
    "has cleaned up where it answers %s, which names nothing that is left",
    async (answer) => {
      const { deploys, deployment, state } = await scene();
      state.answers["deployment.clean-up"] = answer;
      expect(await deploys.cleanUp(id, deployment.target, deployment)).toEqual({ removed: [], left: [] });
    },
  );

  it.each([
    '{"left":"a cache"}',
    '{"left":[3]}',
    '{"left":[""]}',
    '["a cache"]',
    JSON.stringify({ left: Array(21).fill("a cache") }),
  ])("is told that nobody can read what is left where it answers %s", async (answer) => {
    const { deploys, deployment, state } = await scene();
    state.answers["deployment.clean-up"] = answer;
    await expect(deploys.cleanUp(id, deployment.target, deployment)).rejects.toMatchObject({
      code: "deployment-refused",
      message: `The receiver of the target '${deployment.target.name}' does not say what it could not remove: 'left' is a list of at most 20 texts, of up to 320 characters each.`,
    });
  });

  it.each<[string, Partial<Awaited<ReturnType<typeof scene>>["state"]>, string, RegExp]>([
    ["does not answer", { mute: true }, "unavailable", /does not answer at the moment/],
    ["fails", { status: { "deployment.describe": 500 } }, "unavailable", /does not answer at the moment/],
    ["is busy", { status: { "deployment.describe": 429 } }, "unavailable", /does not answer at the moment/],
    ["refuses", { status: { "deployment.describe": 403 } }, "deployment-refused", /with status 403\.$/],
    ["sends elsewhere", { status: { "deployment.describe": 302 } }, "deployment-refused", /with status 302\.$/],
    ["says nothing", { answers: { "deployment.describe": "ok" } }, "deployment-refused", /does not say what runs/],
    ["makes up a promotion", { running: { promotion: "x" } }, "deployment-refused", /does not say what runs/],
  ])("one that %s is not deployed to", async (_, spoiled, code, sentence) => {
    const { start, state, asked } = await scene();
    Object.assign(state, spoiled);
    expect(await refused(start())).toEqual({ code, sentence: expect.stringMatching(sentence) });
    expect(asked()).toEqual([]);
  });

  it.each(["", "whsec_short", `whsec_${Buffer.alloc(32, 8).toString("base64")}`])(
    "is not spoken to with the secret %j",
    async (other) => {
      const { start } = await scene({ secret: other });
      expect((await refused(start())).code).toBe("deployment-refused");
    },
  );

  it("is told to reviewers as what it is", async () => {
    const { deployment, release } = await scene();
    expect(releaseSentence(release, deployment.target)).toBe(
      "Whoever takes the messages of 'edge' deploys it, and has 1 hour to say what came of it.",
    );
  });
});
