import { describe, expect, it } from "vitest";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, manifest, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion, restriction } from "../approved-promotion.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { approved, former, id, intruder, machines, own, rule, scene, strict, targets } from "./audit-scene.ts";

describe("what answers beside a candidate", () => {
  const candidate: Promotion = {
    ...approved.promotion,
    id: promotionId(digestOf("newer"), 1),
    status: "deploying",
    submittedAt: addSeconds(now, -60),
  };
  const sharing: Running = {
    revision: `share-${candidate.id}`,
    promotion: candidate.id,
    changingTo: candidate.id,
    beside: id,
  };
  const until = addSeconds(now, -900);
  const lent: Promotion = {
    ...approved.promotion,
    status: "expired",
    loan: { terms: { seconds: 3600, incident: "https://incidents.example/7" }, lenders: [], at: now, until },
  };

  it("is nobody's where somebody updates the place to what nobody approved, however long that takes", async () => {
    const { target, audit, told, pass } = scene(undefined, { ...own, changingTo: "theirs", unknownComing: "theirs" });
    for (const _ of [1, 2]) {
      await audit();
      pass(900);
    }
    expect(told("intruder-found").map(({ summary }) => summary)).toEqual([
      "The endpoint 'credit-scoring' in production serves 'theirs', which nobody approved here. What was approved is put back.",
    ]);
    target.running = own;
    await audit();
    expect(told("intruder-gone")).toHaveLength(1);
  });

  it("is found where it may be something harmless once that would be over, and not before", async () => {
    const coming = { changingTo: "more", unknownComing: "what somebody updates it to", unknownSince: now };
    const { audit, told, pass } = scene(undefined, { ...own, ...coming });
    pass(899);
    await audit();
    expect(told("intruder-found")).toEqual([]);
    pass(1);
    await audit();
    expect(told("intruder-found").map(({ summary }) => summary)).toEqual([
      "The endpoint 'credit-scoring' in production serves 'what somebody updates it to', which nobody approved here. What was approved is put back.",
    ]);
  });

  it("is not where it is what puts right there what drifted, or what was found", async () => {
    const coming = { changingTo: "more", unknownComing: "what somebody updates it to", unknownSince: now };
    const taken = { remedy: "previous", because: "drift", startedAt: now } as const;
    const drifted: Promotion = {
      ...approved.promotion,
      status: "restricted",
      restriction: { ...restriction(), taken },
    };
    const remedied = scene([former.promotion, drifted], { ...own, ...coming });
    remedied.pass(3600);
    await remedied.audit();
    expect(remedied.told("intruder-found")).toEqual([]);
    const { target, audit, hear, told, pass } = scene(undefined, intruder);
    await audit();
    await hear();
    target.running = { ...own, ...coming };
    pass(3600);
    await audit();
    await audit();
    expect(told("intruder-found")).toHaveLength(1);
    pass(86_400);
    target.running = { ...own, ...coming, unknownSince: addSeconds(now, 86_401) };
    await audit();
    pass(900);
    await audit();
    expect(told("intruder-found")).toHaveLength(2);
  });

  it("is the release's own while one is on", async () => {
    const { audit, told } = scene([former.promotion, approved.promotion, candidate], {
      ...own,
      ...{ changingTo: "legacy", unknownComing: "legacy" },
    });
    await audit();
    expect(told("intruder-found")).toEqual([]);
  });

  it("is altered where the target says so of what is of that promotion", async () => {
    const { target, audit, told } = scene([former.promotion, approved.promotion, candidate], sharing);
    const asked: string[] = [];
    Object.assign(target, {
      whyAlteredBeside: async ({ promotion }: { promotion: string }) => {
        asked.push(promotion);
        return promotion === id ? "Somebody changed its ReplicaSet." : undefined;
      },
    });
    await audit();
    expect(asked).toContain(id);
    expect(told("intruder-found")).toMatchObject([
      { promotion: id, summary: expect.stringMatching(/^Somebody changed its ReplicaSet/), body: { kind: "altered" } },
    ]);
  });

  it("is found where none of ours answers beside what was released; before that is over it may be what ran before", async () => {
    const running = { ...own, unknownBeside: "Revision models/scorer-1" };
    const { audit, told } = scene(undefined, running);
    await audit();
    expect(told("intruder-found")).toMatchObject([
      {
        summary: expect.stringContaining("serves 'Revision models/scorer-1', which nobody approved here"),
        body: { kind: "unapproved" },
      },
    ]);
    const { beside: _, ...alone } = sharing;
    const first = scene([candidate], { ...alone, unknownBeside: "Revision models/scorer-1" });
    await first.audit();
    expect(first.told("intruder-found")).toEqual([]);
  });

  it("is what was approved last, and nobody is alarmed", async () => {
    const { audit, logged } = scene([former.promotion, approved.promotion, candidate], sharing);
    await audit();
    expect(logged).toEqual([]);
  });

  it.each<[string, Promotion, string]>([
    [
      "ran on a loan that is over",
      lent,
      `The endpoint 'credit-scoring' in production still serves 1.4.0, whose loan ended at ${until}. What was approved is put back.`,
    ],
    [
      "was rolled back",
      { ...approved.promotion, status: "rolled-back", history: [] },
      "The endpoint 'credit-scoring' in production serves 1.4.0, which is rolled-back. What was approved is put back.",
    ],
  ])("is found where it %s, though the candidate is being deployed", async (_, promotion, summary) => {
    const { audit, told } = scene([former.promotion, promotion, candidate], sharing);
    await audit();
    await audit();
    expect(told("intruder-found").map((fact) => [fact.summary, fact.body["running"]])).toEqual([
      [summary, sharing.revision],
    ]);
    expect(told("intruder-gone")).toEqual([]);
  });

  it("may be another model's, where the two share an endpoint", async () => {
    const fraud: Promotion = {
      ...candidate,
      manifest: { ...candidate.manifest, model: { ...manifest.model, name: "fraud", version: "2.0.0" } },
    };
    const shared = {
      ...strict,
      machines: machines.map((each) => ({ ...each, submits: ["credit-scoring", "fraud"] })),
      targets: { production: { ...targets.production, endpoint: "credit-scoring" } },
    };
    const { audit, logged } = scene([former.promotion, approved.promotion, fraud], sharing, { policies: shared });
    await audit();
    expect(logged).toEqual([]);
    const replaced = { ...sharing, beside: former.promotion.id };
    const old = scene([former.promotion, approved.promotion, fraud], replaced, { policies: shared });
    await old.audit();
    expect(old.told("intruder-found").map(({ body }) => body["kind"])).toContain("unapproved");
  });

  it("is found where somebody changed what is behind its name, and where nobody knows it", async () => {
    const altered = scene([former.promotion, approved.promotion, candidate], sharing);
    altered.target.progress = { kind: "unhealthy", why: "Somebody changed the model." };
    await altered.audit();
    expect(altered.told("intruder-found").map(({ body }) => body["kind"])).toEqual(["altered"]);
    const unknown = scene([approved.promotion, candidate], { ...sharing, beside: promotionId(digestOf("none"), 1) });
    await unknown.audit();
    expect(unknown.told("intruder-found").map(({ body }) => body["kind"])).toEqual(["unapproved"]);
  });
});

