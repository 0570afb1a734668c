import { Duration, Validations } from "aws-cdk-lib";
import { type EventBus, type EventPattern, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { EventInvokeConfig, type IFunction } from "aws-cdk-lib/aws-lambda";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { allow } from "../permissions/grant.ts";
import type { CountersignFunction } from "./countersign-function.ts";

/** Facts of which somebody is told. */
export const toldFacts = [
  "stage-opened",
  "stage-decided",
  "seat-reopened",
  "loan-requested",
  "loan",
  "loan-ratified",
  "loan-ended",
  "loan-review-opened",
  "supersedes",
  "question",
  "answer",
  "blocked",
  "rejected",
  "expired",
  "withdrawn",
  "superseded",
  "deployed",
  "drift",
  "remedy",
  "intruder-found",
  "take-back",
  "rolled-back",
  "failed",
];

/** After which something may have to be done about what runs: it drifts, its new approval has ended, or it is an intruder. */
export const restrictingFacts = [
  "intruder-found",
  "drift",
  "blocked",
  "rejected",
  "expired",
  "withdrawn",
  "rolled-back",
  "failed",
];

/**
 * The end of a processing job, such as Model Monitor's: which are is asked of SageMaker.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
 */
export const endedJobs: EventPattern = {
  source: ["aws.sagemaker"],
  detailType: ["SageMaker Processing Job State Change"],
  detail: { ProcessingJobStatus: ["Completed"] },
};

/** The fact that has a pack written. */
export const exportFacts = ["export-requested"];

/** Which facts a listener on the bus of facts hears of. */
export function factPattern(types: readonly string[]): EventPattern {
  return {
    source: ["countersign"],
    detailType: ["Countersign Fact Recorded"],
    detail: { type: [...types] },
  };
}

/** What a listener hears, and on which bus: the account's own where none is named. */
export interface Heard {
  readonly eventBus?: EventBus;
  readonly pattern: EventPattern;
}

/**
 * Carries events to a function, such as facts once they are in the ledger; what cannot be delivered waits in a queue,
 * with an alarm.
 */
export class EventListener extends Construct {
  readonly undelivered: Queue;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.undelivered = new Queue(this, "Undelivered", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.undelivered).acknowledge({
      id: "AwsSolutions-SQS3",
      reason: "It is the dead-letter queue: of a rule and of a function, which the check does not see.",
    });
  }

  /** Lets `listener` hear it. Apart from the queue, which others may need before there is a listener. */
  tell(listener: CountersignFunction, { eventBus, pattern }: Heard): this {
    this.alsoHear("Heard", listener, { ...(eventBus === undefined ? {} : { eventBus }), pattern });
    const queue = this.undelivered as IQueue;
    // The rule's queue holds what could not be handed over; this is for what was taken and then failed.
    allow(listener.role, [{ actions: ["sqs:SendMessage"], resources: [queue.queueArn] }]);
    new EventInvokeConfig(this, "Retries", {
      function: listener.lambda as IFunction,
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: { bind: () => ({ destination: queue.queueArn }) },
    });
    return this;
  }

  /** One rule more, for the same queue. */
  alsoHear(id: string, listener: CountersignFunction, { eventBus, pattern }: Heard): this {
    new Rule(this, id, {
      ...(eventBus === undefined ? {} : { eventBus }),
      description: `Countersign: what ${listener.node.id} hears of.`,
      eventPattern: pattern,
      targets: [
        new LambdaFunction(listener.lambda as IFunction, {
          deadLetterQueue: this.undelivered as IQueue,
          retryAttempts: 10,
          maxEventAge: Duration.hours(6),
        }),
      ],
    });
    return this;
  }
}
