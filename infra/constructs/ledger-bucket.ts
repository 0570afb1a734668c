import { Duration } from "aws-cdk-lib";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import type { Settings } from "../settings.ts";
import { type WriteOnceProps, writeOnceBucket } from "./write-once.ts";

/** The log's latest checkpoint (https://c2sp.org/tlog-tiles): the one key that is written again and again. */
const checkpointAlias = "checkpoint";

/** Long enough to look into whatever somebody published; at nearly one version for each record, some ten thousands of them. */
const mostAliasDays = 31;

/** Days for which each version of the alias is kept: what it says stays under its size, like everything else in the bucket. */
export function aliasRetentionDays({ retentionDays }: Settings["objectLock"]): number {
  return Math.min(mostAliasDays, retentionDays);
}

/** The transparency log: tiles, checkpoints and documents by digest. */
export function ledgerBucket(scope: Construct, id: string, props: Omit<WriteOnceProps, "overwritable">): Bucket {
  const days = aliasRetentionDays(props.objectLock);
  const bucket = writeOnceBucket(scope, id, { ...props, overwritable: { key: checkpointAlias, days } });
  // Kept checkpoints begin with the same letters, and are never written over: none of them has a version that is not current.
  bucket.addLifecycleRule({ prefix: checkpointAlias, noncurrentVersionExpiration: Duration.days(days) });
  return bucket;
}
