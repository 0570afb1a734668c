import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AnyPrincipal, Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket, ObjectLockRetention } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { onlyWrittenBy } from "../permissions/bucket-writers.ts";
import type { Settings } from "../settings.ts";

export interface WriteOnceProps {
  readonly logs: IBucket;
  readonly objectLock: Settings["objectLock"];
  /** The one key that may be written over; each of its versions is kept for so many days. */
  readonly overwritable?: { readonly key: string; readonly days: number };
}

/**
 * A bucket in which an object, once written, stays: Object Lock keeps its versions, and the policy refuses what
 * Object Lock allows: delete markers, a new version over an old one, a shorter retention. The policy holds for
 * everybody in the account, roles with `s3:*` too.
 */
export function writeOnceBucket(scope: Construct, id: string, props: WriteOnceProps): Bucket {
  const { mode, retentionDays } = props.objectLock;
  const retention = Duration.days(retentionDays);
  const bucket = new Bucket(scope, id, {
    versioned: true,
    objectLockEnabled: true,
    objectLockDefaultRetention:
      mode === "COMPLIANCE" ? ObjectLockRetention.compliance(retention) : ObjectLockRetention.governance(retention),
    // Not KMS: whoever deletes the key would make an archive unreadable that nobody can delete (design 3.5).
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    serverAccessLogsBucket: props.logs,
    serverAccessLogsPrefix: `${id}/`,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const objects = bucket.arnForObjects("*");
  deny(bucket, "NothingIsDeleted", {
    // A delete marker is not protected by Object Lock, and `If-None-Match: *` would succeed over it.
    actions: ["s3:DeleteObject", "s3:DeleteObjectVersion"],
    resources: [objects],
  });
  deny(bucket, "GovernanceIsNotBypassed", { actions: ["s3:BypassGovernanceRetention"], resources: [objects] });
  const { overwritable } = props;
  const others =
    overwritable === undefined ? { resources: [objects] } : { notResources: [bucket.arnForObjects(overwritable.key)] };
  const shorterThan = (days: number) => ({
    actions: ["s3:PutObjectRetention"],
    conditions: { NumericLessThan: { "s3:object-lock-remaining-retention-days": days } },
  });
  deny(bucket, "RetentionIsNotShortened", { ...others, ...shorterThan(retentionDays) });
  if (overwritable !== undefined) {
    const resources = [bucket.arnForObjects(overwritable.key)];
    // One less: S3 does not say which way it rounds the time until then.
    deny(bucket, "RetentionIsNotShortenedThere", { resources, ...shorterThan(overwritable.days - 1) });
  }
  deny(bucket, "NothingIsWrittenOver", {
    actions: ["s3:PutObject"],
    ...others,
    // The start and the parts of a multipart upload cannot carry the header; its completion must.
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
    conditions: { Null: { "s3:if-none-match": "true" }, Bool: { "s3:ObjectCreationOperation": "true" } },
  });
  onlyWrittenBy(bucket, { ours: "*", repairs: true });
  return bucket;
}

interface Denied {
  readonly actions: string[];
  readonly resources?: string[];
  readonly notResources?: string[];
  readonly conditions?: Record<string, Record<string, unknown>>;
}

function deny(bucket: Bucket, sid: string, statement: Denied): void {
  bucket.addToResourcePolicy(
    new PolicyStatement({ sid, effect: Effect.DENY, principals: [new AnyPrincipal()], ...statement }),
  );
}
