import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import { preflight } from "../../../adapters/sagemaker/preflight.ts";
import { releaseFor } from "../../../core/deployment/release.ts";
import { requireKind } from "../../../core/deployment/target-kind.ts";
import type { SageMakerTarget } from "../../../core/promotion/freeze-manifest.ts";
import { digestOf, id, manifest } from "../../core/promotion/promotion-in-review.ts";

const plain = requireKind(manifest.target, "sagemaker-endpoint");
const careful: SageMakerTarget = {
  ...plain,
  instanceCount: 2,
  traffic: { kind: "canary", percent: 50, waitSeconds: 300 },
  alarms: { kind: "own", errorPercent: 5 },
};
const model = { uri: "s3://a/b", versionId: "v1", sha256: digestOf("model") };
const onInstances = {
  VariantName: "approved",
  ModelName: "theirs",
  InstanceType: "ml.m5.large",
  InitialInstanceCount: 2,
};

/** What the preflight says of an endpoint whose configuration is this, made by somebody else. */
function ask(config: object, target = plain) {
  const send = async (command: unknown) => {
    if (command instanceof DescribeEndpointCommand)
      return { EndpointStatus: "InService", EndpointConfigName: "theirs" };
    if (command instanceof DescribeEndpointConfigCommand) return { EndpointConfigName: "theirs", ...config };
    throw new Error("Nothing else is asked.");
  };
  const client = { send } as unknown as SageMakerClient;
  return preflight(client, { promotion: id, target, image: "image", model }, ({ revision }) =>
    releaseFor(target, revision === undefined ? "nothing" : "something"),
  );
}

describe("the preflight, of an endpoint that somebody else made", () => {
  it.each<[string, object, string]>([
    [
      "serverless",
      { ProductionVariants: [{ ...onInstances, ServerlessConfig: { MemorySizeInMB: 2048, MaxConcurrency: 5 } }] },
      "is serverless",
    ],
    [
      "of inference components",
      { ProductionVariants: [{ ...onInstances, ModelName: undefined }] },
      "holds inference components",
    ],
    [
      "asynchronous",
      { ProductionVariants: [onInstances], AsyncInferenceConfig: { OutputConfig: {} } },
      "answers asynchronously",
    ],
  ])("refuses one that is %s, all at once as well", async (_, config, how) => {
    for (const target of [plain, careful])
      expect(await ask(config, target)).toEqual({
        kind: "impossible",
        why: `The endpoint 'credit-scoring' ${how}, and a target here is one variant on instances. It would be replaced at once, or not at all; give the target an endpoint of its own.`,
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

  it("lets one like ours be updated carefully", async () => {
    expect(await ask({ ProductionVariants: [onInstances] }, careful)).toMatchObject({ kind: "possible" });
  });
});
