import { Aws, DefaultStackSynthesizer, RemovalPolicy, Validations } from "aws-cdk-lib";
import type { IDistributionRef } from "aws-cdk-lib/aws-cloudfront";
import { type ILogGroupRef, LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, type ISource } from "aws-cdk-lib/aws-s3-deployment";
import type { Construct } from "constructs";
import { acknowledgeWildcards } from "../permissions/grant.ts";
import type { PortalDistribution } from "./portal-distribution.ts";

/** The bucket that `cdk bootstrap` makes for files on their way. */
const assetBucket = `cdk-${DefaultStackSynthesizer.DEFAULT_QUALIFIER}-assets`;

/** Copies the built portal into its bucket, and makes the distribution forget the one before. */
export function publishPortal(scope: Construct, portal: PortalDistribution, files: ISource): void {
  const log = new LogGroup(scope, "PublishPortalLog", {
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const deployment = new BucketDeployment(scope, "PublishPortal", {
    sources: [files],
    destinationBucket: portal.bucket as IBucket,
    // Files' names are their digests, and the page's own headers say otherwise of itself. With the file, and not by the
    // distribution: that would have a browser keep for a year that a file was not there yet, or not any more. At the edge a day.
    cacheControl: [CacheControl.fromString("public, max-age=31536000, s-maxage=86400, immutable")],
    distribution: portal.distribution as IDistributionRef,
    // Asked for all the same. A wait of more than ten minutes would fail the deployment, and roll the whole stack back.
    waitForDistributionInvalidation: false,
    memoryLimit: 512,
    logGroup: log as ILogGroupRef,
  });
  const handler = Validations.of(deployment.handlerRole.node.scope ?? deployment.handlerRole);
  const reason = "CDK's own function for copying files at deployment; its role and runtime are made by CDK.";
  for (const id of [
    "AwsSolutions-L1",
    "AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
    ...["s3:GetBucket*", "s3:GetObject*", "s3:List*", "s3:Abort*", "s3:DeleteObject*"].map(
      (action) => `AwsSolutions-IAM5[Action::${action}]`,
    ),
  ]) {
    handler.acknowledge({ id, reason });
  }
  const assets = `arn:${Aws.PARTITION}:s3:::${assetBucket}-${Aws.ACCOUNT_ID}-${Aws.REGION}/*`;
  acknowledgeWildcards(deployment.handlerRole, [assets, portal.bucket.arnForObjects("*"), "*"], reason);
}
