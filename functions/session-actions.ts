// What each function that speaks to targets may do in another account: what it may do in ours, action by action (infra/permissions).

const looking = [
  "sagemaker:DescribeModel",
  "sagemaker:DescribeEndpointConfig",
  "sagemaker:DescribeEndpoint",
  "sagemaker:DescribeModelPackage",
] as const;
const goingBack = [
  ...looking,
  "sagemaker:CreateEndpoint",
  "sagemaker:UpdateEndpoint",
  "sagemaker:DeleteEndpoint",
  "sagemaker:UpdateModelPackage",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:DeleteAlarms",
] as const;

export const sessionActions = {
  stage: [...looking, "sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "iam:PassRole"],
  deploy: [
    ...looking,
    "sagemaker:CreateEndpoint",
    "sagemaker:UpdateEndpoint",
    "sagemaker:UpdateModelPackage",
    "cloudwatch:PutMetricAlarm",
    "cloudwatch:DescribeAlarms",
  ],
  "watch-deployment": goingBack,
  restrict: goingBack,
  "audit-running": looking,
  "clean-up": [...goingBack, "sagemaker:DeleteModel", "sagemaker:DeleteEndpointConfig"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type DeployingStep = keyof typeof sessionActions;
