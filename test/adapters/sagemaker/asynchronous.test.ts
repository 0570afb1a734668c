import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { queueOf } from "../../../adapters/sagemaker/asynchronous.ts";
import { sagemakerShadow } from "../../../adapters/sagemaker/shadow.ts";
import type { Deployment } from "../../../core/deployment/deployment-target.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { instantFromMs } from "../../../core/encoding/instant.ts";
import type { AsynchronousAnswers, InstancesTarget } from "../../../core/promotion/target.ts";
import { refused } from "../../core/refusal.ts";
import { failing, hosting, scorer } from "../../local/sagemaker/setup.ts";
import { endpointScene } from "./endpoint-scene.ts";
import { approved, before, id, orderOf } from "./orders.ts";

const { local, target: endpoint, staging, until, baking } = endpointScene();
const asynchronous: AsynchronousAnswers = { output: "s3://answers/scores", failures: "s3://answers/failed" };
const target: InstancesTarget = {
  name: "nightly",
  kind: "sagemaker-endpoint",
  endpoint: "credit-scoring",
  instanceType: "ml.m5.large",
  instanceCount: 2,
  asynchronous,
  traffic: { kind: "canary", percent: 50, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 5 },
};
const { asynchronous: _, ...atOnce } = target;
const question = "s3://questions/one.json";
const update = releaseFor(target, "something");

const order = (promotion = id, image = scorer, of: InstancesTarget = target): Order => orderOf(promotion, of, image);
const deployment = (image = scorer): Deployment => ({
  ...order(id, image),
  release: update,
  previous: before,
  startedAt: instantFromMs(Date.now() - 1000),
});
/** What was approved before serves. */
async function serving(of: InstancesTarget = target): Promise<void> {
  local.objects.set(question, JSON.stringify({ instances: [{}] }));
  await staging().stage(order(before, scorer, of));
  await endpoint().start(approved(order(before, scorer, of)), releaseFor(of, "nothing"));
  await local.settled("InService");
}

async function begun(image = scorer): Promise<Deployment> {
  await serving();
  await staging().stage(order(id, image));
  expect(await endpoint().preflight(order(id, image), () => update)).toEqual({
    kind: "possible",
    release: update,
    running: { revision: before, promotion: before },
  });
  await endpoint().start(approved(order(id, image)), update);
  await baking();
  return deployment(image);
}

