import {
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { plainRelease, releaseFor } from "../../../core/deployment/release.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { SageMakerTarget } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { refused } from "../../core/refusal.ts";
import { failing, hosting, localSageMaker, modelAt, scorer } from "../../local/sagemaker/setup.ts";
import { faultAt } from "./faults.ts";
import { approved, before, id, idOf, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");

const target: SageMakerTarget = {
  name: "production",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 1,
  alarms: { kind: "own", errorPercent: 5 },
};
const other = idOf("other");
const shareName = `share-${id}`;
const alarmName = `countersign-${id}-share-errors`;
const first: Release = { kind: "first", traffic: { kind: "all-at-once", waitSeconds: 0 } };
const byWeight = releaseFor(target, "something", { share: { percent: 10, forSeconds: 86_400 }, watchSeconds: 86_400 });

const order = (promotion = id, image = scorer): Order => orderOf(promotion, target, image);
const deployment = (over: Partial<Deployment> = {}): Deployment => ({
  ...order(),
  release: byWeight,
  previous: before,
  startedAt: begunAt,
  ...over,
});
let begunAt = instantFromMs(Date.now());

/** What ran before, as the audit asks for it. */
const champion: Deployment = { ...order(before), release: plainRelease("something") };

const endpoint = () => sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
const shift = (to: number | "all") => endpoint().shift?.(deployment(), to);
const until = (kind: Progress["kind"], given = deployment(), percent?: number) =>
  vi.waitFor(
    async () => {
      const progress = await endpoint().check(given);
      expect(progress).toMatchObject({ kind, ...(percent === undefined ? {} : { percent }) });
      return progress;
    },
    { timeout: 15_000, interval: 20 },
  );

/** The champion serves, and the candidate is staged beside it. */
async function staged(image = scorer): Promise<void> {
  const staging = sagemakerStaging(local.client(), hosting);
  await staging.stage(order(before));
  await endpoint().start(approved(order(before)), first);
  await local.settled("InService");
  begunAt = instantFromMs(Date.now());
  await staging.stage(order(id, image));
}
/** The candidate answers a tenth of the requests. */
async function sharing(image = scorer): Promise<Deployment> {
  await staged(image);
  await endpoint().start(approved(order(id, image)), byWeight);
  const given = deployment({ image: order(id, image).image });
  await until("sharing", given, 10);
  return given;
}
/** How many of so many requests the candidate answered. */
async function answered(requests: number): Promise<number> {
  let count = 0;
  for (let index = 0; index < requests; index += 1) {
    const response = await local.invoke(JSON.stringify({ row: index }));
    if (response.headers.get("x-amzn-invoked-production-variant") === id || response.status === 424) count += 1;
  }
  return count;
}
const isGone = (name: string) =>
  expect(local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }))).rejects.toThrow("Could not find");

