import {
  type DescribeEndpointConfigOutput,
  DescribeModelCommand,
  type DescribeModelOutput,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { answersAs, shadowConfig } from "../../../adapters/sagemaker/shadow-config.ts";
import { shareConfig, whyNotShareOf } from "../../../adapters/sagemaker/share-config.ts";
import { requireStaged } from "../../../adapters/sagemaker/staged.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { requireInstances, requireKind } from "../../../core/deployment/target-kind.ts";
import type { SageMakerTarget } from "../../../core/promotion/target.ts";
import { digestOf, id, manifest } from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";

const hosting = { servingRoleArn: "arn:aws:iam::000000000000:role/serving", captures: "s3://exchange/shadow" };
const machine = requireInstances(requireKind(manifest.target, "sagemaker-endpoint"));
const order: Order = {
  promotion: id,
  target: machine,
  image: "registry.example/scorer@sha256:1",
  model: { uri: "s3://artifacts/frozen/m/model.tar.gz", versionId: "v1", sha256: digestOf("model") },
};
const theirs = "s3://theirs/";
const source = { S3Uri: order.model.uri, S3DataType: "S3Object", CompressionType: "Gzip" } as const;
const container = { Image: order.image, ModelDataSource: { S3DataSource: source } };
const at = new Date(0);
/** As SageMaker answers what was asked, and nothing more: of an own date, with members that hold nothing, and its defaults. */
const model: DescribeModelOutput = {
  ModelName: id,
  ModelArn: `arn:aws:sagemaker:us-east-1:000000000000:model/${id}`,
  CreationTime: at,
  ExecutionRoleArn: hosting.servingRoleArn,
  EnableNetworkIsolation: true,
  Containers: [],
  DeploymentRecommendation: { RecommendationStatus: "COMPLETED", RealTimeInferenceRecommendations: [] },
  PrimaryContainer: { ...container, Mode: "SingleModel", Environment: {}, ModelDataUrl: order.model.uri },
};
const variant = {
  VariantName: "approved",
  ModelName: id,
  InstanceType: machine.instanceType as "ml.m5.large",
  InitialInstanceCount: machine.instanceCount,
  InitialVariantWeight: 1,
};
const config: DescribeEndpointConfigOutput = {
  EndpointConfigName: id,
  EndpointConfigArn: `arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/${id}`,
  CreationTime: at,
  ProductionVariants: [variant],
  EnableNetworkIsolation: false,
};
const capture = (DestinationS3Uri: string) => ({
  EnableCapture: true,
  InitialSamplingPercentage: 100,
  DestinationS3Uri,
  CaptureOptions: [{ CaptureMode: "Input" as const }, { CaptureMode: "Output" as const }],
});

function requiring(found: { readonly model?: object; readonly config?: object; readonly order?: Order }) {
  const send = async (command: unknown) =>
    command instanceof DescribeModelCommand ? { ...model, ...found.model } : { ...config, ...found.config };
  return requireStaged({ send } as unknown as SageMakerClient, found.order ?? order, hosting);
}
const inContainer = (over: object) => ({ model: { PrimaryContainer: { ...model.PrimaryContainer, ...over } } });
const inVariant = (over: object) => ({ config: { ProductionVariants: [{ ...variant, ...over }] } });

describe("what is staged", () => {
  it.each<[string, Parameters<typeof requiring>[0]]>([
    ["as SageMaker answers it", {}],
    [
      "with a disk and a routing that SageMaker chose",
      inVariant({ VolumeSizeInGB: 30, RoutingConfig: { RoutingStrategy: "RANDOM" } }),
    ],
    [
      "with metrics as they are published where nobody says otherwise",
      {
        config: {
          MetricsConfig: {
            EnableDetailedObservability: true,
            EnableEnhancedMetrics: false,
            MetricPublishFrequencyInSeconds: 60,
          },
        },
      },
    ],
    ["without a shell, said in so many words", inVariant({ EnableSSMAccess: false })],
    [
      "with the mark of the model's object",
      inContainer({ ModelDataSource: { S3DataSource: { ...source, ETag: "e" } } }),
    ],
  ])("is what was approved %s", async (_, found) => {
    expect(await requiring(found)).toBeUndefined();
  });

  it.each<[string, Parameters<typeof requiring>[0], string]>([
    [
      "captures every request and answer elsewhere",
      { config: { DataCaptureConfig: capture(theirs) } },
      "'DataCaptureConfig' of the configuration",
    ],
    [
      "opens a shell into the container",
      inVariant({ EnableSSMAccess: true }),
      "'ProductionVariants[0].EnableSSMAccess' of the configuration",
    ],
    [
      "writes core dumps elsewhere",
      inVariant({ CoreDumpConfig: { DestinationS3Uri: theirs } }),
      "'ProductionVariants[0].CoreDumpConfig' of",
    ],
    [
      "answers asynchronously",
      { config: { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: theirs } } } },
      "'AsyncInferenceConfig' of",
    ],
    [
      "explains what it answers",
      { config: { ExplainerConfig: { ClarifyExplainerConfig: { EnableExplanations: "`true`" } } } },
      "'ExplainerConfig' of",
    ],
    ["has another key", { config: { KmsKeyId: "theirs" } }, "'KmsKeyId' of"],
    [
      "has a role for its configuration",
      { config: { ExecutionRoleArn: "theirs" } },
      "'ExecutionRoleArn' of the configuration",
    ],
    ["measures oftener", { config: { MetricsConfig: { MetricPublishFrequencyInSeconds: 10 } } }, "'MetricsConfig' of"],
    ["has a shadow", { config: { ShadowProductionVariants: [variant] } }, "'ShadowProductionVariants' of"],
    ["has a second variant", { config: { ProductionVariants: [variant, variant] } }, "'ProductionVariants' of"],
    [
      "runs on pools of instances",
      inVariant({ InstancePools: [{ InstanceType: "ml.m5.large", Priority: 1 }] }),
      "'ProductionVariants[0].InstancePools' of",
    ],
    [
      "has another image of the machine",
      inVariant({ InferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2" }),
      "'ProductionVariants[0].InferenceAmiVersion' of",
    ],
    ["runs on another machine", inVariant({ InstanceType: "ml.t2.medium" }), "'ProductionVariants[0].InstanceType' of"],
    [
      "is routed by what is asked",
      inVariant({ RoutingConfig: { RoutingStrategy: "PREFIX_AWARE", PrefixAwareRoutingConfig: { Threshold: 1 } } }),
      "'ProductionVariants[0].RoutingConfig' of",
    ],
    [
      "has another role",
      { model: { ExecutionRoleArn: "arn:aws:iam::000000000000:role/admin" } },
      "'ExecutionRoleArn' of the model",
    ],
    [
      "is in a network",
      { model: { VpcConfig: { SecurityGroupIds: ["sg"], Subnets: ["subnet"] } } },
      "'VpcConfig' of the model",
    ],
    [
      "may reach the network",
      { model: { EnableNetworkIsolation: undefined } },
      "'EnableNetworkIsolation' of the model",
    ],
    ["has more containers", { model: { Containers: [container, container] } }, "'Containers' of the model"],
    [
      "has more model data",
      inContainer({ AdditionalModelDataSources: [{ ChannelName: "x", S3DataSource: source }] }),
      "'PrimaryContainer.AdditionalModelDataSources' of",
    ],
    ["has other model data by an address", inContainer({ ModelDataUrl: theirs }), "'PrimaryContainer.ModelDataUrl' of"],
    [
      "has other model data",
      inContainer({ ModelDataSource: { S3DataSource: { ...source, S3Uri: theirs } } }),
      "'PrimaryContainer.ModelDataSource.S3DataSource.S3Uri' of",
    ],
    [
      "follows a manifest",
      inContainer({ ModelDataSource: { S3DataSource: { ...source, ManifestS3Uri: theirs } } }),
      "'PrimaryContainer.ModelDataSource.S3DataSource.ManifestS3Uri' of",
    ],
    ["serves many models", inContainer({ Mode: "MultiModel" }), "'PrimaryContainer.Mode' of"],
    [
      "keeps many models",
      inContainer({ MultiModelConfig: { ModelCacheSetting: "Enabled" } }),
      "'PrimaryContainer.MultiModelConfig' of",
    ],
    [
      "comes from another registry",
      inContainer({ ImageConfig: { RepositoryAccessMode: "Vpc" } }),
      "'PrimaryContainer.ImageConfig' of",
    ],
    ["comes out of a package", inContainer({ ModelPackageName: "theirs" }), "'PrimaryContainer.ModelPackageName' of"],
    [
      "is told something, which is not told on",
      inContainer({ Environment: { SECRET: "s" } }),
      "'PrimaryContainer.Environment' of",
    ],
    ["has what nobody knows yet", { config: { Tomorrow: { Reach: "all" } } }, "'Tomorrow' of the configuration"],
  ])("is refused where it %s, and the member is named", async (_, found, member) => {
    const { code, sentence } = await refused(requiring(found));
    expect(code).toBe("deployment-refused");
    expect(sentence).toContain(`is not what was approved: ${member}`);
    expect(sentence).toMatch(
      /' of the (model|configuration) is not as it was asked; somebody changed or removed it\.$/,
    );
    expect(sentence).not.toMatch(/SECRET|theirs|Reach/);
  });

  // Its training jobs make a model.tar.gz, and its own containers expect what is in it; "If you choose None, then SageMaker
  // will follow rules below": https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html
  it.each([
    ["model.tar.gz", "Gzip"],
    ["Model.TGZ", "Gzip"],
    ["model.json", "None"],
    ["weights.gz", "None"],
    ["tar.gz/model.onnx", "None"],
  ])("of %s is unpacked by SageMaker where its name says that it is an archive: %s", async (name, CompressionType) => {
    const uri = `s3://artifacts/frozen/m/${name}`;
    const asked = { ...order, model: { ...order.model, uri } };
    const told = (packed: string) => ({
      ...inContainer({
        ModelDataSource: { S3DataSource: { ...source, S3Uri: uri, CompressionType: packed } },
        ModelDataUrl: uri,
      }),
      order: asked,
    });
    expect(await requiring(told(CompressionType))).toBeUndefined();
    const other = CompressionType === "None" ? "Gzip" : "None";
    expect((await refused(requiring(told(other)))).sentence).toContain("CompressionType' of the model");
  });

  // API_ContainerDefinition.html: "you cannot use ModelDataSource in conjunction with … SageMaker serverless endpoints".
  it("of a serverless target has its address alone, which SageMaker may tell as a source too", async () => {
    const { instanceType: _, instanceCount: __, asynchronous: ___, ...place } = machine;
    const target: SageMakerTarget = {
      ...place,
      serverless: { memoryMegabytes: 2048, maxConcurrency: 5 },
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      network: "open",
    };
    const ServerlessConfig = { MemorySizeInMB: 2048, MaxConcurrency: 5 };
    const staged = (over: object) => ({
      order: { ...order, target },
      model: {
        EnableNetworkIsolation: false,
        PrimaryContainer: { Image: order.image, Mode: "SingleModel", ModelDataUrl: order.model.uri, ...over },
      },
      config: { ProductionVariants: [{ VariantName: id, ModelName: id, ServerlessConfig, InitialVariantWeight: 1 }] },
    });
    expect(await requiring(staged({}))).toBeUndefined();
    expect(await requiring(staged({ ModelDataSource: { S3DataSource: source } }))).toBeUndefined();
    for (const other of [{ S3Uri: theirs }, { S3DataType: "S3Prefix" }, { CompressionType: "None" }]) {
      const told = staged({ ModelDataSource: { S3DataSource: { ...source, ...other } } });
      expect((await refused(requiring(told))).sentence).toContain("'PrimaryContainer.ModelDataSource' of the model");
    }
    expect((await refused(requiring(staged({ ModelDataUrl: theirs })))).sentence).toContain(
      "ModelDataUrl' of the model",
    );
  });

  it("has the role that its target's own account names", async () => {
    const account = { role: "arn:aws:iam::2:role/r", externalId: "e", servingRole: "arn:aws:iam::2:role/serving" };
    const elsewhere = { ...order, target: { ...machine, account } };
    expect((await refused(requiring({ order: elsewhere }))).sentence).toContain("'ExecutionRoleArn' of the model");
    expect(await requiring({ order: elsewhere, model: { ExecutionRoleArn: account.servingRole } })).toBeUndefined();
  });
});

const champion = { ...variant, ModelName: "champion", VolumeSizeInGB: 30 };
const before: DescribeEndpointConfigOutput = {
  ...config,
  EndpointConfigName: "champion",
  ProductionVariants: [champion],
};

describe("what answers a part of the requests", () => {
  const percent = 33.3;
  const asked = shareConfig(id, machine, { variant: champion, percent });
  const [first = champion, second = champion] = asked.ProductionVariants ?? [];
  const found = (over: object) =>
    whyNotShareOf({ ...config, ...asked, ...over }, before, { promotion: id, machine, percent });

  it("is the candidate beside exactly what ran before", () => {
    expect(found({})).toBeUndefined();
    const single = { ...second, InitialVariantWeight: Math.fround(percent) };
    expect(found({ ProductionVariants: [first, single] })).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ["it captures elsewhere", { DataCaptureConfig: capture(theirs) }, "'DataCaptureConfig'"],
    [
      "the champion is another",
      { ProductionVariants: [{ ...first, ModelName: "other" }, second] },
      "'ProductionVariants[0].ModelName'",
    ],
    [
      "the champion has a shell",
      { ProductionVariants: [{ ...first, EnableSSMAccess: true }, second] },
      "'ProductionVariants[0].EnableSSMAccess'",
    ],
    [
      "the candidate has a shell",
      { ProductionVariants: [first, { ...second, EnableSSMAccess: true }] },
      "'ProductionVariants[1].EnableSSMAccess'",
    ],
    [
      "the candidate gets more",
      { ProductionVariants: [first, { ...second, InitialVariantWeight: 90 }] },
      "'ProductionVariants[1].InitialVariantWeight'",
    ],
  ])("is refused where %s", (_, over, member) => {
    expect(found(over)).toContain(member);
  });

  it("is refused where what ran before is gone, or is not one that can be copied", () => {
    const wanted = { promotion: id, machine, percent };
    expect(whyNotShareOf(config, undefined, wanted)).toBe("the configuration before it is gone");
    const captured = { ...before, DataCaptureConfig: capture(theirs) };
    expect(whyNotShareOf({ ...config, ...asked }, captured, wanted)).toContain("captures its data for somebody else");
  });
});

describe("what answers beside a candidate in its shadow", () => {
  const captures = `s3://exchange/shadow/${id}/champion`;
  const asked = shadowConfig(id, machine, { variant: champion, captures });
  const [candidate = champion] = asked.ShadowProductionVariants ?? [];
  const answers = (over: object) =>
    answersAs(id, { ...config, ...asked, ...over }, { configName: "champion", config: before, hosting });

  it("is what answered before, whatever the candidate runs on", () => {
    expect(answers({})).toBe(true);
    expect(answers({ ShadowProductionVariants: [{ ...candidate, InstanceType: "ml.c5.xlarge" }] })).toBe(true);
  });

  it.each<[string, object]>([
    [
      "is captured elsewhere",
      { DataCaptureConfig: { ...asked.DataCaptureConfig, DestinationS3Uri: `${theirs}champion` } },
    ],
    ["has a shell", { ProductionVariants: [{ ...champion, EnableSSMAccess: true }] }],
    ["is another model", { ProductionVariants: [{ ...champion, ModelName: id }] }],
    ["has a shadow of another model", { ShadowProductionVariants: [{ ...candidate, ModelName: "other" }] }],
    ["has a shadow with a shell", { ShadowProductionVariants: [{ ...candidate, EnableSSMAccess: true }] }],
    ["answers asynchronously", { AsyncInferenceConfig: { OutputConfig: { S3OutputPath: theirs } } }],
  ])("is another where it %s", (_, over) => {
    expect(answers(over)).toBe(false);
  });
});
