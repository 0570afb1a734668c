import { ArnFormat, type Stack } from "aws-cdk-lib";
import type { QueueSettings } from "../settings.ts";
import type { Grant } from "./grant.ts";

/**
 * What SageMaker does with the serving role for asynchronous endpoints: it reads what is asked, and leaves the answers.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
 */
export function answerFromQueues(stack: Stack, { inputs, outputs, keys, topics }: QueueSettings): readonly Grant[] {
  const below = (places: readonly string[]) =>
    places.map((place) =>
      stack.formatArn({
        service: "s3",
        region: "",
        account: "",
        resource: `${place.slice("s3://".length)}/*`,
        arnFormat: ArnFormat.NO_RESOURCE_NAME,
      }),
    );
  return [
    {
      actions: ["s3:GetObject"],
      resources: below(inputs),
      wildcard: "Whoever asks names what is asked.",
    },
    {
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: below(outputs),
      wildcard: "SageMaker names each answer after the request.",
    },
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms
    { actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: keys },
    { actions: ["sns:Publish"], resources: topics },
  ].filter(({ resources }) => resources.length > 0);
}
