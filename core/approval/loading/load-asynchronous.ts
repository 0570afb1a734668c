import { complain, countOf, fieldsOf, itemsOf, type Place, refuseRepeats, textOf } from "../../encoding/policy-file.ts";
import { type AnswerTopic, type AsynchronousAnswers, answerTopics } from "../../promotion/target.ts";

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceClientConfig.html
const mostAtOnce = 1000;
// SageMaker's own bound is 512, API_AsyncInferenceOutputConfig.html; what {model} stands for is longer than itself.
const longestAddress = 400;

/**
 * Reads where an endpoint that queues what it is asked leaves its answers
 * (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceConfig.html). All of it is signed: it says to whom data goes.
 */
export function asynchronousOf(place: Place): AsynchronousAnswers {
  const { output, failures, key, topics, concurrency } = fieldsOf(
    place,
    ["output"],
    ["failures", "key", "topics", "concurrency"],
  );
  return {
    output: addressOf(output),
    ...(failures === undefined ? {} : { failures: addressOf(failures) }),
    ...(key === undefined ? {} : { key: keyOf(key) }),
    ...(topics === undefined ? {} : { topics: topicsOf(topics) }),
    ...(concurrency === undefined ? {} : { concurrency: countOf(concurrency, 1, mostAtOnce) }),
  };
}

/** Complains where a target is both: such an endpoint has one variant, and that is on instances (https://github.com/aws/aws-cdk-rfcs/pull/433). */
export function refuseServerlessQueue(asynchronous: Place | undefined): void {
  if (asynchronous !== undefined)
    complain(asynchronous, "SageMaker has no asynchronous endpoint that is serverless: name its instances.");
}

function addressOf(place: Place | undefined): string {
  const address = textOf(place, longestAddress);
  // A bucket is named, and not made up of the model's name: its owner let the serving role write there.
  const bucketAndPrefix = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:\/(?:[\w!.*'()-]|\{model\})+)*\/?$/;
  if (place !== undefined && !bucketAndPrefix.test(address))
    complain(place, "This must be a place in S3, s3://bucket/prefix; the prefix may hold {model}.");
  return address;
}

function keyOf(place: Place): string {
  const arn = textOf(place);
  // What an alias stands for is whoever's who moves it, and nobody signed that.
  if (!/^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[\w-]+$/.test(arn))
    complain(place, "This must be the ARN of a KMS key, and of no alias.");
  return arn;
}

function topicsOf(place: Place): NonNullable<AsynchronousAnswers["topics"]> {
  const { success, error, withAnswer } = fieldsOf(place, [], [...answerTopics, "withAnswer"]);
  if (success === undefined && error === undefined)
    complain(place, "This must name one topic at least: success or error.");
  return {
    ...(success === undefined ? {} : { success: topicOf(success) }),
    ...(error === undefined ? {} : { error: topicOf(error) }),
    ...(withAnswer === undefined ? {} : { withAnswer: toldAnswers(withAnswer, { success, error }) }),
  };
}

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceNotificationConfig.html
function topicOf(place: Place): string {
  const arn = textOf(place);
  if (!/^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_.-]+$/.test(arn))
    complain(place, "This must be the ARN of an SNS topic.");
  return arn;
}

function toldAnswers(place: Place, topics: Readonly<Record<AnswerTopic, Place | undefined>>): readonly AnswerTopic[] {
  const named = itemsOf(place).flatMap((item) => {
    const topic = answerTopics.find((each) => each === item.value);
    if (topic === undefined) complain(item, "This must be success or error.");
    else if (topics[topic] === undefined) complain(item, `There is no topic '${topic}' that could be told the answer.`);
    return topic === undefined ? [] : [topic];
  });
  refuseRepeats(place, named);
  return named;
}