it.each([
  ["does not answer", new Failure("unavailable", "Throttled.")],
  ["fails otherwise, as where a role may not be assumed any more,", new Error("AccessDenied")],
])("a place that %s is said, after all others were looked at", async (_, error) => {
  const deaf = new MemoryTarget();
  const failing = { ...deaf, describeRunning: () => Promise.reject(error) };
  const { audit, target, told } = scene([approved.promotion], intruder);
  const kinds = { ...everyKind(deaf), "sagemaker-endpoint": target, kubernetes: failing };
  const cluster = {
    kind: "kubernetes",
    endpoint: "{model}",
    cluster: "c",
    namespace: "n",
    workload: "deployment",
    container: "c",
    fetcher: `f@sha256:${"0".repeat(64)}`,
    port: 8080,
    readinessPath: "/ping",
  } as const;
  const rules = [...strict.matrix.rules, { ...rule, target: "cluster" }];
  const both = { ...strict, matrix: { ...strict.matrix, rules }, machines, targets: { cluster, ...targets } };
  const second = scene([approved.promotion], intruder, { policies: both, targets: kinds });
  expect((await refused(second.audit())).code).toBe("unavailable");
  expect(second.told("intruder-found")).toHaveLength(1);
  await audit();
  expect(told("intruder-found")).toHaveLength(1);
});

