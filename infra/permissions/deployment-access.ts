import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Grant } from "./grant.ts";

/** Model and endpoint configuration carry the promotion's id, `p-<digest>-<attempt>`, as their name. */
export const promotionNames = "p-*";
/** Of a run in shadow, which only the step that runs it may make an endpoint serve. */
const shadowNames = `shadow-${promotionNames}`;
/** Of a part of the requests: who is deploying makes an endpoint serve under it, and only who watches lets it serve alone. */
const shareNames = `share-${promotionNames}`;
export const staged = "Models and configurations are named after the promotion, which is not known beforehand.";
const endpoints = "Targets, and so the endpoints' names, are policy (policies/targets.yaml), not infrastructure.";

type Staged = "Create" | "Delete";

/** Reading what is staged for a promotion, and the configuration that serves at the moment, which may be somebody else's. */
export function describeStaged(scope: Construct): readonly Grant[] {
  return [
    { actions: ["sagemaker:DescribeModel"], resources: [sagemaker(scope, "model", promotionNames)], wildcard: staged },
    {
      actions: ["sagemaker:DescribeEndpointConfig"],
      resources: [sagemaker(scope, "endpoint-config", "*")],
      wildcard:
        "What served before may have been made by somebody else: whether traffic can be shifted from it is read.",
    },
  ];
}

/** Calls on what is staged for a promotion: its model and its endpoint configuration. */
export function onStaged(scope: Construct, ...verbs: readonly Staged[]): readonly Grant[] {
  return [
    {
      actions: verbs.map((verb) => `sagemaker:${verb}Model`),
      resources: [sagemaker(scope, "model", promotionNames)],
      wildcard: staged,
    },
    {
      actions: verbs.map((verb) => `sagemaker:${verb}EndpointConfig`),
      resources: [sagemaker(scope, "endpoint-config", promotionNames)],
      wildcard: staged,
    },
  ];
}

/** Making and removing the configurations under which candidates answer a part of the requests. */
export function onShares(scope: Construct, ...verbs: readonly Staged[]): Grant {
  return {
    actions: verbs.map((verb) => `sagemaker:${verb}EndpointConfig`),
    resources: [sagemaker(scope, "endpoint-config", shareNames)],
    wildcard: staged,
  };
}

/** Letting a candidate answer a part of the requests, beside what answers now. */
export function serveShare(scope: Construct): Grant {
  return {
    actions: ["sagemaker:UpdateEndpoint"],
    resources: [sagemaker(scope, "endpoint-config", shareNames)],
    wildcard: staged,
  };
}

/** Giving a candidate more of the requests, or none. */
export function weighVariants(scope: Construct): Grant {
  return {
    actions: ["sagemaker:UpdateEndpointWeightsAndCapacities"],
    resources: [sagemaker(scope, "endpoint", "*")],
    wildcard: endpoints,
  };
}

/** Letting an endpoint serve a promotion's configuration, and no other configuration. */
export function serve(scope: Construct): Grant {
  return {
    actions: ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"],
    resources: [sagemaker(scope, "endpoint", "*"), sagemaker(scope, "endpoint-config", promotionNames)],
    wildcard: endpoints,
  };
}

/** Making and removing the configurations under which candidates run in shadow. */
export function onShadows(scope: Construct, ...verbs: readonly Staged[]): Grant {
  return {
    actions: verbs.map((verb) => `sagemaker:${verb}EndpointConfig`),
    resources: [sagemaker(scope, "endpoint-config", shadowNames)],
    wildcard: staged,
  };
}

/** Putting a candidate into the shadow of what answers, and going back to that, whoever made its configuration. */
export function shadowEndpoints(scope: Construct): Grant {
  return {
    actions: ["sagemaker:UpdateEndpoint"],
    resources: [sagemaker(scope, "endpoint", "*"), sagemaker(scope, "endpoint-config", "*")],
    wildcard: endpoints,
  };
}

/** Taking out of service what nobody approved again. */
export function takeOutOfService(scope: Construct): readonly Grant[] {
  return [
    {
      actions: ["sagemaker:DeleteEndpoint"],
      resources: [sagemaker(scope, "endpoint", "*")],
      wildcard: endpoints,
    },
    endScaling(scope),
  ];
}

/**
 * Of an endpoint that somebody gave auto scaling, SageMaker deregisters the variants as it is removed, with the rights of who
 * removes it, and refuses without them: https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-delete-with-scaling.html
 */
