import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EKSClient } from "@aws-sdk/client-eks";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { cloudWatchAlarms } from "../adapters/cloudwatch/alarms.ts";
import { openCluster } from "../adapters/kubernetes/cluster.ts";
import { kubernetesTarget, type OpenCluster } from "../adapters/kubernetes/deployment-target.ts";
import { eksAccess } from "../adapters/kubernetes/eks-access.ts";
import { type PipelineReports, pipelineTarget } from "../adapters/pipeline/deployment-target.ts";
import { sagemakerTarget } from "../adapters/sagemaker/endpoint.ts";
import { sagemakerStaging } from "../adapters/sagemaker/staged.ts";
import type { DeploymentTarget, StagingTarget } from "../core/deployment/deployment-target.ts";
import type { DeployedKind } from "../core/promotion/freeze-manifest.ts";
import { now } from "./clock.ts";
import { orUnavailable } from "./unavailable.ts";

/** Every kind of target that policies/targets.yaml knows, with what deploys to it. */
export type DeploymentTargets = Readonly<Record<DeployedKind, DeploymentTarget>>;
export type StagingTargets = Readonly<Record<DeployedKind, StagingTarget>>;

export function deploymentTargets(reports: PipelineReports): DeploymentTargets {
  const cloudWatch = new CloudWatchClient({});
  cloudWatch.middlewareStack.add(orUnavailable("CloudWatch"), { step: "initialize", priority: "high" });
  return {
    "sagemaker-endpoint": sagemakerTarget(sageMaker(), cloudWatchAlarms(cloudWatch)),
    kubernetes: kubernetesTarget(clusters()),
    pipeline: pipelineTarget(reports, now),
  };
}

/** With the role that SageMaker takes on to read the model. */
export function stagingTargets(servingRoleArn: string, reports: PipelineReports): StagingTargets {
  return {
    "sagemaker-endpoint": sagemakerStaging(sageMaker(), servingRoleArn),
    // Nothing of it is made before people are asked: the function that stages may only look.
    kubernetes: { ...kubernetesTarget(clusters()), stage: () => Promise.resolve() },
    pipeline: { ...pipelineTarget(reports, now), stage: () => Promise.resolve() },
  };
}

function clusters(): OpenCluster {
  const client = new EKSClient({});
  client.middlewareStack.add(orUnavailable("EKS"), { step: "initialize", priority: "high" });
  const access = eksAccess(client, () => new Date());
  return async (cluster) => openCluster(await access(cluster));
}

function sageMaker(): SageMakerClient {
  const client = new SageMakerClient({});
  client.middlewareStack.add(orUnavailable("SageMaker"), { step: "initialize", priority: "high" });
  return client;
}