describe("where the matrix says 'take-back'", () => {
  it("what was approved is put back under its verdict, and the next audit says that it is", async () => {
    const { target, audit, hear, ring, told } = scene(undefined, intruder);
    await audit();
    target.progress = { kind: "under-way", why: "It is on its way." };
    await hear();
    expect(target.started.map(({ order, release }) => [order.promotion, release.kind])).toEqual([[id, "update"]]);
    expect(told("take-back")).toMatchObject([
      { body: { state: "started", verdict: approved.promotion.verdict?.sha256 }, promotion: id },
    ]);
    target.running = own;
    target.progress = { kind: "serving", why: "It serves." };
    await audit();
    await ring();
    expect([told("intruder-gone").length, told("take-back").length, target.started.length]).toEqual([1, 1, 1]);
  });

  it("otherwise it is only told", async () => {
    const { target, audit, hear, ring, told } = scene(undefined, intruder, {
      policies: { ...policy, machines, targets },
    });
    await audit();
    await hear();
    await ring();
    expect([target.started, told("take-back")]).toEqual([[], []]);
  });

  it("what cannot be put back is told once and alarmed about each time", async () => {
    const { target, logged, audit, hear, ring, told } = scene(undefined, own);
    target.progress = { kind: "unhealthy", why: "Somebody changed the model." };
    await audit();
    await hear();
    await ring();
    expect(told("take-back").map(({ body }) => body["state"])).toEqual(["started", "failed"]);
    expect(logged.filter((message) => message === "remedy failed")).toHaveLength(2);
  });

  it.each<[string, Partial<MemoryTarget>, string]>([
    [
      "does not answer",
      { describeRunning: () => Promise.reject(new Failure("unavailable", "The cluster does not answer.")) },
      "The cluster does not answer.",
    ],
    [
      "is changed by somebody else",
      { running: { ...intruder, changingTo: "another" } },
      "Somebody else is changing what runs there.",
    ],
  ])("it is told once, after an hour, that a place could not be put right which %s", async (_, there, why) => {
    const { target, logged, audit, hear, told, pass } = scene(undefined, intruder);
    await audit();
    Object.assign(target, there);
    pass(3599);
    await hear();
    expect([logged.at(-1), told("take-back")]).toEqual(["remedy waits", []]);
    pass(1);
    await hear();
    await hear();
    expect(told("take-back").map(({ body, summary }) => [body["state"], summary])).toEqual([
      ["failed", `What should not run could not be taken back. ${why} It is tried again.`],
    ]);
    expect(logged.filter((message) => message === "remedy failed")).toHaveLength(2);
  });

  it("it is no failure that a newer candidate takes hours to take the place of what was found, until its release is over", async () => {
    const candidate = await approvedPromotion("1.5.0", { over: { status: "deploying", submittedAt: now } });
    const { promotions, target, logged, audit, hear, ring, told, pass } = scene(undefined, intruder);
    await audit();
    promotions.put(candidate.promotion);
    target.running = { ...intruder, changingTo: candidate.promotion.id };
    pass(20_000);
    await hear();
    await ring();
    expect([logged.slice(-2), told("take-back"), target.started]).toEqual([["remedy waits", "remedy waits"], [], []]);
    // Nobody says any more that it is a release.
    promotions.put({ ...candidate.promotion, status: "failed" });
    await hear();
    expect(told("take-back").map(({ summary }) => summary)).toEqual([
      "What should not run could not be taken back. Somebody else is changing what runs there. It is tried again.",
    ]);
    target.running = intruder;
    await hear();
    expect(target.started.map(({ order }) => order.promotion)).toEqual([id]);
  });

  it("what was taken out of service is taken out again, and what somebody else put there is left to people", async () => {
    const taken = { remedy: "stop", because: "drift", startedAt: now, doneAt: now } as const;
    const stopped: Promotion = {
      ...approved.promotion,
      status: "restricted",
      restriction: restriction({ remedy: "stop", taken }),
    };
    const again = scene([stopped], own);
    await again.audit();
    await again.hear();
    expect(again.target.rolledBack.map(({ previous }) => previous)).toEqual([undefined]);
    const foreign = scene([stopped], intruder);
    await foreign.audit();
    await foreign.hear();
    expect(foreign.target.rolledBack).toEqual([]);
    expect(foreign.told("take-back")[0]?.summary).toContain("It was never approved here, so nothing here removes it.");
  });

  it("a finding that is older than what was deployed since changes nothing", async () => {
    const { promotions, target, audit, hear } = scene(undefined, intruder);
    await audit();
    promotions.put({
      ...approved.promotion,
      id: promotionId(digestOf("newer"), 1),
      submittedAt: addSeconds(now, 60),
      manifest: { ...approved.promotion.manifest, model: { ...manifest.model, version: "1.5.0" } },
    });
    await hear();
    expect(target.started).toEqual([]);
  });

  it.each<[string, Running]>([
    ["is being deployed", { ...intruder, changingTo: promotionId(digestOf("newer"), 1) }],
    ["serves and is still watched", { revision: promotionId(digestOf("newer"), 1) }],
  ])("a newer candidate that %s meanwhile is left alone", async (_, running) => {
    const { promotions, target, audit, ring, told } = scene(undefined, intruder);
    await audit();
    promotions.put({
      ...approved.promotion,
      id: promotionId(digestOf("newer"), 1),
      status: "deploying",
      submittedAt: addSeconds(now, 60),
    });
    target.running = running;
    await ring();
    expect([target.started, told("take-back")]).toEqual([[], []]);
  });
});

it.each<[string, number, readonly string[]]>([
  ["models that share an endpoint are not taken for each other's intruders", 0, []],
  // Somebody put back by hand what the other model took the place of.
  ["what was deployed last at an endpoint that models share is what should serve there", -1, ["unapproved"]],
])("%s", async (_, seconds, kinds) => {
  const fraud = await approvedPromotion("2.0.0", {
    candidate: { model: { ...manifest.model, name: "fraud", version: "2.0.0" } },
  });
  const { deployment = expect.unreachable() } = fraud.promotion;
  const serves = {
    ...fraud.promotion,
    deployment: { ...deployment, startedAt: addSeconds(deployment.startedAt, seconds) },
  };
  const { blobs, audit, told } = scene(
    [approved.promotion, serves],
    { revision: serves.id, promotion: serves.id },
    {
      policies: {
        ...strict,
        machines: machines.map((each) => ({ ...each, submits: ["credit-scoring", "fraud"] })),
        targets: { production: { ...targets.production, endpoint: "credit-scoring" } },
      },
    },
  );
  await blobs.put(fraud.bytes);
  await audit();
  expect(told("intruder-found").map(({ body }) => body["kind"])).toEqual(kinds);
});
