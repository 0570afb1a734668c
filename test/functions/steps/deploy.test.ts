import { describe, expect, it } from "vitest";
import { pinnedRequirements } from "../../../core/approval/promotion-approval.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { deploymentReportFact } from "../../../core/promotion/deployment-report.ts";
import { freezeDigest } from "../../../core/promotion/freeze-manifest.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { PipelineTarget, Target } from "../../../core/promotion/target.ts";
import { type DeployPorts, deploy } from "../../../functions/steps/deploy/handler.ts";
import {
  digestOf,
  expiresAt,
  id,
  manifest,
  now,
  promotionInReview,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { restriction } from "../approved-promotion.ts";
import { passed, scene, withVerdict } from "./deploying-scene.ts";
import { asked, endpoint, environment, image, model, onInstances, order } from "./deployment-scene.ts";

const two = { ...manifest, target: { ...onInstances, instanceCount: 2 } };
async function conditionally(conditions: typeof asked, over: Partial<typeof onInstances> = {}) {
  const wanted = { ...two, target: { ...two.target, ...over } };
  const { promotion, bytes } = await withVerdict({
    freezeDigest: freezeDigest(wanted),
    target: wanted.target,
    signOffs: [{ id: digestOf("a"), envelope: digestOf("b"), passkey: false, conditions }],
  });
  return { promotion: { ...promotion, manifest: wanted, freezeDigest: freezeDigest(wanted) }, verdict: bytes };
}
const conditional = await conditionally(asked);
/** Its pipeline deploys by itself, once it has a passport. */
const pipeline: Target = {
  name: "production",
  kind: "pipeline",
  endpoint: "batch",
  audiences: [],
  withinSeconds: 3_600,
};
const loan: Loan = {
  terms: { seconds: 3600, incident: "https://incidents.example/7" },
  ...{ lenders: [], at: now, until: addSeconds(now, 3600), verdict: { sha256: digestOf("verdict"), at: now } },
};

describe("deploying", () => {
  it("begins nothing in a freeze window that began after the verdict, but finishes what has begun", async () => {
    const calendar = () => ({ kind: "frozen", window: "Weekend", until: expiresAt }) as const;
    const { promotions, target, run } = scene({ ports: { calendar } });
    // Held until its end, and verified again then.
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
    expect(promotions.moves).toEqual([]);
    expect(target.started).toEqual([]);
    const before = scene({ ports: { calendar }, understands: [] });
    expect(await before.run()).toEqual({ outcome: "refused" });
    expect(before.promotions.stored(id).reason).toBe(
      `Changes are frozen ('Weekend') until ${expiresAt}. Nothing is deployed before; submit it again.`,
    );
    const lent = scene({ promotion: { ...passed.promotion, status: "loaned", loan }, ports: { calendar } });
    expect(await lent.run()).toEqual({ outcome: "refused" });
    expect(lent.promotions.stored(id).reason).toBe(
      `Changes are frozen ('Weekend') until ${expiresAt}. Nothing is deployed before; submit it again.`,
    );
    expect(lent.target.started).toEqual([]);
    const begun = scene();
    await begun.run();
    const again = scene({ promotion: begun.promotions.stored(id), ports: { calendar } });
    expect(await again.run()).toMatchObject({ outcome: "started" });
  });

  it("does not bring there again what goes back, though the step runs once more, or comes to its end late", async () => {
    const goingBack = (promotions: ReturnType<typeof scene>["promotions"]) => {
      const { deployment, ...promotion } = promotions.stored(id);
      if (deployment === undefined) return expect.unreachable();
      promotions.put({
        ...promotion,
        deployment: { ...deployment, rollBack: { at: now, why: "The alarm is raised." } },
      });
    };
    const begun = scene();
    await begun.run();
    goingBack(begun.promotions);
    const again = scene({ promotion: begun.promotions.stored(id), running: { revision: "p-before" } });
    expect(await again.run()).toMatchObject({ outcome: "started" });
    expect(again.target.started).toEqual([]);

    const late = scene();
    const { move } = late.ports.promotions;
    // Its own write was taken, the answer was lost, and meanwhile the watch has looked.
    const lost: typeof move = async (next) => {
      const outcome = await move(next);
      goingBack(late.promotions);
      return outcome === "moved" ? "late" : outcome;
    };
    const ports = { ...late.ports, promotions: { ...late.ports.promotions, move: lost } };
    expect(await deploy(ports)({ promotionId: id, understands: ["unverified"] })).toMatchObject({ outcome: "started" });
    expect(late.target.started).toEqual([]);
  });

  it("has the sign-offs verified again under requirements that changed after the verdict, but finishes what has begun", async () => {
    const isPinned: DeployPorts["isPinned"] = (promotion) =>
      pinnedRequirements(stricterPolicy, promotion) !== undefined;
    const { promotions, target, run } = scene({ ports: { isPinned } });
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
    expect(promotions.moves).toEqual([]);
    expect(target.started).toEqual([]);
    const begun = scene();
    await begun.run();
    const again = scene({ promotion: begun.promotions.stored(id), ports: { isPinned } });
    expect(await again.run()).toMatchObject({ outcome: "started" });
  });

  it("waits while its pipeline deploys another candidate there, of which nobody sees what it does", async () => {
    const frozen = { ...manifest, target: pipeline };
    const { promotion, bytes } = await withVerdict({ freezeDigest: freezeDigest(frozen), target: pipeline });
    const newer = { ...promotion, manifest: frozen, freezeDigest: freezeDigest(frozen) };
    const { promotions, run } = scene({ promotion: newer, verdict: bytes });
    const older = { ...newer, id: promotionId(digestOf("older"), 1), submittedAt: addSeconds(newer.submittedAt, -60) };
    promotions.put({ ...older, status: "deploying" });
    for (const _ of ["once", "again"]) expect(await run()).toEqual({ outcome: "waiting", seconds: 30 });
    expect(promotions.moves.map(({ status, history }) => [status, history.at(-1)?.summary])).toEqual([
      [
        "approved",
        `Everybody has signed; it is deployed once its pipeline has said what came of ${manifest.model.version}, which it is deploying there (${older.id}).`,
      ],
    ]);
    promotions.put({ ...older, status: "failed" });
    expect(await run()).toEqual({ outcome: "started", seconds: 30 });
    expect(promotions.stored(id).status).toBe("deploying");
  });

  it("does not wait for what its pipeline has said, or had its time to, although nobody watches that any more", async () => {
    const frozen = { ...manifest, target: pipeline };
    const { promotion, bytes } = await withVerdict({ freezeDigest: freezeDigest(frozen), target: pipeline });
    const newer = { ...promotion, manifest: frozen, freezeDigest: freezeDigest(frozen) };
    const begun = async (secondsAgo: number, reportedAfter?: number) => {
      const { promotions, run } = scene({ promotion: newer, verdict: bytes });
      const startedAt = addSeconds(now, -secondsAgo);
      const release = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } } as const;
      const older: Promotion = {
        ...newer,
        id: promotionId(digestOf("older"), 1),
        submittedAt: addSeconds(newer.submittedAt, -60),
        status: "deploying",
        deployment: { startedAt, serves: { image, model }, release },
      };
      promotions.put(older);
      const report = { outcome: "failed", detail: "The roll-out hung." } as const;
      if (reportedAfter !== undefined)
        await promotions.recordFact(deploymentReportFact(older, report, addSeconds(startedAt, reportedAfter)));
      return (await run()).outcome;
    };
    const { withinSeconds } = pipeline as PipelineTarget;
    expect(await begun(withinSeconds + 899)).toBe("waiting");
    expect(await begun(withinSeconds + 900)).toBe("started");
    expect(await begun(1499, 600)).toBe("waiting");
    expect(await begun(1500, 600)).toBe("started");
  });

  it("has the sign-offs verified again where what it waited for took longer than its verdict is good for", async () => {
    const frozen = { ...manifest, target: pipeline };
    const { promotion, bytes } = await withVerdict({ freezeDigest: freezeDigest(frozen), target: pipeline });
    const newer = { ...promotion, manifest: frozen, freezeDigest: freezeDigest(frozen) };
    let clock = now;
    const { promotions, run } = scene({ promotion: newer, verdict: bytes, ports: { now: () => clock } });
    const older = { ...newer, id: promotionId(digestOf("older"), 1), submittedAt: addSeconds(newer.submittedAt, -60) };
    promotions.put({ ...older, status: "deploying" });
    await run();
    clock = addSeconds(now, 3600);
    expect(await run()).toEqual({ outcome: "waiting", seconds: 56 });
    promotions.put({ ...older, status: "failed" });
    expect(await run()).toEqual({ outcome: "unverified", seconds: 30 });
    expect(promotions.moves.map(({ status }) => status)).toEqual(["approved"]);
  });

  it("leaves what its pipeline may have begun to that, whatever has changed since", async () => {
    const frozen = { ...manifest, target: pipeline };
    const { promotion, bytes } = await withVerdict({ freezeDigest: freezeDigest(frozen), target: pipeline });
    const approved = { ...promotion, manifest: frozen, freezeDigest: freezeDigest(frozen) };
    // A function that died once it had written that.
    const begun = scene({ promotion: approved, verdict: bytes });
    await begun.run();
    expect(begun.promotions.stored(id).status).toBe("deploying");
    const old = {
      now: () => addSeconds(now, 7_200),
      artifacts: { currentVersion: async () => "v2", read: async () => utf8("") },
    };
    const again = scene({ promotion: begun.promotions.stored(id), verdict: bytes, ports: old });
    expect(await again.run()).toEqual({ outcome: "started", seconds: 30 });
    expect(again.promotions.stored(id).status).toBe("deploying");
    // Where nothing had been written, all of it is asked, by another verification first.
    expect(await scene({ promotion: approved, verdict: bytes, ports: old }).run()).toEqual({
      outcome: "unverified",
      seconds: 30,
    });
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
      /It was approved on condition that for 15 minutes it gets at most 50 percent of the traffic and at most 1 percent of its answers are errors\.$/,
    );
  });

  it("refuses where nothing runs any more from which traffic could be shifted, as the approval asks", async () => {
    const { target, promotions, run } = scene({ ...conditional, running: {} });
    expect(await run()).toEqual({ outcome: "refused" });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id).reason).toMatch(/nothing runs there yet, so the first release takes all traffic/);
  });

  it("refuses what would hand SageMaker more alarms than it heeds, which it would refuse itself", async () => {
    const names = Array.from({ length: 10 }, (_, index) => `alarm-${index}`);
    const { target, promotions, run } = scene(await conditionally(asked, { alarms: { kind: "named", names } }));
    expect(await run()).toEqual({ outcome: "refused" });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id)).toMatchObject({
      status: "blocked",
      reason: expect.stringContaining("it names 10 alarms, and SageMaker heeds 10 at most"),
    });
  });

  it("refuses what an asynchronous endpoint could hold by weights alone, as two who approve at once may ask together", async () => {
    const asynchronous = { output: "s3://answers/scores" };
    const share = { ...asked, forSeconds: 3600, trafficPercent: 10 };
    const linear = { kind: "linear", percent: 10, waitSeconds: 60 } as const;
    const { target, promotions, run } = scene(
      await conditionally(share, { instanceCount: 10, asynchronous, traffic: linear }),
    );
    expect(await run()).toEqual({ outcome: "refused" });
    expect(target.started).toEqual([]);
    expect(promotions.stored(id).reason).toContain("an asynchronous endpoint has one variant");
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
      "1.4.0, which answers there, drifted and is to make place, and would go on answering a part of the requests for 1 day. Submit this one again once it is gone, or to be released sooner.",
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
});