function endScaling(scope: Construct): Grant {
  const scalable = { service: "application-autoscaling", resource: "scalable-target", resourceName: "*" };
  return {
    actions: ["application-autoscaling:DeregisterScalableTarget"],
    resources: [Stack.of(scope).formatArn(scalable)],
    wildcard:
      "A scalable target is named by an id of its own, not by the endpoint; the condition holds it to SageMaker's.",
    conditions: { StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } },
  };
}

export function describeEndpoints(scope: Construct): Grant {
  return {
    actions: ["sagemaker:DescribeEndpoint"],
    resources: [sagemaker(scope, "endpoint", "*")],
    wildcard: endpoints,
  };
}

/** What jobs of Model Monitor came to. */
export function describeProcessingJobs(scope: Construct): Grant {
  return {
    actions: ["sagemaker:DescribeProcessingJob"],
    resources: [sagemaker(scope, "processing-job", "*")],
    wildcard: "Model Monitor makes its jobs, and their names, as its schedule says.",
  };
}

/** What endpoints there are at all: the call knows no resource. */
export const listEndpoints: Grant = {
  actions: ["sagemaker:ListEndpoints"],
  resources: ["*"],
  wildcard: "SageMaker lists the endpoints of the account, and knows no permission for fewer.",
};

/**
 * Going back to what served before, whoever made its configuration; and removing an endpoint that came with a first
 * release, or that has failed, with which SageMaker does nothing else.
 */
export function goBack(scope: Construct): readonly Grant[] {
  return [
    {
      actions: ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpoint"],
      resources: [sagemaker(scope, "endpoint", "*"), sagemaker(scope, "endpoint-config", "*")],
      wildcard: endpoints,
    },
    endScaling(scope),
  ];
}

/** Where a cluster is, and who vouches for it; what may be done there is for its access entries to say. */
export function describeClusters(scope: Construct): Grant {
  return {
    actions: ["eks:DescribeCluster"],
    resources: [Stack.of(scope).formatArn({ service: "eks", resource: "cluster", resourceName: "*" })],
    wildcard: "Targets, and so the clusters' names, are policy (policies/targets.yaml), not infrastructure.",
  };
}

/** Looking at the change set that was signed, and whether it was executed. */
export function describeChangeSets(scope: Construct): Grant {
  return {
    actions: ["cloudformation:DescribeChangeSet", "cloudformation:DescribeStacks"],
    resources: [Stack.of(scope).formatArn({ service: "cloudformation", resource: "stack", resourceName: "*" })],
    wildcard: "Which stack a candidate's infrastructure is stands in its evidence, which is not known beforehand.",
  };
}

/** Reading a version in the Model Registry, and giving it one approval status and no other. */
export function modelPackageStatus(
  scope: Construct,
  sets?: "Approved" | "Rejected" | "PendingManualApproval",
): readonly Grant[] {
  const resources = [sagemaker(scope, "model-package", "*")];
  const wildcard = "Groups of models are policy (policies/targets.yaml), and their versions are made by pipelines.";
  const read: Grant = { actions: ["sagemaker:DescribeModelPackage"], resources, wildcard };
  if (sets === undefined) return [read];
  const conditions = { StringEquals: { "sagemaker:ModelApprovalStatus": sets } };
  return [read, { actions: ["sagemaker:UpdateModelPackage"], resources, wildcard, conditions }];
}

/** Handing the serving role to SageMaker, and to nobody else. */
export function passServingRole(roleArn: string): Grant {
  return {
    actions: ["iam:PassRole"],
    resources: [roleArn],
    conditions: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
  };
}

/** Writing letters from one address, with one configuration set. The identity may be the address or its domain. */
export function sendLetters(scope: Construct, sender: string, configurationSet: string): readonly Grant[] {
  const ses = (resource: string, resourceName: string) =>
    Stack.of(scope).formatArn({ service: "ses", resource, resourceName });
  const conditions = { StringEquals: { "ses:FromAddress": sender } };
  return [
    {
      actions: ["ses:SendEmail"],
      resources: [ses("identity", "*")],
      conditions,
      wildcard: "The sender may be verified as an address or as its domain; the condition holds it to one address.",
    },
    { actions: ["ses:SendEmail"], resources: [ses("configuration-set", configurationSet)], conditions },
  ];
}

export function sagemaker(scope: Construct, resource: string, resourceName: string): string {
  return Stack.of(scope).formatArn({ service: "sagemaker", resource, resourceName });
}
