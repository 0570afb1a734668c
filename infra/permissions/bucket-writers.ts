import { Aws } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { serviceStackName } from "../constructs/plain-names.ts";

/** Which of Countersign's roles write, as CloudFormation begins their names; and whoever repairs what is kept, by the runbook. */
interface Writers {
  readonly ours: string;
  readonly repairs?: true;
}

/**
 * Refuses writing these objects to everybody else, whatever they may do by policies of their own: in many accounts that is
 * anything with any bucket. What is written can be the end of it: where other bytes lie under the name by which the log goes on,
 * it cannot go on, and Object Lock has nobody remove them. By replication nobody writes, which asks for no free name. Whoever
 * may change the bucket's policy can still take this away, which CloudTrail shows (infra/guardrails).
 */
export function onlyWrittenBy(bucket: Bucket, { ours, repairs }: Writers, key = "*"): void {
  const roles = [`${serviceStackName}-${ours}`, ...(repairs === undefined ? [] : ["countersign-repairs"])];
  const denied = { effect: Effect.DENY, principals: [new AnyPrincipal()], resources: [bucket.arnForObjects(key)] };
  bucket.addToResourcePolicy(
    new PolicyStatement({
      ...denied,
      sid: "OnlyCountersignWrites",
      actions: ["s3:PutObject"],
      conditions: {
        ArnNotLike: {
          "aws:PrincipalArn": roles.map((role) => `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${role}`),
        },
      },
    }),
  );
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html
  bucket.addToResourcePolicy(
    new PolicyStatement({
      ...denied,
      sid: "NothingIsReplicatedHere",
      actions: ["s3:ReplicateObject", "s3:ReplicateDelete"],
    }),
  );
}
