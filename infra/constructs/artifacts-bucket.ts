import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { type WriteOnceProps, writeOnceBucket } from "./write-once.ts";

/** The frozen artifacts, `frozen/<sha256>/<name>`: what was approved is what runs, for as long as it may run. */
export function artifactsBucket(scope: Construct, id: string, props: Omit<WriteOnceProps, "overwritable">): Bucket {
  return writeOnceBucket(scope, id, props);
}
