import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import type { Progress, Running } from "../../../core/deployment/deployment-target.ts";
import { placeOfTarget } from "../../../core/deployment/intruder.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import {
  type FoundIntruder,
  intruderFound,
  intruderGone,
  takeBackStarted,
} from "../../../core/promotion/intruder-facts.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type TakeBackPorts, takeBack } from "../../../functions/events/restrict/take-back.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import { attestationBase, digestOf, now } from "../../core/promotion/promotion-in-review.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { mock } from "../mock.ts";

const { promotion: approved, bytes } = await approvedPromotion("1.4.0");
const { promotion: newer } = await approvedPromotion("1.5.0", { over: { status: "deploying" } });
const { id } = approved;
const update = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } };

/** A finding of a minute ago. */
function finding(over: Partial<FoundIntruder> = {}) {
  const subject = { promotion: id, place: placeOfTarget(approved.manifest.target) };
  const said: FoundIntruder = {
    ...{ kind: "unapproved", why: "Nobody approved 'quick-fix'.", running: "quick-fix", action: "take-back" },
    ...over,
  };
  return intruderFound(subject, [], said, [], addSeconds(now, -60));
}
const found = finding();

function scene({
  facts = [found],
  running = { revision: "quick-fix" },
  promotion = approved,
  released,
  ports = {},
}: {
  readonly facts?: readonly ReturnType<typeof finding>[];
  readonly running?: Running;
  readonly promotion?: Promotion;
  readonly released?: Promotion;
  readonly ports?: Partial<TakeBackPorts>;
} = {}) {
  const promotions = new MemoryPromotions([promotion]);
  const target = new MemoryTarget(running);
  target.progress = { kind: "under-way", why: "It is on its way." };
  const logged: (readonly string[])[] = [];
  let time = now;
  const work = takeBack({
    now: () => time,
    log: (level, message, fields) => void logged.push([level, message, String(fields?.["promotionId"])]),
    attestationBase,
    artifactsBucket: "artifacts",
    promotions,
    blobs: new MemoryBlobs([bytes]),
    inLedger: async () => new Map(),
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
    ...ports,
  });
  const told = () => promotions.recordedFacts().filter(({ type }) => type === "take-back");
  const run = async () => {
    for (const fact of facts) await promotions.recordFact(fact);
    await work(promotion, released);
  };
  const at = (seconds: number) => {
    time = addSeconds(now, seconds);
  };
  return { target, logged, told, run, at };
}

describe("what was found where it should not run", () => {
  it("makes place for what was approved, under the verdict of that", async () => {
    const { target, told, run, logged } = scene();
    await run();
    expect(target.started).toMatchObject([
      { order: { promotion: id, verdict: approved.verdict?.sha256, putBackSince: now }, release: update },
    ]);
    expect([told(), logged, target.rolledBack]).toEqual([
      [takeBackStarted(found, approved.verdict?.sha256, now)],
      [],
      [],
    ]);
  });

  it("is left, which is told, where the ledger tells of what was approved more than the table knows", async () => {
    const next = `${id}/${approved.history.length}`;
    const inLedger: TakeBackPorts["inLedger"] = async (ids) =>
      new Map(ids.includes(next) ? [[next, { leafHash: digestOf("another life") }]] : []);
    const { target, told, run, logged } = scene({ ports: { inLedger } });
    await run();
    expect([target.started, logged]).toEqual([[], [["error", "remedy failed", id]]]);
    expect(told().map(({ summary }) => summary)).toEqual([
      expect.stringContaining(`The ledger tells ${next} otherwise`),
    ]);
  });

  it("is put back as something new, where nothing is there any more", async () => {
    const { target, run } = scene({ facts: [finding({ kind: "missing", running: "" })], running: {} });
    await run();
    expect(target.started).toMatchObject([{ order: { promotion: id }, release: { ...update, kind: "first" } }]);
  });

  it("is put back since when that began, however often it is tried", async () => {
    const { target, told, run, at } = scene();
    await run();
    target.running = { revision: "quick-fix" };
    at(300);
    await run();
    expect(target.started.map(({ order }) => order.putBackSince)).toEqual([now, now]);
    expect(told()).toHaveLength(1);
  });

  it.each<[string, readonly ReturnType<typeof finding>[]]>([
    ["nothing was found", []],
    ["the matrix asks for a report alone", [finding({ action: "report" })]],
    ["it is told to be gone", [found, intruderGone(found, now)]],
    [
      "it was found in another place",
      [
        intruderFound(
          { promotion: id, place: { ...placeOfTarget(approved.manifest.target), endpoint: "another" } },
          [],
          { kind: "unapproved", why: "Nobody approved it.", running: "quick-fix", action: "take-back" },
          [],
          now,
        ),
      ],
    ],
  ])("is not looked for where %s", async (_, facts) => {
    const untouched = everyKind(mock<MemoryTarget>("target"));
    const { told, run, logged } = scene({ facts, ports: { targets: untouched } });
    await run();
    expect([told(), logged]).toEqual([[], []]);
  });

  it.each<[string, Running]>([
    ["something else", { revision: "another-fix" }],
    ["what was approved", { revision: id, promotion: id }],
    ["nothing", {}],
  ])("is left to the next audit where %s runs by now", async (_, running) => {
    const { target, told, run, logged } = scene({ running });
    await run();
    expect([target.started, target.rolledBack, told(), logged]).toEqual([[], [], [], []]);
  });
});