describe("a candidate that answers a part of the requests by weight", () => {
  it("gets its part of one instance, then all, then serves alone, and leaves nothing behind", async () => {
    const given = await sharing();
    expect(await answered(20)).toBe(2);
    expect(await endpoint().check(given)).toMatchObject({
      kind: "sharing",
      why: "The approved model answers 10 percent of the requests of the endpoint 'credit-scoring'.",
      evidence: {
        configuration: shareName,
        variants: [
          { name: "approved", weight: 90 },
          { name: id, weight: 10 },
        ],
        alarms: [
          { name: alarmName, state: "OK" },
          { name: `countersign-${id}-errors`, state: "OK" },
        ],
      },
    });
    expect(await endpoint().describeRunning(target)).toEqual({
      ...{ revision: shareName, promotion: id, changingTo: id, beside: before },
    });
    // What answers the others is looked at as well.
    expect(await endpoint().check(champion)).toMatchObject({
      kind: "sharing",
      why: "The approved model answers beside a newer candidate of the endpoint 'credit-scoring'.",
    });

    await shift(100);
    await until("sharing", given, 100);
    expect(await answered(5)).toBe(5);
    await shift("all");
    await until("serving", given);
    await shift("all");
    expect(await endpoint().describeRunning(target)).toEqual({ revision: id, promotion: id });
    await endpoint().settle(given);
    await isGone(shareName);
    expect(await cloudWatchAlarms(local.alarms()).read([alarmName])).toEqual([{ name: alarmName, state: "missing" }]);
  });

  it("begins once, however often and by however many it is asked for", async () => {
    await staged();
    const start = () => endpoint().start(approved(order()), byWeight);
    const went = await Promise.all([1, 2, 3].map(() => start().then(() => "went", refusedAs)));
    expect(went).toContain("went");
    await until("sharing");
    const updates = () => local.calls.filter(({ resource, status }) => resource.endsWith(shareName) && status === 200);
    const before = updates().length;
    await start();
    // It is found to have begun, without a call on its configuration.
    expect(updates()).toHaveLength(before);
    await until("sharing", deployment(), 10);
  });

  it("that answers with errors gets no more requests at once, and then what ran before serves alone", async () => {
    const given = await sharing(failing);
    expect(await answered(10)).toBe(1);
    expect(await endpoint().check(given)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining(`The alarm '${alarmName}' is raised`),
    });
    await endpoint().rollBack(given);
    await vi.waitFor(async () => expect((await local.endpoint()).EndpointStatus).toBe("InService"));
    expect((await local.endpoint()).EndpointConfigName).toBe(shareName);
    expect(await answered(10)).toBe(0);
    await endpoint().rollBack(given);
    await until("returned", given);
    await endpoint().rollBack(given);
    expect(await endpoint().describeRunning(target)).toEqual({ revision: before, promotion: before });
    expect(await endpoint().cleanUp(id, target, given)).toEqual({
      removed: [
        "endpoint configuration of its part of the requests",
        "endpoint configuration",
        "model",
        alarmName,
        `countersign-${id}-errors`,
      ],
      left: [],
    });
  });

  it("is ill though its alarm is quiet again when somebody looks", async () => {
    const given = await sharing(failing);
    await answered(10);
    local.clock().advance(120_000);
    expect(await endpoint().check(given)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringMatching(new RegExp(`^The alarm '${alarmName}' was raised at 20.*Z, and is quiet again\\.$`)),
      evidence: { alarms: [{ name: alarmName, state: "OK", raisedAt: expect.any(String) }, { state: "OK" }] },
    });
    const later = { ...given, startedAt: instantFromMs(Date.now() + 60_000) };
    expect((await endpoint().check(later)).kind).toBe("sharing");
  });

  it("does not come up where its container does not, and what ran before goes on", async () => {
    await staged();
    local.objects.delete("s3://models/candidate/model.json");
    await endpoint().start(approved(order()), byWeight);
    expect((await until("returned")).why).toContain("Failed to download model data");
  });

  it("cannot be approved beside anything else meanwhile, and nobody puts something else in its place", async () => {
    await sharing();
    const staging = sagemakerStaging(local.client(), hosting);
    await staging.stage(order(other));
    expect(await staging.preflight(order(other), () => byWeight)).toMatchObject({ kind: "possible" });
    expect((await refused(endpoint().start(approved(order(other)), byWeight))).code).toBe("unavailable");
    for (const each of [id, before]) expect((await refused(endpoint().cleanUp(each, target))).code).toBe("conflict");
  });
});

describe("what somebody changes meanwhile", () => {
  const weigh = (candidate: number) =>
    local.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: "credit-scoring",
        DesiredWeightsAndCapacities: [
          { VariantName: "approved", DesiredWeight: 100 - candidate },
          { VariantName: id, DesiredWeight: candidate },
        ],
      }),
    );

  it("is seen of the weights", async () => {
    const given = await sharing();
    await weigh(60);
    expect((await until("sharing", given, 60)).why).toContain("answers 60 percent");
  });

  it.each([
    ["what ran before", before],
    ["the configuration under which both answer", shareName],
    ["the candidate's own configuration", id],
  ])("is seen of %s", async (_, name) => {
    const given = await sharing();
    await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name }));
    expect(await endpoint().check(given)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining("somebody changed or removed"),
    });
  });

  it.each([
    ["what ran before", before, "the configuration before it was made anew since the release began"],
    ["the configuration under which both answer", shareName, "it was made anew after it had begun to answer"],
  ])("is seen of %s, made anew as it was", async (_, name, why) => {
    const given = { ...(await sharing()), sharedSince: instantFromMs(Date.now()) };
    expect((await endpoint().check(given)).kind).toBe("sharing");
    const was = await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name }));
    await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName: name }));
    await vi.waitUntil(() => instantFromMs(Date.now()) > given.sharedSince);
    const { ProductionVariants } = was;
    await local.send(new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants }));
    expect(await endpoint().check(given)).toMatchObject({
      kind: "unhealthy",
      why: `The configuration under which the candidate answers a part of the requests is not that of the candidate and what ran before: ${why}; somebody changed or removed one of them.`,
    });
  });

  it("is seen of the model that it answers beside, made anew under its name", async () => {
    await sharing();
    await local.send(new DeleteModelCommand({ ModelName: before }));
    await local.send(
      new CreateModelCommand({
        ModelName: before,
        ExecutionRoleArn: hosting.servingRoleArn,
        PrimaryContainer: modelAt("candidate/model.json"),
      }),
    );
    expect(await endpoint().check(champion)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining("is not what was approved"),
    });
  });

  it("is seen of what it answers beside, where that is another than ran before", async () => {
    await staged();
    await local.configure("theirs", modelAt("champion/model.json"));
    const ProductionVariants = [
      { VariantName: "AllTraffic", ModelName: "theirs", InstanceType: "ml.m5.large", InitialInstanceCount: 1 } as const,
      { VariantName: id, ModelName: id, InstanceType: "ml.m5.large", InitialInstanceCount: 1 } as const,
    ];
    await local.send(new CreateEndpointConfigCommand({ EndpointConfigName: shareName, ProductionVariants }));
    expect(await refused(endpoint().start(approved(order()), byWeight))).toMatchObject({ code: "deployment-refused" });
    await local.update(shareName);
    await local.settled("InService");
    expect((await until("unhealthy")).why).toContain("not that of the candidate and what ran before");
  });

  it("is seen of what was deployed long ago, and is put back", async () => {
    const given = await sharing();
    await shift("all");
    await until("serving", given);
    await local.update(shareName);
    await local.settled("InService");
    const plain = { ...given, release: { ...first, kind: "update" } as const };
    expect(await endpoint().check(plain)).toMatchObject({
      kind: "unhealthy",
      why: "The endpoint 'credit-scoring' serves it beside another model: somebody changed it.",
    });
    await endpoint().start(approved(order()), plain.release);
    await until("serving", plain);
  });
});

