import { writeFileSync } from "node:fs";
import {
  CreateEndpointConfigCommand,
  type DesiredWeightAndCapacity,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { expect, it } from "vitest";
import { gated, localSageMaker, modelAt } from "./setup.ts";

const local = localSageMaker("in-process");
const machine = { InstanceType: "ml.m5.large", InitialInstanceCount: 1 } as const;
const weigh = (...desired: readonly DesiredWeightAndCapacity[]) =>
  local.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: "credit-scoring",
      DesiredWeightsAndCapacities: [...desired],
    }),
  );
const both = (EndpointConfigName: string, a: number, b: number) =>
  local.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [
        { ...machine, VariantName: "a", ModelName: "a", InitialVariantWeight: a },
        { ...machine, VariantName: "b", ModelName: "b", InitialVariantWeight: b },
      ],
    }),
  );

/** Two models that answer with their names, under weights of three to one. */
async function serving(): Promise<void> {
  const gate = local.path("open");
  writeFileSync(gate, "");
  for (const NAME of ["a", "b"])
    await local.configure(NAME, { ...modelAt("champion/model.json", gated), Environment: { NAME, GATE: gate } });
  await both("three-to-one", 3, 1);
  await local.create("three-to-one");
  await local.settled("InService");
}
async function answers(count: number): Promise<string> {
  let names = "";
  for (let index = 0; index < count; index += 1) names += await (await local.invoke("{}")).text();
  return names.split("").toSorted().join("");
}
const weights = async () =>
  (await local.endpoint()).ProductionVariants?.map(({ CurrentWeight, DesiredWeight }) => [
    CurrentWeight,
    DesiredWeight,
  ]);

it("two variants answer by their weights, which an update of nothing else changes, and a restart keeps", async () => {
  await serving();
  expect(await answers(8)).toBe("aaaaaabb");
  await weigh({ VariantName: "a", DesiredWeight: 1 });
  await local.settled("InService");
  expect(await weights()).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(await answers(4)).toBe("aabb");
  await weigh({ VariantName: "b", DesiredWeight: 0 });
  await local.restart();
  await local.settled("InService");
  expect(await answers(3)).toBe("aaa");
});

it("an update keeps weights where it is asked to, and takes those of the configuration otherwise", async () => {
  await serving();
  await both("one-to-nine", 1, 9);
  const kept = { EndpointName: "credit-scoring", EndpointConfigName: "one-to-nine", RetainAllVariantProperties: true };
  await local.send(new UpdateEndpointCommand(kept));
  await local.settled("InService");
  expect(await weights()).toEqual([
    [3, 3],
    [1, 1],
  ]);
  const ExcludeRetainedVariantProperties = [{ VariantPropertyType: "DesiredWeight" as const }];
  await local.send(new UpdateEndpointCommand({ ...kept, ExcludeRetainedVariantProperties }));
  await local.settled("InService");
  expect(await answers(10)).toBe("abbbbbbbbb");
});

const instances = async () =>
  (await local.endpoint()).ProductionVariants?.map(({ CurrentInstanceCount }) => CurrentInstanceCount);

it("an update starts as many instances as the configuration says, unless it is asked to keep them", async () => {
  await serving();
  await both("one-to-nine", 1, 9);
  await local.scale("b", 12);
  expect(await instances()).toEqual([1, 12]);
  const update = { EndpointName: "credit-scoring", EndpointConfigName: "one-to-nine" };
  const weightsOfTheConfiguration = [{ VariantPropertyType: "DesiredWeight" as const }];
  await local.send(
    new UpdateEndpointCommand({
      ...update,
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: weightsOfTheConfiguration,
    }),
  );
  await local.settled("InService");
  expect([await instances(), await weights()]).toEqual([
    [1, 12],
    [
      [1, 1],
      [9, 9],
    ],
  ]);
  await local.send(new UpdateEndpointCommand(update));
  await local.settled("InService");
  expect(await instances()).toEqual([1, 1]);
});

it("what cannot be dealt out is refused, and so is what the stand-in does not carry", async () => {
  await serving();
  await expect(weigh({ VariantName: "c", DesiredWeight: 1 })).rejects.toThrow('Could not find the variant "c"');
  await expect(weigh({ VariantName: "a", DesiredWeight: -1 })).rejects.toThrow("0 or more");
  const none = ["a", "b"].map((VariantName) => ({ VariantName, DesiredWeight: 0 }));
  await expect(weigh(...none)).rejects.toThrow("must not all be 0");
  await expect(weigh({ VariantName: "a", DesiredInstanceCount: 0 })).rejects.toThrow("greater than or equal to 1");
  await expect(weigh({ VariantName: "a" })).rejects.toThrow('Nothing is desired of "a"');
  await expect(both("nothing", 0, 0)).rejects.toThrow("must not all be 0");
});