describe("while somebody changes what runs there", () => {
  it.each<[string, Running, Promotion | undefined]>([
    ["somebody unknown", { revision: "quick-fix", changingTo: "another-fix" }, undefined],
    ["somebody unknown, beside a release of ours", { revision: "quick-fix", changingTo: "another-fix" }, newer],
  ])("it waits for %s, and says so after an hour", async (_, running, released) => {
    const { target, told, run, logged, at } = scene({ running, ...(released === undefined ? {} : { released }) });
    at(3600 - 61);
    await run();
    expect([logged, told()]).toEqual([[["info", "remedy waits", id]], []]);
    at(3600 - 60);
    await run();
    expect(logged.at(-1)).toEqual(["error", "remedy failed", id]);
    expect(told()).toMatchObject([
      {
        body: { found: found.id, state: "failed" },
        summary:
          "What should not run could not be taken back. Somebody else is changing what runs there. It is tried again.",
      },
    ]);
    expect(target.started).toEqual([]);
  });

  it("it waits for a release of ours that takes the place of what was found, for as long as that takes", async () => {
    const running = { revision: "quick-fix", changingTo: newer.id };
    const { target, told, run, logged, at } = scene({ running, released: newer });
    at(4 * 3600);
    await run();
    expect([logged, told(), target.started]).toEqual([[["info", "remedy waits", id]], [], []]);
  });

  it.each<[string, Running]>([
    ["what was approved already", { revision: "quick-fix", changingTo: id }],
    ["what answers there in part", { revision: "quick-fix", promotion: newer.id, changingTo: newer.id }],
  ])("it goes on where that is to %s", async (_, running) => {
    const { told, run, logged } = scene({ running });
    await run();
    expect([told(), logged]).toEqual([[takeBackStarted(found, approved.verdict?.sha256, now)], []]);
  });
});

describe("where what was approved does not come back", () => {
  it("by its own name, since somebody changed what is behind the name, that is told at once, and once", async () => {
    const { target, told, run, logged } = scene();
    target.progress = { kind: "unhealthy", why: "Its model was made anew." };
    await run();
    await run();
    expect(told().map(({ body }) => body["state"])).toEqual(["started", "failed"]);
    expect(told().at(-1)?.summary).toBe(
      "What should not run could not be taken back. Its model was made anew. It is tried again.",
    );
    expect(logged.map(([level]) => level)).toEqual(["error", "error"]);
  });

  it.each<[string, Partial<Progress>]>([
    ["is only unwell", { kind: "unhealthy", why: "An alarm is raised.", unwell: true }],
    ["is on its way", { kind: "under-way", why: "It is on its way." }],
  ])("that is no failure while it %s", async (_, progress) => {
    const { target, told, run, logged } = scene();
    target.progress = progress;
    await run();
    expect([told().map(({ body }) => body["state"]), logged]).toEqual([["started"], []]);
  });

  it("under a verdict that is not ours, nothing is begun", async () => {
    const { target, told, run } = scene({ ports: { verifyingKeys: async () => [attestationKey().key] } });
    await run();
    expect(target.started).toEqual([]);
    expect(told().map(({ body }) => body["state"])).toEqual(["failed"]);
  });

  it("by an error of ours, nobody is told that it failed", async () => {
    const { target, told, run } = scene();
    target.progress = new Failure("unavailable", "The endpoint is being changed at the moment.");
    await run();
    expect(told().map(({ body }) => body["state"])).toEqual(["started"]);
    const broken = scene({ ports: { verifyingKeys: () => Promise.reject(new Error("A bug.")) } });
    await expect(broken.run()).rejects.toThrow("A bug.");
    expect([broken.told(), broken.logged]).toEqual([[], []]);
  });
});

describe("where what was approved had been taken out of service", () => {
  const taken = { remedy: "stop", because: "drift", startedAt: now, doneAt: now } as const;
  const deployment = { ...approved.deployment, previous: "p-before" } as NonNullable<Promotion["deployment"]>;
  const stopped: Promotion = { ...approved, status: "restricted", restriction: restriction({ taken }), deployment };
  const back = finding({ running: id });

  it("it is taken out again, and nothing comes in its place", async () => {
    const { target, told, run, logged } = scene({
      ...{ promotion: stopped, facts: [back], running: { revision: id, promotion: id } },
    });
    await run();
    expect(target.rolledBack).toMatchObject([{ promotion: id, target: stopped.manifest.target }]);
    expect(target.rolledBack[0]).not.toHaveProperty("previous");
    expect([told(), target.started, logged]).toEqual([[takeBackStarted(back, undefined, now)], [], []]);
  });

  it("what never was approved is removed by nobody here", async () => {
    const { target, told, run } = scene({ promotion: stopped });
    await run();
    expect([target.rolledBack, target.started]).toEqual([[], []]);
    expect(told()).toMatchObject([
      {
        body: { state: "failed" },
        summary:
          "What should not run could not be taken back. It was never approved here, so nothing here removes it. It is tried again.",
      },
    ]);
  });

  it("nothing is done where nothing was deployed", async () => {
    const { deployment: _, ...never } = stopped;
    const { target, told, run, logged } = scene({ promotion: never });
    await run();
    expect([target.rolledBack, told(), logged]).toEqual([[], [], []]);
  });
});
