import { writeFileSync } from "node:fs";
import {
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  DescribeEndpointConfigCommand,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it, vi } from "vitest";
import { failing, localSageMaker, modelAt, scorer } from "./setup.ts";

const local = localSageMaker("in-process");
const queue = { OutputConfig: { S3OutputPath: "s3://answers/scores/", S3FailurePath: "s3://answers/failed" } };
const input = "s3://questions/one.json";

async function configured(
  name: string,
  over: Partial<CreateEndpointConfigCommandInput> = {},
  image = scorer,
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const Environment = { NAME: "said", ...more };
  await local.configure(`${name}-model`, { ...modelAt("champion/model.json", image), Environment });
  await local.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: name,
      ProductionVariants: [
        {
          VariantName: "AllTraffic",
          ModelName: `${name}-model`,
          InstanceType: "ml.m5.large",
          InitialInstanceCount: 1,
        },
      ],
      AsyncInferenceConfig: queue,
      ...over,
    }),
  );
}
async function serving(image = scorer): Promise<void> {
  local.objects.set(input, JSON.stringify({ instances: [{}] }));
  await configured("queued", {}, image);
  await local.create("queued");
  await local.settled("InService");
}
const at = (address: string | null) =>
  vi.waitFor(() => local.objects.get(address ?? "") ?? expect.unreachable("Nothing lies there yet."), {
    timeout: 15_000,
  });

describe("an asynchronous endpoint", () => {
  it("is described as it was asked for, and leaves its answers where it was told", async () => {
    await serving();
    expect(await local.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "queued" }))).toMatchObject({
      AsyncInferenceConfig: queue,
    });
    expect(await local.endpoint()).toMatchObject({ AsyncInferenceConfig: queue });
    const asked = await local.ask(input);
    expect(asked.status).toBe(202);
    const { InferenceId: name } = (await asked.json()) as { readonly InferenceId: string };
    expect(asked.headers.get("x-amzn-sagemaker-outputlocation")).toBe(`s3://answers/scores/${name}.out`);
    const left = (await at(`s3://answers/scores/${name}.out`)) as Uint8Array;
    expect(Buffer.from(left).toString("utf8")).toBe("said");
    expect(local.calls.at(-1)).toMatchObject({ action: "sagemaker:InvokeEndpointAsync", status: 202 });
  });

  it("leaves why there is no answer: the model gave none, or nothing could be read", async () => {
    await serving(failing);
    const [ill, missing] = [await local.ask(input), await local.ask("s3://questions/nothing.json")];
    expect(await at(ill.headers.get("x-amzn-sagemaker-failurelocation"))).toContain("Received error (500)");
    expect(await at(missing.headers.get("x-amzn-sagemaker-failurelocation"))).toBe("NoSuchKey");
  });

  it("may have no instances, and answers what was asked meanwhile once it has", async () => {
    await serving();
    await local.scaling("RegisterScalableTarget", "AllTraffic", 0);
    await local.scale("AllTraffic", 0);
    const address = (await local.ask(input)).headers.get("x-amzn-sagemaker-outputlocation");
    expect((await local.endpoint()).ProductionVariants).toMatchObject([{ CurrentInstanceCount: 0 }]);
    expect(local.objects.has(address ?? "")).toBe(false);
    await local.scale("AllTraffic", 1);
    expect(await at(address)).toBeDefined();
  });

  it("takes no other requests, and no others take what is queued", async () => {
    await serving();
    expect(await (await local.invoke("{}")).text()).toContain("takes asynchronous invocations only");
    expect(await (await local.ask(input, { "x-amzn-sagemaker-inference-id": "x" })).text()).toContain("is not carried");
    expect((await local.ask("one.json")).status).toBe(400);
  });

  it("takes nothing before it serves: nobody would answer that", async () => {
    local.objects.set(input, JSON.stringify({ instances: [{}] }));
    const gate = local.path("open");
    await configured("queued", {}, scorer, { GATE: gate });
    await local.create("queued");
    const asked = await local.ask(input);
    writeFileSync(gate, "");
    expect([asked.status, await asked.text()]).toEqual([400, expect.stringContaining("not found")]);
    await local.settled("InService");
    expect((await local.ask(input)).status).toBe(202);
  });

  it("stays one, and none becomes one", async () => {
    await serving();
    await configured("plain", { AsyncInferenceConfig: undefined });
    await expect(local.update("plain")).rejects.toThrow("AsyncInferenceConfig parameter cannot be removed");
  });

  it("alone has no instances at times", async () => {
    await local.configure("champion", modelAt("champion/model.json"));
    await local.create("champion");
    await local.settled("InService");
    await expect(local.scale("AllTraffic", 0)).rejects.toThrow("greater than or equal to 1");
    await expect(local.scaling("RegisterScalableTarget", "AllTraffic", 0)).rejects.toThrow("greater than or equal");
    expect(await (await local.ask(input)).text()).toContain("is not an asynchronous endpoint");
    await configured("queued");
    await expect(local.update("queued")).rejects.toThrow("gives no queue");
  });
});

const variant = { VariantName: "a", ModelName: "refused-model", InitialVariantWeight: 1 };
const onOne = { ...variant, InstanceType: "ml.m5.large", InitialInstanceCount: 1 } as const;
it.each<[string, Partial<CreateEndpointConfigCommandInput>, RegExp]>([
  ["a shadow", { ShadowProductionVariants: [{ ...onOne, VariantName: "b" }] }, /Shadow variants are not supported/],
  ["two variants", { ProductionVariants: [onOne, { ...onOne, VariantName: "b" }] }, /has one variant/],
  [
    "a serverless variant",
    { ProductionVariants: [{ ...variant, ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } }] },
    /has one variant, on instances/,
  ],
  ["no place for answers", { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: "answers" } } }, /a place in S3/],
  [
    "more at once than there may be",
    { AsyncInferenceConfig: { ...queue, ClientConfig: { MaxConcurrentInvocationsPerInstance: 1001 } } },
    /1000 or less/,
  ],
  [
    "a key, which is not carried",
    { AsyncInferenceConfig: { OutputConfig: { ...queue.OutputConfig, KmsKeyId: "k" } } },
    /KmsKeyId of OutputConfig is not carried/,
  ],
])("an asynchronous endpoint with %s is refused", async (_, over, why) => {
  await expect(configured("refused", over)).rejects.toThrow(why);
});
