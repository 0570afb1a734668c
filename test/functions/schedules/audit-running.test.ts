import { describe, expect, it } from "vitest";
import { hasOwnId } from "../../../core/archive/documents/record-ids.ts";
import type { DeploymentTarget, Running } from "../../../core/deployment/deployment-target.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { Target } from "../../../core/promotion/target.ts";
import { attestationKey } from "../../core/attestation/signing-keys.ts";
import { digestOf, manifest, now } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { approvedPromotion, restriction } from "../approved-promotion.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { everyKind, MemoryTarget } from "../memory-target.ts";
import { mock } from "../mock.ts";
import { approved, former, id, intruder, machines, own, rule, scene, sharing, strict, targets } from "./audit-scene.ts";

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

  it("is put back as what it is, where that is restricted", async () => {
    const drifted = { ...approved.promotion, status: "restricted" as const, restriction: restriction() };
    const { target, audit, ring } = scene([former.promotion, drifted], intruder);
    await audit();
    await ring();
    expect(target.started.map(({ order }) => [order.promotion, order.restricted])).toEqual([[id, true]]);
    const sound = scene(undefined, intruder);
    await sound.audit();
    await sound.ring();
    expect(sound.target.started.map(({ order }) => [order.promotion, order.restricted])).toEqual([[id, undefined]]);
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

  it.each([
    ["was removed", {}, []],
    ["serves what is nobody's", { revision: "somebody-elses" }, ["credit-scoring", "shadow-it"]],
  ])("at such an endpoint is told to be gone once, where that %s, and found again", async (_, left, endpoints) => {
    let there: Running = own;
    let all: readonly string[] = ["credit-scoring", "shadow-it"];
    const on = new MemoryTarget(own);
    const at = { describeRunning: async ({ endpoint }: Target) => (endpoint === "shadow-it" ? there : own) };
    const { audit, told } = scene([approved.promotion], own, {
      targets: everyKind(Object.assign(on, { progress: { kind: "serving", why: "It serves." } }, at)),
      endpoints: async () => all,
    });
    await audit();
    await audit();
    expect(told("intruder-gone")).toEqual([]);
    [there, all] = [left, endpoints];
    await audit();
    await audit();
    expect(told("intruder-gone")).toMatchObject([
      {
        id: `${id}/intruder/shadow-it/1/gone`,
        promotion: id,
        summary: "What should not run does not run there any more.",
      },
    ]);
    [there, all] = [own, ["credit-scoring", "shadow-it"]];
    await audit();
    expect(told("intruder-found").map((fact) => fact.id)).toEqual([1, 2].map((n) => `${id}/intruder/shadow-it/${n}`));
  });

  it("that is told to be gone is not once more because the list of all of them is behind", async () => {
    let there: Running = own;
    let all: readonly string[] = ["credit-scoring", "shadow-it"];
    let behind: readonly Fact[] = [];
    const on = new MemoryTarget(own);
    const at = { describeRunning: async ({ endpoint }: Target) => (endpoint === "shadow-it" ? there : own) };
    const { audit, told, promotions } = scene([approved.promotion], own, {
      targets: everyKind(Object.assign(on, { progress: { kind: "serving", why: "It serves." } }, at)),
      endpoints: async () => all,
      intruders: async () => behind,
    });
    await audit();
    behind = await promotions.intruders();
    there = {};
    all = ["credit-scoring"];
    await audit();
    await audit();
    expect(told("intruder-gone")).toHaveLength(1);
  });

  it("at the place that it was approved for is not told to be gone while it runs there, also where the target leads elsewhere now", async () => {
    let endpoint = "{model}";
    const policies = {
      ...{ ...strict, machines },
      get targets() {
        return { production: { ...targets.production, endpoint } };
      },
    };
    const { audit, told } = scene([approved.promotion], intruder, { policies, endpoints: async () => [] });
    await audit();
    endpoint = "moved-{model}";
    await audit();
    expect(told("intruder-found").map((fact) => fact.id)).toContain(`${id}/intruder/credit-scoring/1`);
    expect(told("intruder-gone").map((fact) => fact.id)).not.toContain(`${id}/intruder/credit-scoring/1/gone`);
  });

  it("is told under an id of its own where the promotion that serves there is one of another deployment, and told to be gone", async () => {
    const theirs = promotionId(digestOf("another deployment's"), 1);
    let there: readonly string[] = ["theirs"];
    const { target, audit, told } = scene(
      [],
      { revision: theirs, promotion: theirs },
      { endpoints: async () => there, policies: { ...strict, machines: [], targets } },
    );
    for (const [running, endpoints] of [
      [target.running, ["theirs"]],
      [{}, []],
      [target.running, ["theirs"]],
    ] as const) {
      [target.running, there] = [running, endpoints];
      await audit();
    }
    const facts = [...told("intruder-found"), ...told("intruder-gone")];
    expect(facts.map(({ id }) => id)).toEqual([
      "installation/intruder//theirs/1",
      "installation/intruder//theirs/2",
      "installation/intruder//theirs/1/gone",
    ]);
    expect(facts.filter((fact) => !hasOwnId(fact))).toEqual([]);
    expect(facts[0]?.summary).toBe(`The endpoint 'theirs' serves '${theirs}', which nobody approved here.`);
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
    const components = new MemoryTarget();
    let there: readonly string[] = ["credit-scoring", "theirs"];
    const on = Object.assign(components, {
      neighbours: async () => there,
      describeRunning: async ({ endpoint }: { endpoint: string }) =>
        endpoint === "theirs" && there.includes(endpoint) ? { revision: "somebody-elses" } : {},
    });
    const { audit, told } = scene([], {}, { policies: sharing, targets: everyKind(on) });
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

it("a target that does not answer keeps no other from being looked at, and is left after a minute", async () => {
  const { target } = scene([], intruder);
  let [spent, asked] = [0, 0];
  const on = mock<DeploymentTarget>("target", {
    describeRunning: async ({ name }: { name: string }) => {
      if (name === "production") return target.running;
      [spent, asked] = [spent + 10, asked + 1];
      throw new Failure("unavailable", "The receiver does not answer at the moment.");
    },
  });
  const submits = [...[...Array(60).keys()].map((number) => `edge-${number}`), "credit-scoring"];
  const edge = {
    kind: "webhook",
    endpoint: "{model}",
    url: "https://edge.example/",
    secret: "edge",
    withinSeconds: 60,
  } as const;
  const { audit, told } = scene([], intruder, {
    now: () => addSeconds(now, spent),
    policies: {
      ...strict,
      matrix: { ...strict.matrix, rules: [...strict.matrix.rules, { ...rule, target: "edge" }] },
      ...{ machines: machines.map((machine) => ({ ...machine, submits })), targets: { edge, ...targets } },
    } as never,
    targets: everyKind(on),
  });
  expect((await refused(audit())).sentence).toMatch(
    /^\d+ places did not say what runs there; the others were looked at.$/,
  );
  expect(asked).toBe(6);
  expect(told("intruder-found").map(({ body }) => body["place"])).toContainEqual(
    expect.objectContaining({ endpoint: "credit-scoring" }),
  );
});

it("each endpoint of which no policy speaks is looked at within some runs, however long others keep it waiting", async () => {
  const names = Array.from({ length: 20 }, (_, at) => `stray-${at}`);
  const seen = new Set<string>();
  let [run, spent] = [0, 0];
  const { target } = scene([], {});
  const on = mock<DeploymentTarget>("target", {
    describeRunning: async ({ endpoint }: { endpoint: string }) => {
      if (!names.includes(endpoint)) return target.running;
      seen.add(endpoint);
      spent += 10;
      throw new Failure("unavailable", "It does not answer at the moment.");
    },
  });
  const { audit } = scene(
    [],
    {},
    {
      now: () => addSeconds(now, run * 900 + spent),
      endpoints: async () => names,
      targets: everyKind(on),
    },
  );
  for (; run < 12; run += 1) {
    spent = 0;
    expect((await refused(audit())).sentence).toBe("20 places did not say what runs there; the others were looked at.");
  }
  expect(seen.size).toBe(20);
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
