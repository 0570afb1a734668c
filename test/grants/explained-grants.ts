import { matchesArn } from "../../local/world.ts";
import type { UnusedGrant } from "./unused-grants.ts";

/** Why a role holds what the stories do not need. `*` in a role, an action or a resource stands for anything. */
export interface Explanation {
  readonly role: string;
  readonly actions: readonly string[];
  readonly resource: string;
  readonly reason: string;
  /** The test whose own call log needs it: it says so itself, by `requireUsed`. */
  readonly neededBy?: "bad-input";
  /** Two things that happen at once on a busy machine use it, and on a quiet one nothing does: it may be used. */
  readonly byChance?: true;
}

/** Everything that is granted although the stories get along without it. A grant that is not here must be used. */
export const explanations: readonly Explanation[] = [
  {
    role: "CleanUpRole",
    actions: ["eks:DescribeCluster"],
    resource: "*",
    reason: "No story leaves anything on a cluster; test/adapters/kubernetes/deployment-target.test.ts does.",
  },
  ...["DescribeServiceRole", "WriteExportRole"].map((role) => ({
    role,
    actions: ["dynamodb:Query"],
    resource: "*",
    reason: "Asks what is recorded of a key that KMS gives no more: test/functions/keys/recorded-keys.test.ts has one.",
  })),
  {
    role: "CosignCheckpointRole",
    actions: ["s3:GetObject", "s3:PutObject", "s3:ListBucket"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket*",
    reason: "A witness that is shown a first checkpoint needs no tiles: test/local/witness.test.ts shows it more.",
  },
  {
    role: "AnswerSlackRole",
    actions: ["dynamodb:*", "kms:GenerateMac", "cognito-idp:*"],
    resource: "*",
    reason: "No channel of the stories is one of Slack's; test/functions/api/answer-slack.test.ts has one.",
  },
  {
    role: "RedriveNotificationsRole",
    actions: ["dynamodb:*", "sqs:*", "events:PutEvents"],
    resource: "*",
    reason: "In the stories everybody can be told; test/functions/api/redrive-notifications.test.ts has what cannot.",
  },
  {
    role: "ReadLearningRole",
    actions: ["dynamodb:*", "s3:*"],
    resource: "*",
    reason: "No story asks for it: test/functions/api/read-learning.test.ts does.",
  },
  {
    role: "RestrictRole",
    actions: ["sagemaker:DeleteEndpoint", "sagemaker:CreateEndpoint", "s3:ListBucket"],
    resource: "*",
    reason: "No story takes an endpoint out of service; test/functions/events/restrict.test.ts does.",
  },
  ...["CleanUpRole", "RestrictRole", "WatchDeploymentRole"].map((role) => ({
    role,
    actions: ["application-autoscaling:DeregisterScalableTarget"],
    resource: "*",
    reason:
      "SageMaker asks it of whoever removes an endpoint that somebody gave auto scaling: no story has one, test/local/sagemaker/scaling.test.ts does.",
  })),
  ...["CleanUpRole", "RestrictRole"].map((role) => ({
    role,
    actions: ["sagemaker:*InferenceComponent"],
    resource: "*",
    reason: "No story goes back in a component, or removes one; test/adapters/sagemaker/component.test.ts does.",
  })),
  ...["Create", "Update", "Delete"].map((verb) => ({
    role: "WatchDeploymentRole",
    actions: [`sagemaker:${verb}InferenceComponent`],
    resource: "*",
    reason:
      "SageMaker takes the story's update back by itself, unless the watch comes first; test/adapters/sagemaker/component.test.ts does all.",
    byChance: true as const,
  })),
  {
    role: "RestrictRole",
    actions: ["sagemaker:UpdateEndpointWeightsAndCapacities"],
    resource: "*",
    reason:
      "No story's model drifts while a candidate answers beside it; test/functions/events/end-share.test.ts, and the adapter's tests.",
  },
  {
    role: "RestrictRole",
    actions: ["sagemaker:DescribeProcessingJob", "states:StartExecution", "cognito-idp:*"],
    resource: "*",
    reason:
      "Model Monitor finds drift; the monitor of the stories is another: test/functions/events/hear-monitor.test.ts.",
  },
  {
    role: "RestrictRole",
    actions: ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"],
    resource: "*",
    reason: "Nothing restricts the story's model that is in the Model Registry; test/adapters/sagemaker has one.",
  },
  {
    role: "AuditRunningRole",
    actions: ["sagemaker:DescribeModelPackage", "sts:*", "secretsmanager:GetSecretValue"],
    resource: "*",
    reason: "Stories run beside each other, so what it looks at when it is rung is what is there by then.",
    byChance: true,
  },
  ...["RestrictRole", "CleanUpRole"].map((role) => ({
    role,
    actions: ["sts:*", "secretsmanager:GetSecretValue"],
    resource: "*",
    reason: "No story takes anything back in another account, or at a receiver; tests of the adapters do.",
  })),
  {
    role: "RestrictRole",
    actions: ["sqs:SendMessage", "sqs:DeleteMessage"],
    resource: "*:CountersignService-RestrictionsUndelivered",
    reason: "Lambda keeps an event there that was given up after all retries; nothing is given up in the stories.",
  },
  {
    role: "RestrictRole",
    actions: ["sqs:ReceiveMessage"],
    resource: "*:CountersignService-RestrictionsUndelivered",
    reason: "It looks what was given up once it has seen to every place, which stories change beside each other.",
    byChance: true,
  },
  {
    role: "ReportDriftRole",
    actions: ["s3:ListBucket", "s3:GetObjectVersion"],
    resource: "*",
    reason: "A monitor names a version of its report, or one that is not there.",
  },
  {
    role: "AdoptPolicyRole",
    actions: ["dynamodb:UpdateItem"],
    resource: "*",
    reason:
      "No story's step dies as policies come in force: test/functions/steps/activate-policy.test.ts has one that does.",
  },
  {
    role: "SimulatePolicyRole",
    actions: ["cognito-idp:*", "dynamodb:*"],
    resource: "*",
    reason: "No story asks for it: test/functions/api/simulate-policy.test.ts does.",
  },
  ...(
    [
      ["DecideRole", "s3:GetObject"],
      ["RecordSignOffRole", "s3:GetObject"],
      ["OpenStageRole", "s3:GetObject", "dynamodb:Query", "cognito-idp:*"],
      ["ActivatePolicyRole", "cognito-idp:*"],
    ] as const
  ).map(([role, ...actions]) => ({
    role,
    actions,
    resource: "*",
    reason:
      "Policies change before anybody has decided about a rejection: test/functions/review/sent-back.test.ts; in the stories it is decided about first.",
  })),
  {
    role: "AdoptPolicyRole",
    actions: ["s3:GetObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket*/blobs/*",
    reason: "Holds what is there against its digest where it was kept before: in the stories it is kept once.",
  },
  {
    role: "ReportOutcomeRole",
    actions: ["dynamodb:*", "s3:*"],
    resource: "*",
    reason:
      "No story runs long enough for production to say anything; test/functions/api/report-outcome.test.ts has one.",
  },
  {
    role: "*Role",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resource: "arn:aws:logs:*:log-group:CountersignService-*",
    reason: "Lambda itself writes the function's log with the function's role; the functions never call it.",
  },
  {
    role: "*Role",
    actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    resource: "*",
    reason: "Lambda itself sends the traces with the function's role.",
  },
  {
    role: "PromotionsRole",
    actions: [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
    ],
    resource: "*",
    reason:
      "Step Functions sets up its log and its traces with the role: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html",
  },
  {
    role: "RecordPasskeyRole",
    actions: [
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "kms:GetPublicKey",
      "kms:Sign",
      "cognito-idp:ListUsers",
      "cognito-idp:ListUsersInGroup",
    ],
    resource: "*",
    reason: "Somebody enrols, confirms or revokes a passkey; no policy of the stories asks for one.",
  },
  {
    role: "WithdrawRole",
    actions: ["cognito-idp:ListUsers", "cognito-idp:ListUsersInGroup"],
    resource: "*",
    reason:
      "Whoever proposed policies withdraws them with another account: test/functions/api/withdraw.test.ts has one.",
  },
  {
    role: "RemindRole",
    actions: [
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:Query",
      "kms:GenerateMac",
      "ses:SendEmail",
      "cognito-idp:ListUsers",
      "cognito-idp:ListUsersInGroup",
    ],
    resource: "*",
    reason: "Somebody is reminded after hours; the matrix of the stories asks for no reminders.",
  },
  {
    role: "ReadPasskeysRole",
    actions: ["dynamodb:GetItem", "dynamodb:Query"],
    resource: "*:table/CountersignData-PromotionsTable",
    reason: "The portal asks which passkeys there are; the stories sign from the command line.",
  },
  {
    role: "ExpireRole",
    actions: ["dynamodb:PutItem"],
    resource: "*:table/CountersignData-PromotionsTable",
    reason: "Two people lend in the last moment of a stage: test/functions/steps/expire-loans.test.ts.",
  },
  {
    role: "FreezeRole",
    actions: ["s3:ListBucket"],
    resource: "arn:aws:s3:::countersigndata-exchangebucket",
    reason: "An artifact is not where the request says: without it S3 would answer 403 and not 404.",
    neededBy: "bad-input",
  },
  {
    role: "SubmitRole",
    actions: ["dynamodb:GetItem"],
    resource: "*:table/CountersignData-ReplaysTable",
    reason: "A token that was used before: for which request?",
    neededBy: "bad-input",
  },
  {
    role: "DeployRole",
    actions: ["dynamodb:PutItem"],
    resource: "*",
    reason:
      "Nothing of the stories that came with a plan is approved again; test/functions/steps/applied-plans.test.ts has that.",
  },
  {
    role: "DeployRole",
    actions: ["s3:ListBucket"],
    resource: "arn:aws:s3:::countersigndata-artifactsbucket",
    reason:
      "A frozen file that vanishes between the verification and the deployment: without it S3 would answer 403, which a retry cannot tell from a fault of S3.",
  },
  {
    role: "WatchDeploymentRole",
    actions: ["sagemaker:UpdateModelPackage"],
    resource: "*",
    reason: "No story takes back what is in the Model Registry; test/adapters/sagemaker/registered.test.ts does.",
  },
  {
    role: "WatchDeploymentRole",
    actions: ["sagemaker:CreateEndpoint", "sagemaker:DeleteEndpoint"],
    resource: "*",
    reason:
      "A deployment cannot be judged and is taken back by us, after a first release or where the endpoint failed.",
  },
  {
    role: "WatchDeploymentRole",
    actions: ["s3:GetObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/blobs/*",
    reason: "A run of the watch died after it kept what the target said: the next one compares the bytes.",
    byChance: true,
  },
  {
    role: "CleanUpRole",
    actions: ["sagemaker:DeleteEndpointConfig"],
    resource: "arn:aws:sagemaker:*:endpoint-config/shadow-p-*",
    reason: "No story ends in the middle of a run in shadow; test/adapters/sagemaker/shadow.test.ts ends several.",
  },
  {
    role: "CleanUpRole",
    actions: ["sagemaker:DeleteEndpointConfig"],
    resource: "arn:aws:sagemaker:*:endpoint-config/share-p-*",
    reason: "A step failed while a candidate answered a part of the requests; test/adapters/sagemaker/share.test.ts.",
  },
  {
    role: "CleanUpRole",
    actions: ["sagemaker:UpdateEndpointWeightsAndCapacities"],
    resource: "*",
    reason: "A step failed while a candidate answered a part of the requests; test/adapters/sagemaker/share.test.ts.",
  },
  {
    role: "CleanUpRole",
    actions: ["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint", "sagemaker:DeleteEndpoint"],
    resource: "*",
    reason: "A step failed after the target was touched: what ran before comes back first.",
  },
  {
    role: "ArchiveRole",
    actions: ["s3:GetObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/checkpoints/*",
    reason: "Two batches that write the same checkpoint: the second compares the bytes (design 3.5).",
    byChance: true,
  },
  {
    role: "ArchiveRole",
    actions: ["s3:ListBucket", "s3:PutObject"],
    resource: "arn:aws:s3:::countersigndata-undeliveredbucket*",
    reason: "Lambda keeps a batch there that was given up after all retries; nothing is given up in the stories.",
  },
  {
    role: "RepublishCheckpointRole",
    actions: ["dynamodb:BatchWriteItem"],
    resource: "*:table/CountersignData-LedgerTable",
    reason: "A run of the archive died between moving the ledger on and publishing: what it left is finished.",
    byChance: true,
  },
  {
    role: "RepublishCheckpointRole",
    actions: ["s3:GetObject", "s3:PutObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/tile/*",
    reason: "A run of the archive died between moving the ledger on and publishing: what it left is finished.",
    byChance: true,
  },
  {
    role: "RepublishCheckpointRole",
    actions: ["s3:GetObject", "s3:PutObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/checkpoints/*",
    reason: "A run of the archive died between moving the ledger on and publishing: what it left is finished.",
    byChance: true,
  },
  {
    role: "*",
    actions: ["s3:GetObjectRetention", "s3:PutObjectRetention"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/blobs/sha256/*",
    reason: "No document of the stories is old enough to be kept longer: test/adapters/s3/renewed-retention.test.ts.",
  },
  {
    role: "FreezeRole",
    actions: ["s3:PutObjectRetention"],
    resource: "arn:aws:s3:::countersigndata-artifactsbucket/frozen/*",
    reason: "No artifact of the stories is old enough to be kept longer: test/adapters/s3/renewed-retention.test.ts.",
  },
  {
    role: "RepublishCheckpointRole",
    actions: ["s3:ListBucket"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket",
    reason: "Before the first checkpoint: without it S3 would answer 403 and not 404.",
  },
  {
    role: "ReconcileRole",
    actions: [
      "dynamodb:Query",
      "dynamodb:BatchWriteItem",
      "kms:Sign",
      "kms:GetPublicKey",
      "events:PutEvents",
      "s3:PutObject",
      "s3:PutObjectRetention",
    ],
    resource: "*",
    reason: "The archive gave up a fact, and it is appended a day later; the archive gives up nothing in the stories.",
  },
  {
    role: "ReconcileRole",
    actions: ["s3:GetObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/checkpoints/*",
    reason: "The archive gave up a fact, and it is appended a day later; the archive gives up nothing in the stories.",
  },
  {
    role: "ReconcileRole",
    actions: ["s3:GetObject"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket/blobs/*",
    reason: "The archive gave up a fact, and it is appended a day later; the archive gives up nothing in the stories.",
  },
  {
    role: "ReconcileRole",
    actions: ["s3:ListBucket"],
    resource: "arn:aws:s3:::countersigndata-ledgerbucket",
    reason: "Before the first checkpoint: without it S3 would answer 403 and not 404.",
  },
  {
    role: "DecideRole",
    actions: ["s3:ListBucket", "s3:PutObject"],
    resource: "arn:aws:s3:::countersigndata-undeliveredbucket*",
    reason: "Lambda keeps a batch there that was given up after all retries; nothing is given up in the stories.",
  },
  {
    role: "RecordDeliveryRole",
    actions: ["sqs:SendMessage"],
    resource: "*:CountersignService-MailReportsUndelivered",
    reason: "Lambda keeps an event there that was given up after all retries; nothing is given up in the stories.",
  },
  {
    role: "NotifyRole",
    actions: ["sqs:SendMessage"],
    resource: "*:CountersignService-NotificationsUndelivered",
    reason: "Lambda keeps an event there that was given up after all retries; nothing is given up in the stories.",
  },
  {
    role: "WriteExportRole",
    actions: ["sqs:SendMessage"],
    resource: "*:CountersignService-ExportsUndelivered",
    reason: "Lambda keeps an event there that was given up after all retries; nothing is given up in the stories.",
  },
  {
    role: "ServingRole",
    actions: ["s3:ListBucket"],
    resource: "arn:aws:s3:::countersigndata-artifactsbucket",
    reason:
      "SageMaker lists before it downloads: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms",
  },
  {
    role: "ServingRole",
    actions: [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetDownloadUrlForLayer",
      "ecr:GetAuthorizationToken",
      "cloudwatch:PutMetricData",
      "cloudwatch:DescribeAlarms",
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ],
    resource: "*",
    reason:
      "SageMaker pulls the image and writes log and metrics with the role: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms",
  },
  {
    role: "CustomCDKBucketDeployment*",
    actions: ["*"],
    resource: "*",
    reason: "CDK's own function, which uploads the portal at `cdk deploy`; its grants are CDK's, not ours.",
  },
];

/** Unused grants that no explanation covers. */
export function unexplained(unused: readonly UnusedGrant[]): readonly UnusedGrant[] {
  return unused.filter((grant) => !explanations.some((explanation) => covers(explanation, grant)));
}

/** Explanations of grants that are used, or not there, by now. */
export function outdated(unused: readonly UnusedGrant[], granted: readonly UnusedGrant[]): readonly Explanation[] {
  return explanations.filter(
    (explanation) => !(explanation.byChance ? granted : unused).some((grant) => covers(explanation, grant)),
  );
}

/** What `test` is said to need and does not need either. */
export function stillUnused(unused: readonly UnusedGrant[], test: Explanation["neededBy"]): readonly UnusedGrant[] {
  const promised = explanations.filter(({ neededBy }) => neededBy === test);
  return unused.filter((grant) => promised.some((explanation) => covers(explanation, grant)));
}

function covers({ role, actions, resource }: Explanation, grant: UnusedGrant): boolean {
  return (
    matchesArn(role, grant.role) &&
    actions.some((action) => matchesArn(action, grant.action)) &&
    matchesArn(resource, grant.resource)
  );
}
