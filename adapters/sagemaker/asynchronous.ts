import type { AsyncInferenceConfig, DescribeEndpointConfigOutput } from "@aws-sdk/client-sagemaker";
import type { AnswerTopic, AsynchronousAnswers, SageMakerTarget } from "../../core/promotion/target.ts";

const topicNames = {
  success: "SUCCESS_NOTIFICATION_TOPIC",
  error: "ERROR_NOTIFICATION_TOPIC",
} as const satisfies Record<AnswerTopic, string>;

/**
 * How a target's endpoint queues what it is asked, for its configuration; nothing where it answers each request as it comes.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html
 */
export function queueOf({ asynchronous }: SageMakerTarget): { readonly AsyncInferenceConfig?: AsyncInferenceConfig } {
  if (asynchronous === undefined) return {};
  const { output, failures, key, topics, concurrency } = asynchronous;
  return {
    AsyncInferenceConfig: {
      OutputConfig: {
        S3OutputPath: output,
        ...(failures === undefined ? {} : { S3FailurePath: failures }),
        ...(key === undefined ? {} : { KmsKeyId: key }),
        ...(topics === undefined ? {} : { NotificationConfig: notificationsOf(topics) }),
      },
      ...(concurrency === undefined ? {} : { ClientConfig: { MaxConcurrentInvocationsPerInstance: concurrency } }),
    },
  };
}

function notificationsOf({ success, error, withAnswer }: NonNullable<AsynchronousAnswers["topics"]>) {
  return {
    ...(success === undefined ? {} : { SuccessTopic: success }),
    ...(error === undefined ? {} : { ErrorTopic: error }),
    ...(withAnswer === undefined ? {} : { IncludeInferenceResponseIn: withAnswer.map((each) => topicNames[each]) }),
  };
}

/**
 * Why an endpoint cannot come to answer as the target does. SageMaker refuses to take the queue from one that has it
 * (https://github.com/aws/sagemaker-python-sdk/pull/3124), so there would be no way back from the other direction either; and who calls
 * one that queues gets no answer (https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html).
 */
export function whyOtherQueue(
  { AsyncInferenceConfig: found }: DescribeEndpointConfigOutput,
  { asynchronous }: SageMakerTarget,
): string | undefined {
  if (found !== undefined && asynchronous === undefined) return "answers asynchronously, and the target does not";
  return found === undefined && asynchronous !== undefined
    ? "answers each request as it comes, and the target is asynchronous"
    : undefined;
}
