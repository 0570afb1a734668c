import { describe, expect, it } from "vitest";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import type { Running } from "../../../core/deployment/deployment-target.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { restrict } from "../../../functions/events/restrict/handler.ts";
import { type AuditRunningPorts, auditRunning } from "../../../functions/schedules/audit-running/handler.ts";
import { attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import { attestationBase, digestOf, manifest, now, policy } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion, environment, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";

const approved = await approvedPromotion("1.4.0", { over: { submittedAt: addSeconds(now, -3600) } });
const former = await approvedPromotion("1.3.0");
const { id } = approved.promotion;
const own: Running = { revision: id, promotion: id };
const intruder: Running = { revision: "quick-fix" };
const [rule] = policy.matrix.rules;
if (rule === undefined) throw new Error("The matrix has no rule.");
const strict = { ...policy, matrix: { ...policy.matrix, rules: [{ ...rule, onIntruder: "take-back" as const }] } };
const machines = [
  { name: "ci", issuer: "ci", provider: "github", match: {}, submits: ["credit-scoring"], reports: [] } as const,
];
const targets = {
  production: { kind: "sagemaker-endpoint", endpoint: "{model}", instanceType: "ml.m5.large", instanceCount: 1 },
} as const;

function scene(
  given: readonly Promotion[] = [former.promotion, approved.promotion],
  running: Running = own,
  over: Partial<AuditRunningPorts> = {},
) {
  const promotions = new MemoryPromotions(given);
  const target = new MemoryTarget(running);
  target.progress = { kind: "serving", why: "It serves." };
  const blobs = new MemoryBlobs([approved.bytes, former.bytes]);
  const logged: string[] = [];
  let seconds = 0;
  const shared = {
    now: () => addSeconds(now, seconds),
    log: (_: string, message: string) => void logged.push(message),
    policies: { ...strict, machines, targets },
    attestationBase,
    promotions,
    blobs,
    verifyingKeys: async () => [attestation.key],
    verifySignature: verifyEcdsa,
    targets: everyKind(target),
  };
  const ports: AuditRunningPorts = { ...shared, endpoints: async () => [], ...over };
  const audit = auditRunning(ports);
  const putRight = restrict({
    ...shared,
    monitored: async () => {},
    artifactsBucket: "artifacts",
    artifacts: { currentVersion: async () => "v1", read: async () => environment },
  });
  const told = (type: FactType) => promotions.recordedFacts().filter((fact) => fact.type === type);
  const ring = () => putRight({ "detail-type": "Scheduled Event", detail: {} });
  const hear = () =>
    putRight({ "detail-type": "Countersign Fact Recorded", detail: { promotionId: id, type: "intruder-found" } });
  const pass = (more: number) => {
    seconds += more;
  };
  return { promotions, target, blobs, logged, audit, ring, hear, told, pass };
}

describe("what runs and should not", () => {
  it("is told once, with what the target said, and logged each time; once it is gone, that is told once too", async () => {
    const { target, blobs, logged, audit, told, pass } = scene(undefined, intruder);
    await audit();
    pass(900);
    await audit();
    const [fact] = told("intruder-found");
    expect(told("intruder-found")).toHaveLength(1);
    expect(fact).toMatchObject({
      id: `${id}/intruder/credit-scoring/1`,
      promotion: id,
      summary:
        "The endpoint 'credit-scoring' in production serves 'quick-fix', which nobody approved here. What was approved is put back.",
      body: { kind: "unapproved", running: "quick-fix", action: "take-back" },
      attachments: [{ name: "running.json" }],
    });
    const sha256 = fact?.attachments[0]?.sha256;
    if (sha256 === undefined) return expect.unreachable();
    expect(JSON.parse(fromUtf8(await blobs.get(sha256)))).toMatchObject({ readAt: now, expected: id, candidate: null });
    expect(logged).toEqual(["intruder found", "intruder found"]);
    target.running = own;
    await audit();
    await audit();
    expect(told("intruder-gone").map(({ body }) => body["found"])).toEqual([fact?.id]);
    expect(logged).toHaveLength(2);
    // The same again is another finding.
    target.running = intruder;
    await audit();
    expect(told("intruder-found").map((each) => each.id)).toEqual([
      `${id}/intruder/credit-scoring/1`,
      `${id}/intruder/credit-scoring/2`,
    ]);
  });

  it("is told anew where it has become another", async () => {
    const { target, audit, told } = scene(undefined, intruder);
    await audit();
    target.running = { revision: "quick-fix-2" };
    await audit();
    expect(told("intruder-found").map(({ body }) => body["running"])).toEqual(["quick-fix", "quick-fix-2"]);
  });

  it.each<[string, readonly Promotion[], Running, string]>([
    [
      "a version that was replaced",
      [former.promotion, approved.promotion],
      { revision: former.promotion.id, promotion: former.promotion.id },
      "unapproved",
    ],
    [
      "a name that looks like ours",
      [approved.promotion],
      { revision: promotionId(digestOf("none"), 1), promotion: promotionId(digestOf("none"), 1) },
      "unapproved",
    ],
    ["a candidate that was rejected", [{ ...approved.promotion, status: "rejected", history: [] }], own, "unapproved"],
    [
      "what was taken out of service",
      [
        {
          ...approved.promotion,
          status: "restricted",
          restriction: restriction({
            remedy: "stop",
            taken: { remedy: "stop", because: "drift", startedAt: now, doneAt: now },
          }),
        },
      ],
      own,
      "unapproved",
    ],
  ])("is found: %s", async (_, given, running, kind) => {
    const { audit, told } = scene(given, running);
    await audit();
    expect(told("intruder-found").map(({ body }) => body["kind"])).toEqual([kind]);
  });

  it.each([
    ["not signed by a key of ours", { key: attestationKey() }, /a key that is not trusted here/],
    ["over another candidate", { verdict: { freezeDigest: digestOf("other") } }, /verdict does not allow it/],
    ["of a loan", { verdict: { lenders: [] } }, /it is of a loan/],
  ])("is found where its verdict is %s", async (_, wrong, why) => {
    const bad = await approvedPromotion("1.4.0", wrong);
    const running = { revision: bad.promotion.id, promotion: bad.promotion.id };
    const { audit, told } = scene([bad.promotion], running, { blobs: new MemoryBlobs([bad.bytes]) });
    await audit();
    expect(told("intruder-found").map(({ summary }) => summary)).toEqual([expect.stringMatching(why)]);
  });

  it("is found where what is behind the name was changed", async () => {
    const { target, audit, told } = scene();
    target.progress = { kind: "unhealthy", why: "Somebody changed the model." };
    await audit();
    expect(told("intruder-found")).toMatchObject([
      { body: { kind: "altered" }, summary: expect.stringMatching(/^Somebody/) },
    ]);
  });

  it("is not found where a release goes back to it at this moment", async () => {
    const back: Promotion = {
      ...approved.promotion,
      ...{ id: promotionId(digestOf("newer"), 1), status: "deploying", submittedAt: addSeconds(now, -60) },
    };
    const given = back.deployment && { ...back, deployment: { ...back.deployment, rollBack: { at: now, why: "." } } };
    const { target, audit, told } = scene([approved.promotion, ...(given === undefined ? [] : [given])]);
    target.progress = { kind: "unhealthy", why: "It leaves requests with an earlier revision." };
    await audit();
    expect(told("intruder-found")).toEqual([]);
    const alone = scene([approved.promotion, back]);
    alone.target.progress = target.progress;
    await alone.audit();
    expect(alone.told("intruder-found").map(({ body }) => body["kind"])).toEqual(["altered"]);
  });

  it("is told of no promotion where nothing was ever approved, and only told", async () => {
    const { audit, told } = scene([], intruder);
    await audit();
    await audit();
    expect(told("intruder-found")).toMatchObject([
      { id: "installation/intruder/production/credit-scoring/1", body: { action: "report" } },
    ]);
    expect(told("intruder-found")[0]).not.toHaveProperty("promotion");
  });

  it("is found at an endpoint of which no policy speaks, where a promotion's configuration serves there", async () => {
    const { target, audit, told } = scene([approved.promotion], own, {
      endpoints: async () => ["credit-scoring", "shadow-it"],
    });
    await audit();
    expect(told("intruder-found")).toMatchObject([
      {
        id: `${id}/intruder/shadow-it/1`,
        summary: expect.stringContaining("which was approved for the endpoint 'credit-scoring'"),
      },
    ]);
    target.running = { revision: "somebody-elses" };
    const quiet = scene(
      [],
      { revision: "somebody-elses" },
      { endpoints: async () => ["theirs"], policies: { ...strict, machines: [], targets } },
    );
    await quiet.audit();
    expect(quiet.told("intruder-found")).toEqual([]);
  });

  it("is found where what was approved for another account runs in ours, under the same endpoint's name", async () => {
    const account = {
      role: "arn:aws:iam::999999999999:role/countersign",
      externalId: "3141592653",
      servingRole: "arn:aws:iam::999999999999:role/serves",
    };
    const target = { ...requireKind(manifest.target, "sagemaker-endpoint"), account };
    const there = await approvedPromotion("1.4.0", { candidate: { target } });
    const running = { revision: there.promotion.id, promotion: there.promotion.id };
    const { audit, told } = scene([there.promotion], running, {
      policies: { ...strict, machines, targets: { production: { ...targets.production, account } } },
      blobs: new MemoryBlobs([there.bytes]),
      endpoints: async () => ["credit-scoring"],
    });
    await audit();
    expect(told("intruder-found")).toMatchObject([
      { body: { kind: "unapproved", place: { target: "", endpoint: "credit-scoring" } } },
    ]);
  });

  it("is found in an inference component of which no target speaks, beside one of which some does", async () => {
    const shared = {
      kind: "sagemaker-inference-component",
      endpoint: "{model}",
      host: "models",
      copies: 1,
      resources: { memoryMegabytes: 2048 },
      traffic: { kind: "all-at-once", waitSeconds: 0 },
    } as const;
    const rules = [...strict.matrix.rules, { ...rule, target: "shared" }];
    const policies = { ...strict, matrix: { ...strict.matrix, rules }, machines, targets: { shared } };
    const components = new MemoryTarget();
    let there: readonly string[] = ["credit-scoring", "theirs"];
    const on = Object.assign(components, {
      neighbours: async () => there,
      describeRunning: async ({ endpoint }: { endpoint: string }) =>
        endpoint === "theirs" && there.includes(endpoint) ? { revision: "somebody-elses" } : {},
    });
    const { audit, told } = scene([], {}, { policies, targets: everyKind(on) });
    await audit();
    await audit();
    expect(told("intruder-found")).toMatchObject([
      {
        id: "installation/intruder/shared/theirs/1",
        summary: "The inference component 'theirs' in shared serves 'somebody-elses', which nobody approved here.",
        body: { action: "report", place: { kind: "sagemaker-inference-component", endpoint: "theirs" } },
      },
    ]);
    expect(told("intruder-gone")).toEqual([]);
    there = ["credit-scoring"];
    await audit();
    expect(told("intruder-gone").map(({ id }) => id)).toEqual(["installation/intruder/shared/theirs/1/gone"]);
    // Whoever puts it there again is found again.
    there = ["credit-scoring", "theirs"];
    await audit();
    expect(
      told("intruder-found")
        .map(({ id }) => id)
        .at(-1),
    ).toBe("installation/intruder/shared/theirs/2");
  });

  it("is looked for at an endpoint whose model nobody may submit any more", async () => {
    const policies = { ...strict, machines: [], targets };
    const fine = scene([approved.promotion], own, { policies, endpoints: async () => ["credit-scoring"] });
    await fine.audit();
    expect(fine.told("intruder-found")).toEqual([]);
  });
});

describe("what may run", () => {
  it.each<[string, readonly Promotion[], Running]>([
    ["what was approved last", [former.promotion, approved.promotion], own],
    ["nothing", [approved.promotion], {}],
    [
      "what comes back after drift",
      [
        former.promotion,
        {
          ...approved.promotion,
          status: "restricted",
          restriction: restriction({
            remedy: "previous",
            taken: { remedy: "previous", because: "drift", startedAt: now, to: former.promotion.id },
          }),
        },
      ],
      { revision: former.promotion.id, promotion: former.promotion.id },
    ],
  ])("alarms nobody: %s", async (_, given, running) => {
    const { audit, logged, told } = scene(given, running);
    await audit();
    expect([logged, told("intruder-found")]).toEqual([[], []]);
  });
});

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