describe("what cannot answer beside a candidate", () => {
  it("blocks it, and says why", async () => {
    await staged();
    const model = { ModelName: before, InstanceType: "ml.m5.large", InitialInstanceCount: 1 } as const;
    const ProductionVariants = [
      { ...model, VariantName: "a" },
      { ...model, VariantName: "b" },
    ];
    await local.send(new CreateEndpointConfigCommand({ EndpointConfigName: "two", ProductionVariants }));
    await local.send(new UpdateEndpointCommand({ EndpointName: "credit-scoring", EndpointConfigName: "two" }));
    await local.settled("InService");
    expect(await endpoint().preflight(order(), () => byWeight)).toEqual({
      kind: "impossible",
      why: "Nothing can answer a part of the requests of the endpoint 'credit-scoring': it serves 2 variants, not one.",
    });
  });

  it("may be a variant of another name, from which SageMaker would shift nothing", async () => {
    await local.configure("theirs", modelAt("champion/model.json"));
    await local.create("theirs");
    await local.settled("InService");
    begunAt = instantFromMs(Date.now());
    await sagemakerStaging(local.client(), hosting).stage(order());
    expect(await endpoint().preflight(order(), () => byWeight)).toMatchObject({ kind: "possible" });
    await endpoint().start(approved(order()), byWeight);
    await until("sharing", deployment({ previous: "theirs" }), 10);
  });
});

describe("throttling and server errors, at each call", () => {
  /** Does the same again and again, with a fault at one call later each time, until no call is left for one. */
  async function throughFaults(act: () => Promise<void> | undefined): Promise<number> {
    for (let call = 1; ; call += 1) {
      const { calls, end } = faultAt(local, call);
      const outcome = await Promise.resolve(act()).then(() => "went", refusedAs);
      end();
      if (calls() < call) return call - 1;
      expect(outcome).toBe("unavailable");
    }
  }

  it("pass as it begins, as it gets more, and as it comes to serve alone", async () => {
    await staged();
    expect(await throughFaults(() => endpoint().start(approved(order()), byWeight))).toBe(10);
    await until("sharing", deployment(), 10);
    expect(await throughFaults(() => shift(100))).toBe(2);
    await until("sharing", deployment(), 100);
    expect(await throughFaults(() => shift("all"))).toBe(7);
    await until("serving");
  });

  it("pass as it goes back, and as it is cleaned up", async () => {
    const given = await sharing();
    expect(await throughFaults(() => endpoint().rollBack(given))).toBe(2);
    await until("sharing", given, 0);
    expect(await throughFaults(() => endpoint().rollBack(given))).toBe(2);
    await until("returned", given);
    await throughFaults(async () => void (await endpoint().cleanUp(id, target, given)));
    await isGone(shareName);
  });
});

async function refusedAs(error: unknown): Promise<string> {
  return (await refused(Promise.reject(error))).code;
}
