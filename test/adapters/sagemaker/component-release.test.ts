import type { DescribeInferenceComponentOutput } from "@aws-sdk/client-sagemaker";
import { describe, expect, it } from "vitest";
import {
  orderedRelease,
  releaseIn,
  releaseOfRevision,
  revisionOf,
  specificationOf,
  whyNotOrdered,
} from "../../../adapters/sagemaker/component-release.ts";
import type { Order } from "../../../core/deployment/order.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { ComponentTarget } from "../../../core/promotion/target.ts";

// What the stand-in does not carry: containers of a component's own, adapters, and a specification for each type of instance.

const id = promotionId(sha256Hex(utf8("candidate")), 1);
const target: ComponentTarget = {
  name: "shared",
  kind: "sagemaker-inference-component",
  endpoint: "scoring",
  host: "models",
  copies: 2,
  resources: { memoryMegabytes: 4096, mostMemoryMegabytes: 8192, cpuCores: 1, accelerators: 1 },
  traffic: { kind: "all-at-once", waitSeconds: 0 },
};
const image = `000000000000.dkr.ecr.us-east-1.amazonaws.com/scorer@sha256:${"1".repeat(64)}`;
const order: Order = {
  promotion: id,
  target,
  image,
  model: { uri: "s3://frozen/model.json", versionId: "v1", sha256: sha256Hex(utf8("model")) },
};
const resources = {
  MinMemoryRequiredInMb: 4096,
  MaxMemoryRequiredInMb: 8192,
  NumberOfCpuCoresRequired: 1,
  // SageMaker answers with a fraction.
  NumberOfAcceleratorDevicesRequired: 1.0,
};

type Specification = NonNullable<DescribeInferenceComponentOutput["Specification"]>;

/** As SageMaker describes it: aws-samples/sagemaker-genai-hosting-examples, 03-features/deployment/ic_rolling_deployment.ipynb */
function described(
  over: Partial<Specification> = {},
  beside: Partial<DescribeInferenceComponentOutput> = {},
): DescribeInferenceComponentOutput {
  const at = new Date("2026-11-22T09:00:00Z");
  return {
    InferenceComponentName: "scoring",
    InferenceComponentArn: "arn:aws:sagemaker:us-east-1:000000000000:inference-component/scoring",
    EndpointName: "models",
    EndpointArn: "arn:aws:sagemaker:us-east-1:000000000000:endpoint/models",
    Specification: { ModelName: id, ComputeResourceRequirements: resources, ...over },
    RuntimeConfig: { DesiredCopyCount: 3, CurrentCopyCount: 2 },
    CreationTime: at,
    LastModifiedTime: at,
    ...beside,
  };
}

