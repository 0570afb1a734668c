import { CreateEndpointConfigCommand, DescribeEndpointConfigCommand } from "@aws-sdk/client-sagemaker";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { cloudWatchAlarms } from "../../../adapters/cloudwatch/alarms.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../../../adapters/sagemaker/staged.ts";
import type { Deployment, Progress } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { SageMakerTarget } from "../../../core/promotion/target.ts";
import { refused } from "../../core/refusal.ts";
import { archiveOf } from "../../local/archive-of.ts";
import { failing, hosting, localSageMaker, scorer } from "../../local/sagemaker/setup.ts";
import { approved, before, id, orderOf } from "./orders.ts";

const local = localSageMaker("in-process");
beforeEach(async () => {
  for (const name of ["champion", "candidate"]) {
    const model = String(local.objects.get(`s3://models/${name}/model.json`));
    local.objects.set(`s3://models/${name}/model.tar.gz`, await archiveOf({ "model.json": model }));
  }
});

const target: SageMakerTarget = {
  name: "quiet",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  serverless: { memoryMegabytes: 2048, maxConcurrency: 5 },
  traffic: { kind: "all-at-once", waitSeconds: 0 },
  alarms: { kind: "own", errorPercent: 5 },
  watchSeconds: 3600,
  network: "open",
};
const alarmName = `countersign-${id}-errors`;
const update = releaseFor(target, "something");

const order = (promotion = id, image = scorer, of: SageMakerTarget = target): Order =>
  orderOf(promotion, of, image, "model.tar.gz");
const deployment = (image = scorer): Deployment => ({
  ...order(id, image),
  release: update,
  previous: before,
  startedAt: instantFromMs(Date.now() - 1000),
});
const endpoint = () => sagemakerTarget(local.client(), cloudWatchAlarms(local.alarms()), hosting);
const staging = () => sagemakerStaging(local.client(), hosting);
const until = (kind: Progress["kind"], given: Deployment) =>
  vi.waitFor(
    async () => {
      const progress = await endpoint().check(given);
      expect(progress.kind).toBe(kind);
      return progress;
    },
    { timeout: 15_000, interval: 20 },
  );

/** The champion serves, and the candidate takes its place. */
async function released(image = scorer): Promise<Deployment> {
  await staging().stage(order(before));
  await endpoint().start(approved(order(before)), releaseFor(target, "nothing"));
  await local.settled("InService");
  await staging().stage(order(id, image));
  expect(await endpoint().preflight(order(id, image), () => update)).toMatchObject({ kind: "possible" });
  await endpoint().start(approved(order(id, image)), update);
  await local.settled("InService");
  return deployment(image);
}

describe("a serverless endpoint", () => {
  it("is staged as ordered, serves all at once without a word to SageMaker of traffic or alarms, and leaves nothing", async () => {
    const given = await released();
    const { ProductionVariants } = await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }));
    expect(ProductionVariants).toEqual([
      {
        VariantName: id,
        ModelName: id,
        ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 },
        InitialVariantWeight: 1,
      },
    ]);
    const { LastDeploymentConfig, ProductionVariants: serving } = await local.endpoint();
    expect(LastDeploymentConfig).toBeUndefined();
    expect(serving).toMatchObject([{ VariantName: id, CurrentServerlessConfig: { MaxConcurrency: 5 } }]);
    expect(await endpoint().check(given)).toMatchObject({
      kind: "serving",
      evidence: { alarms: [{ name: alarmName, state: "OK" }] },
    });
    await endpoint().settle(given);
    expect(await cloudWatchAlarms(local.alarms()).read([alarmName])).toMatchObject([{ state: "missing" }]);
  });

  it("that answers with errors is taken back by us, also where the alarm is quiet again", async () => {
    const given = await released(failing);
    await local.invoke("{}");
    expect(await endpoint().check(given)).toMatchObject({
      kind: "unhealthy",
      why: expect.stringContaining(`The alarm '${alarmName}' is raised`),
    });
    local.clock().advance(120_000);
    expect((await endpoint().check(given)).why).toContain("and is quiet again");
    await endpoint().rollBack(given);
    await until("returned", given);
    expect((await endpoint().cleanUp(id, target, given)).left).toEqual([]);
  });

  it.each(["model.json", "model.tgz", "MODEL.TAR.GZ"])(
    "takes no %s, and says so before people are asked",
    async (name) => {
      const uri = `s3://models/candidate/${name}`;
      const given = { ...order(), model: { ...order().model, uri } };
      const why = `A serverless endpoint takes a model as a gzipped tar alone, whose name ends in '.tar.gz', and the model's is '${name}'.`;
      expect(await staging().preflight(given, () => update)).toEqual({ kind: "impossible", why });
      expect(await endpoint().preflight(given, () => update)).toEqual({ kind: "impossible", why });
    },
  );

  it.each([
    ["of another size", { memoryMegabytes: 1024, maxConcurrency: 5 }],
    ["that answers more at once", { memoryMegabytes: 2048, maxConcurrency: 6 }],
  ])("staged under its name by somebody else, %s, is refused", async (_, serverless) => {
    await staging().stage(order(id, scorer, { ...target, serverless }));
    expect((await refused(staging().stage(order()))).code).toBe("deployment-refused");
  });

  it("cannot come to be out of one on instances, which SageMaker refuses as well", async () => {
    const { serverless: _, traffic: __, watchSeconds: ___, ...place } = target;
    const onInstances = { ...place, instanceType: "ml.m5.large", instanceCount: 1 } as SageMakerTarget;
    await staging().stage(order(before, scorer, onInstances));
    await endpoint().start(approved(order(before, scorer, onInstances)), releaseFor(onInstances, "nothing"));
    await local.settled("InService");
    await staging().stage(order());
    expect(await endpoint().preflight(order(), () => update)).toMatchObject({ kind: "impossible" });
    await expect(local.update(id)).rejects.toThrow("Cannot convert an instance-based endpoint");
  });
});

describe("what the stand-in refuses, as SageMaker does", () => {
  const variant = { VariantName: "a", ModelName: id, ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } };
  it.each<[string, object, RegExp]>([
    ["a serverless variant on instances", { ...variant, InstanceType: "ml.m5.large" }, /has no instances/],
    ["another size", { ...variant, ServerlessConfig: { MemorySizeInMB: 1500, MaxConcurrency: 5 } }, /must be 1024/],
    ["more at once", { ...variant, ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 201 } }, /200 or less/],
  ])("%s", async (_, given, why) => {
    await staging().stage(order());
    const input = { EndpointConfigName: "other", ProductionVariants: [given as typeof variant] };
    await expect(local.send(new CreateEndpointConfigCommand(input))).rejects.toThrow(why);
  });

  it("a serverless variant of a model with a data source, as those on instances have", async () => {
    const { serverless: _, traffic: __, watchSeconds: ___, ...place } = target;
    const onInstances = { ...place, instanceType: "ml.m5.large", instanceCount: 1 } as SageMakerTarget;
    await staging().stage(order(id, scorer, onInstances));
    const input = { EndpointConfigName: "other", ProductionVariants: [variant] };
    await expect(local.send(new CreateEndpointConfigCommand(input))).rejects.toThrow(
      "ModelDataSource is not supported for serverless endpoints.",
    );
  });

  it("a serverless variant of a model that is isolated from the network", async () => {
    const isolated = { ...target, network: undefined } as unknown as SageMakerTarget;
    await expect(staging().stage(order(id, scorer, isolated))).rejects.toThrow("Network isolation is not supported");
  });
});
