import { ArnFormat, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { describeAlarms } from "../permissions/alarm-access.ts";
import { allow } from "../permissions/grant.ts";
import { answerFromQueues } from "../permissions/queue-access.ts";
import type { QueueSettings } from "../settings.ts";
import type { Places } from "../stacks/data-stack.ts";

/**
 * The role of the endpoints: reads frozen models and pulls images; it can change nothing but what is captured of runs in shadow, and what
 * `queues` names for asynchronous ones.
 */
export function servingRole(scope: Construct, id: string, places: Places, queues: QueueSettings): Role {
  const ours = Stack.of(scope).formatArn({
    service: "sagemaker",
    resource: "*",
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
  const role = new Role(scope, id, {
    // https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html#security-confused-deputy-inference
    assumedBy: new ServicePrincipal("sagemaker.amazonaws.com", {
      conditions: { ArnLike: { "aws:SourceArn": ours } },
    }),
    description: "Countersign: serves an approved model.",
  });
  const stack = Stack.of(role);
  const sagemakerLogs = { service: "logs", resource: "log-group", resourceName: "/aws/sagemaker/*" };
  allow(role, [
    {
      actions: ["s3:GetObject"],
      resources: [`${places.artifacts.arn}/frozen/*`],
      wildcard: "Frozen models lie under their digest, which nobody knows beforehand.",
    },
    { actions: ["s3:ListBucket"], resources: [places.artifacts.arn] },
    {
      actions: ["s3:PutObject"],
      resources: [`${places.exchange.arn}/shadow/*`],
      wildcard: "SageMaker names what it captures of a run in shadow after endpoint, variant and time.",
    },
    {
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      // SageMaker's own images, too, are in other accounts: https://github.com/awslabs/aws-solutions-constructs/issues/986
      resources: [stack.formatArn({ service: "ecr", account: "*", resource: "repository", resourceName: "*" })],
      wildcard: "The approved image is named by digest in the freeze manifest, in whatever repository CI keeps it.",
    },
    {
      actions: ["ecr:GetAuthorizationToken"],
      resources: ["*"],
      wildcard: "The action knows no resources.",
    },
    {
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
      resources: [stack.formatArn({ ...sagemakerLogs, arnFormat: ArnFormat.COLON_RESOURCE_NAME })],
      wildcard: "SageMaker names the log group after the endpoint.",
    },
    {
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      conditions: { StringLike: { "cloudwatch:namespace": "/aws/sagemaker/*" } },
      wildcard: "The action knows no resources; the condition holds it to SageMaker's metrics.",
    },
    // SageMaker reads the alarms of a release with this role; targets name them.
    describeAlarms,
    ...answerFromQueues(stack, queues),
  ]);
  return role;
}
