import { Duration } from "aws-cdk-lib";
import { AccountPrincipal, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { type WriteOnceProps, writeOnceBucket } from "./write-once.ts";

/**
 * The frozen artifacts, `frozen/<sha256>/<name>`: what was approved is what runs, for as long as it may run. Accounts
 * of other targets (`readers`) may read them.
 */
export function artifactsBucket(
  scope: Construct,
  id: string,
  props: Omit<WriteOnceProps, "overwritable"> & { readonly readers: readonly string[] },
): Bucket {
  const { readers, ...rest } = props;
  const bucket = writeOnceBucket(scope, id, rest);
  // Large ones are put together of parts: of what turned out to be other bytes than declared there is nothing but those.
  bucket.addLifecycleRule({ abortIncompleteMultipartUploadAfter: Duration.days(1) });
  if (readers.length > 0) {
    const principals = readers.map((account) => new AccountPrincipal(account));
    // SageMaker lists before it downloads. Who in the other account may read is for that account to say.
    bucket.addToResourcePolicy(
      new PolicyStatement({ principals, actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        principals,
        actions: ["s3:GetObject", "s3:GetObjectVersion"],
        resources: [bucket.arnForObjects("frozen/*")],
      }),
    );
  }
  return bucket;
}