describe("what a component runs", () => {
  it("is a revision that says all that it takes to go back to it", () => {
    const release = releaseIn(described()) ?? expect.unreachable();
    expect(release).toEqual({ model: id, copies: 3, resources: target.resources });
    expect(releaseOfRevision(revisionOf(release))).toEqual(release);
    expect(() => releaseOfRevision("theirs")).toThrow("written down in a form that cannot be read");
  });

  it.each([
    ["a container of its own", described({ ModelName: undefined, Container: { ArtifactUrl: "s3://theirs/model" } })],
    ["an adapter of another component", described({ BaseInferenceComponentName: "base" })],
    ["resources of another component", described({ ComputeResourceRequirements: undefined })],
    ["several models", described({}, { Specifications: [{ ModelName: id }, { ModelName: "theirs" }] })],
  ])("is nothing to go back to where it is %s", (_, what) => {
    expect(releaseIn(what)).toBeUndefined();
  });

  it("is what was approved, whatever names SageMaker has for its image", () => {
    expect(whyNotOrdered(described(), order, target)).toBeUndefined();
    const Container = { DeployedImage: { SpecifiedImage: image, ResolvedImage: image }, Environment: {} };
    expect(whyNotOrdered(described({ Container }), order, target)).toBeUndefined();
  });

  const changed = "does not run the approved model as it was approved: ";
  it.each<[string, DescribeInferenceComponentOutput, string]>([
    [
      "another image",
      described({ Container: { DeployedImage: { ResolvedImage: image.replace(/1/g, "2") } } }),
      "its image is another",
    ],
    ["other bytes", described({ Container: { ArtifactUrl: "s3://theirs/model" } }), "its model is at another address"],
    ["an environment", described({ Container: { Environment: { DEBUG: "1" } } }), "'Specification.Container'"],
    ["an adapter", described({ BaseInferenceComponentName: "base" }), "BaseInferenceComponentName"],
    [
      "other resources",
      described({ ComputeResourceRequirements: { ...resources, NumberOfCpuCoresRequired: 2 } }),
      "ComputeResourceRequirements.NumberOfCpuCoresRequired",
    ],
    ["several models", described({}, { Specifications: [{ ModelName: id }] }), "Specifications"],
    ["another model", described({ ModelName: "theirs" }), "ModelName"],
    ["instances of its own", described({ InstanceType: "ml.g5.xlarge" }), "InstanceType"],
    ["a cache", described({ DataCacheConfig: { EnableCaching: true } }), "'Specification.DataCacheConfig'"],
    [
      "zones balanced otherwise",
      described({
        SchedulingConfig: {
          PlacementStrategy: "SPREAD",
          AvailabilityZoneBalance: { EnforcementMode: "PERMISSIVE", MaxImbalance: 2 },
        },
      }),
      "'Specification.SchedulingConfig'",
    ],
    [
      "what SageMaker may take one day",
      described({ NeighbourModel: "theirs" } as Partial<Specification>),
      "NeighbourModel",
    ],
    ["on another endpoint", described({}, { EndpointName: "theirs" }), "EndpointName"],
  ])("is not what was approved with %s, which is told by its name", (_, what, name) => {
    const why = whyNotOrdered(what, order, target);
    expect(why).toContain(changed);
    expect(why).toContain(name);
  });
});

describe("how copies start, are kept and placed", () => {
  const handling = {
    downloadSeconds: 1200,
    startSeconds: 600,
    caching: true,
    placement: "spread",
    zoneImbalance: 1,
  } as const;
  const told = {
    StartupParameters: { ModelDataDownloadTimeoutInSeconds: 1200, ContainerStartupHealthCheckTimeoutInSeconds: 600 },
    DataCacheConfig: { EnableCaching: true },
    SchedulingConfig: {
      PlacementStrategy: "SPREAD" as const,
      AvailabilityZoneBalance: { EnforcementMode: "PERMISSIVE" as const, MaxImbalance: 1 },
    },
  };
  const asked = { ...target, handling };

  it("is what the target says, and is held against that", () => {
    expect(specificationOf(orderedRelease(order, asked))).toMatchObject(told);
    expect(whyNotOrdered(described(told), order, asked)).toBeUndefined();
    expect(whyNotOrdered(described({ ...told, DataCacheConfig: { EnableCaching: false } }), order, asked)).toContain(
      "'Specification.DataCacheConfig.EnableCaching' of the component is not as it was asked",
    );
    const StartupParameters = { ...told.StartupParameters, ModelDataDownloadTimeoutInSeconds: 3600 };
    expect(whyNotOrdered(described({ ...told, StartupParameters }), order, asked)).toContain(
      "'Specification.StartupParameters.ModelDataDownloadTimeoutInSeconds' of the component",
    );
    expect(whyNotOrdered(described(), order, asked)).toContain("Specification.StartupParameters");
  });

  it("is as SageMaker has it where the target is silent, whatever that is", () => {
    const { StartupParameters } = told;
    const SchedulingConfig = { PlacementStrategy: "BINPACK" as const };
    const silent = described({ StartupParameters, DataCacheConfig: { EnableCaching: false }, SchedulingConfig });
    expect(whyNotOrdered(silent, order, target)).toBeUndefined();
    expect(specificationOf(orderedRelease(order, target))).toEqual({
      ModelName: id,
      ComputeResourceRequirements: resources,
    });
  });

  it("is gone back to as it was", () => {
    const release = releaseIn(described(told)) ?? expect.unreachable();
    expect(release.handling).toEqual(handling);
    expect(specificationOf(releaseOfRevision(revisionOf(release)))).toMatchObject(told);
  });
});
