// What functions may do in another account. Each that speaks to targets: what it may do in ours, action by action (infra/permissions).

const looking = [
  "sagemaker:DescribeModel",
  "sagemaker:DescribeEndpointConfig",
  "sagemaker:DescribeEndpoint",
  "sagemaker:DescribeInferenceComponent",
  "sagemaker:DescribeModelPackage",
  // What is done in a cluster, the cluster's own roles say.
  "eks:DescribeCluster",
] as const;
const goingBack = [
  ...looking,
  "sagemaker:CreateEndpoint",
  "sagemaker:UpdateEndpoint",
  "sagemaker:DeleteEndpoint",
  // SageMaker asks it of whoever removes an endpoint that somebody gave auto scaling.
  "application-autoscaling:DeregisterScalableTarget",
  "sagemaker:CreateInferenceComponent",
  "sagemaker:UpdateInferenceComponent",
  "sagemaker:DeleteInferenceComponent",
  "sagemaker:UpdateModelPackage",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:DeleteAlarms",
] as const;
/** What a candidate that answers a part of the requests takes beside, as it comes to its end. */
const weigh = "sagemaker:UpdateEndpointWeightsAndCapacities";
const weighing = [weigh, "sagemaker:DeleteEndpointConfig"] as const;

export const sessionActions = {
  stage: [...looking, "sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "iam:PassRole"],
  "run-in-shadow": [
    "sagemaker:DescribeModel",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:DescribeEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:UpdateEndpoint",
    "cloudwatch:GetMetricData",
    "eks:DescribeCluster",
  ],
  deploy: [
    ...looking,
    "sagemaker:CreateEndpointConfig",
    "sagemaker:CreateEndpoint",
    "sagemaker:UpdateEndpoint",
    "sagemaker:CreateInferenceComponent",
    "sagemaker:UpdateInferenceComponent",
    "sagemaker:UpdateModelPackage",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:DescribeAlarms",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStacks",
  ],
  "watch-deployment": [...goingBack, ...weighing, "cloudwatch:DescribeAlarmHistory"],
  restrict: [...goingBack, weigh],
  "audit-running": [...looking, "sagemaker:ListInferenceComponents"],
  "clean-up": [...goingBack, ...weighing, "sagemaker:DeleteModel"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type DeployingStep = keyof typeof sessionActions;

/** What is asked of the identity store of IAM Identity Center, in whichever account it is. */
export const identityStoreActions = [
  "identitystore:ListUsers",
  "identitystore:GetGroupId",
  "identitystore:ListGroupMemberships",
] as const;
