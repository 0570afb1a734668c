import { CreateInferenceComponentCommand, UpdateInferenceComponentCommand } from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import type { ComponentTarget } from "../../../core/promotion/target.ts";
import { modelAt, scorer } from "../../local/sagemaker/setup.ts";
import { componentScene, order, target, update } from "./component-scene.ts";
import { approved, before, id } from "./orders.ts";

const { local, component, ask, serving } = componentScene();

describe("the preflight", () => {
  it("tells an update what runs", async () => {
    const revision = await serving();
    expect(await ask()).toEqual({ kind: "possible", release: update, running: { revision, promotion: before } });
  });

  it.each<[string, () => Promise<unknown>, ComponentTarget, string]>([
    [
      "an endpoint that is not there",
      async () => {},
      { ...target, host: "nowhere" },
      "The endpoint 'nowhere' is not there",
    ],
    [
      "an endpoint whose containers may reach the network, where nobody said so",
      async () => {
        await local.hostConfig("open", false);
        await local.update("open");
        await local.settled("InService");
      },
      target,
      "lets its containers reach the network (EnableNetworkIsolation), and the target does not say 'network: open'",
    ],
    [
      "an endpoint with a model of its own",
      async () => {
        await local.configure("own", modelAt("champion/model.json"));
        await local.update("own");
        await local.settled("InService");
      },
      target,
      "serves a model of its own",
    ],
  ])("is against %s", async (_, act, of, why) => {
    await act();
    expect(await ask(order(id, scorer, of))).toMatchObject({ kind: "impossible", why: expect.stringContaining(why) });
  });

  it("takes an open endpoint where the target says so", async () => {
    await local.hostConfig("open", false);
    await local.update("open");
    await local.settled("InService");
    expect(await ask(order(id, scorer, { ...target, network: "open" }))).toMatchObject({ kind: "possible" });
  });

  it("and the release are against a component that is on another endpoint", async () => {
    await serving();
    const elsewhere = { ...target, host: "other" };
    const given = approved(order(before, scorer, elsewhere));
    await expect(component().start(given, update)).rejects.toThrow(
      "The inference component 'scoring' is on the endpoint 'credit-scoring', and not moved from there.",
    );
    expect(await component().describeRunning(elsewhere)).toEqual({
      revision: expect.stringContaining('"host":"credit-scoring"'),
    });
  });
});

it("others on the same endpoint are known by name", async () => {
  await serving();
  await local.send(
    new CreateInferenceComponentCommand({
      InferenceComponentName: "theirs",
      EndpointName: "credit-scoring",
      Specification: { ModelName: before, ComputeResourceRequirements: { MinMemoryRequiredInMb: 128 } },
      RuntimeConfig: { CopyCount: 1 },
    }),
  );
  expect((await component().neighbours?.(target))?.toSorted()).toEqual(["scoring", "theirs"]);
});

describe("what the stand-in refuses, as SageMaker does", () => {
  it.each([
    ["batches of more than half", { Type: "COPY_COUNT", Value: 3 } as const, /between 5% and 50%/],
    ["batches of more than half by percent", { Type: "CAPACITY_PERCENT", Value: 51 } as const, /between 5% and 50%/],
  ])("%s", async (_, size, why) => {
    await serving();
    const rolling = { MaximumBatchSize: size, WaitIntervalInSeconds: 0 };
    await expect(
      local.send(
        new UpdateInferenceComponentCommand({
          InferenceComponentName: "scoring",
          Specification: { ModelName: before, ComputeResourceRequirements: { MinMemoryRequiredInMb: 2048 } },
          DeploymentConfig: { RollingUpdatePolicy: rolling },
        }),
      ),
    ).rejects.toThrow(why);
  });
});