describe("an asynchronous endpoint", () => {
  it("is staged with the queue that the target asks for, comes over in parts, and answers from the queue", async () => {
    const given = await begun();
    expect(await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }))).toMatchObject({
      AsyncInferenceConfig: {
        OutputConfig: { S3OutputPath: "s3://answers/scores", S3FailurePath: "s3://answers/failed" },
      },
    });
    expect((await endpoint().check(given)).kind).toBe("under-way");
    const [first, second] = [await local.ask(question), await local.ask(question)];
    for (const each of [first, second])
      await vi.waitFor(() =>
        expect(local.objects.has(each.headers.get("x-amzn-sagemaker-outputlocation") ?? "")).toBe(true),
      );
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await local.settled("InService");
    expect(await until(given, "serving")).toMatchObject({
      why: "The endpoint 'credit-scoring' serves the approved model.",
    });
    const { LastDeploymentConfig } = await local.endpoint();
    expect(LastDeploymentConfig?.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.Type).toBe("CANARY");
  });

  // async-inference-monitor.html: Invocation5XXErrors is published of what was queued as of what is answered at once.
  it("goes back by SageMaker where the model answers what was queued with errors", async () => {
    const given = await begun(failing);
    for (let asked = 0; asked < 4; asked += 1) await local.ask(question);
    const { why } = await until(given, "returned");
    expect(why).toContain(`countersign-${id}-errors`);
    expect((await local.endpoint()).EndpointConfigName).toBe(before);
  });

  it("is well without an instance, to which a policy has scaled it, and a release brings those of the target", async () => {
    await serving();
    await local.scaling("RegisterScalableTarget", "approved", 0);
    await local.scale("approved", 0);
    await staging().stage(order());
    expect(await endpoint().preflight(order(), () => update)).toMatchObject({ kind: "possible" });
    await endpoint().start(approved(order()), releaseFor(atOnce, "something", {}));
    await baking();
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await local.settled("InService");
    expect((await local.endpoint()).ProductionVariants?.[0]?.CurrentInstanceCount).toBe(2);
    await local.scale("approved", 0);
    expect(await endpoint().check(deployment())).toMatchObject({ kind: "serving" });
  });

  it.each<[string, AsynchronousAnswers]>([
    ["answers go elsewhere", { ...asynchronous, output: "s3://elsewhere/scores" }],
    ["what failed goes nowhere", { output: asynchronous.output }],
  ])(
    "under the name of what was approved whose %s is not what was approved, before and after it serves",
    async (__, by) => {
      await staging().stage(order(id, scorer, { ...target, asynchronous: by }));
      expect((await refused(staging().stage(order()))).sentence).toContain(
        "of the configuration is not as it was asked; somebody changed or removed it.",
      );
    },
  );

  it("whose configuration is made anew by hand while it serves is found ill", async () => {
    const given = await begun();
    const found = await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }));
    local.clock().advance(300_000);
    await baking();
    local.clock().advance(300_000);
    await until(given, "serving");
    await local.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id }));
    await local.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: id,
        ProductionVariants: found.ProductionVariants,
        AsyncInferenceConfig: { OutputConfig: { S3OutputPath: "s3://somebody/else" } },
      }),
    );
    expect(await endpoint().check(given)).toMatchObject({
      kind: "unhealthy",
      why: "What is staged on SageMaker is not what was approved: 'AsyncInferenceConfig.OutputConfig.S3OutputPath' of the configuration is not as it was asked; somebody changed or removed it.",
    });
  });

  it.each([
    ["that answers at once", atOnce, target, "answers each request as it comes, and the target is asynchronous"],
    ["that queues", target, atOnce, "answers asynchronously, and the target does not"],
  ])("cannot come to be out of one %s otherwise, which is said before people are asked", async (__, now, next, why) => {
    await serving(now);
    await staging().stage(order(id, scorer, next));
    expect(await endpoint().preflight(order(id, scorer, next), () => update)).toEqual({
      kind: "impossible",
      why: `The endpoint 'credit-scoring' ${why}. It would be replaced at once, or not at all, and nothing could go back to it; give the target an endpoint of its own.`,
    });
    await expect(local.update(id)).rejects.toThrow();
  });

  it("has no part by weights and no shadow", async () => {
    await serving();
    await staging().stage(order());
    const share = releaseFor(target, "something", { share: { percent: 5, forSeconds: 7200 } });
    expect(await endpoint().preflight(order(), () => share)).toEqual({
      kind: "impossible",
      why: "Nothing can answer a part of the requests of the endpoint 'credit-scoring': it answers asynchronously.",
    });
    const readings = { measures: () => expect.unreachable(), files: () => expect.unreachable() };
    const shadow = sagemakerShadow(local.client(), hosting, readings);
    expect(await shadow.footing(order())).toEqual({
      kind: "impossible",
      why: "The candidate cannot run in shadow of the endpoint 'credit-scoring': asynchronous endpoints have no shadow.",
    });
  });

  it("is asked of SageMaker with everything that its target says", () => {
    const topics = { success: "arn:answers", error: "arn:failures", withAnswer: ["error"] } as const;
    expect(
      queueOf({ ...target, asynchronous: { output: "s3://answers/a", key: "arn:key", topics, concurrency: 4 } }),
    ).toEqual({
      AsyncInferenceConfig: {
        OutputConfig: {
          S3OutputPath: "s3://answers/a",
          KmsKeyId: "arn:key",
          NotificationConfig: {
            SuccessTopic: "arn:answers",
            ErrorTopic: "arn:failures",
            IncludeInferenceResponseIn: ["ERROR_NOTIFICATION_TOPIC"],
          },
        },
        ClientConfig: { MaxConcurrentInvocationsPerInstance: 4 },
      },
    });
    expect(queueOf(atOnce)).toEqual({});
  });
});
