import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { preflight } from "../../../adapters/sagemaker/preflight.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { requireInstances, requireKind } from "../../../core/deployment/target-kind.ts";
import type { SageMakerTarget } from "../../../core/promotion/target.ts";
import { digestOf, id, manifest } from "../../core/promotion/promotion-in-review.ts";

const plain = requireInstances(requireKind(manifest.target, "sagemaker-endpoint"));
const { instanceType: _, instanceCount: __, asynchronous: ___, ...place } = plain;
const serverless: SageMakerTarget = {
  ...place,
  serverless: { memoryMegabytes: 2048, maxConcurrency: 5 },
  traffic: { kind: "all-at-once", waitSeconds: 0 },
  alarms: { kind: "own", errorPercent: 5 },
  watchSeconds: 3600,
  network: "open",
};
const careful: SageMakerTarget = {
  ...plain,
  instanceCount: 2,
  traffic: { kind: "canary", percent: 50, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 5 },
};
const model = { uri: "s3://a/model.tar.gz", versionId: "v1", sha256: digestOf("model") };
const onInstances = {
  VariantName: "approved",
  ModelName: "theirs",
  InstanceType: "ml.m5.large",
  InitialInstanceCount: 2,
};

/** What the preflight says of an endpoint whose configuration is this, made by somebody else. */
function ask(config: object, target: SageMakerTarget = plain) {
  const send = async (command: unknown) => {
    if (command instanceof DescribeEndpointCommand)
      return { EndpointStatus: "InService", EndpointConfigName: "theirs" };
    if (command instanceof DescribeEndpointConfigCommand) return { EndpointConfigName: "theirs", ...config };
    throw new Error("Nothing else is asked.");
  };
  const client = { send } as unknown as SageMakerClient;
  return preflight(
    client,
    { captures: "s3://exchange/shadow" },
    { promotion: id, target, image: "image", model },
    ({ revision }) => releaseFor(target, revision === undefined ? "nothing" : "something"),
  );
}

describe("the preflight, of an endpoint that somebody else made", () => {
  it.each<[string, object, string]>([
    [
      "serverless",
      { ProductionVariants: [{ ...onInstances, ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } }] },
      "is serverless, and the target is on instances",
    ],
    [
      "of inference components",
      { ProductionVariants: [{ ...onInstances, ModelName: undefined }] },
      "holds inference components",
    ],
    [
      "asynchronous",
      { ProductionVariants: [onInstances], AsyncInferenceConfig: { OutputConfig: {} } },
      "answers asynchronously, and the target does not",
    ],
  ])("refuses one that is %s, all at once as well", async (_, config, how) => {
    for (const target of [plain, careful])
      expect(await ask(config, target)).toEqual({
        kind: "impossible",
        why: `The endpoint 'credit-scoring' ${how}. It would be replaced at once, or not at all, and nothing could go back to it; give the target an endpoint of its own.`,
      });
  });

  it.each<[string, readonly object[], string]>([
    ["several variants", [onInstances, { ...onInstances, VariantName: "b" }], "it serves 2 variants, not one"],
    ["Inf1", [{ ...onInstances, InstanceType: "ml.inf1.xlarge" }], "it runs on Inf1 instances"],
    ["Elastic Inference", [{ ...onInstances, AcceleratorType: "ml.eia2.medium" }], "it uses Elastic Inference"],
  ])(
    "refuses to shift traffic step by step from one with %s, and not all at once",
    async (_, ProductionVariants, why) => {
      expect(await ask({ ProductionVariants }, careful)).toMatchObject({
        kind: "impossible",
        why: expect.stringContaining(why),
      });
      expect(await ask({ ProductionVariants })).toMatchObject({ kind: "possible" });
    },
  );

  it("lets a serverless one be updated by a serverless target, all at once and watched by us, and by no other way round", async () => {
    const theirs = { ...onInstances, InstanceType: undefined, ServerlessConfig: { MemorySizeInMB: 1024 } };
    expect(await ask({ ProductionVariants: [theirs] }, serverless)).toMatchObject({
      kind: "possible",
      release: { traffic: { kind: "all-at-once", waitSeconds: 0 }, watchSeconds: 3600 },
    });
    expect(await ask({ ProductionVariants: [onInstances] }, serverless)).toMatchObject({
      kind: "impossible",
      why: expect.stringContaining("is on instances, and the target is serverless. It would be replaced"),
    });
  });

  it("lets one like ours be updated carefully", async () => {
    expect(await ask({ ProductionVariants: [onInstances] }, careful)).toMatchObject({ kind: "possible" });
  });
});
