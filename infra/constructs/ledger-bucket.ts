import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { type WriteOnceProps, writeOnceBucket } from "./write-once.ts";

/** The log's latest checkpoint (https://c2sp.org/tlog-tiles): the one key that is written again and again. */
const checkpointAlias = "checkpoint";

/** The transparency log: tiles, checkpoints and documents by digest. */
export function ledgerBucket(scope: Construct, id: string, props: Omit<WriteOnceProps, "overwritable">): Bucket {
  return writeOnceBucket(scope, id, { ...props, overwritable: checkpointAlias });
}
