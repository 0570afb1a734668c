import { Annotations, ArnFormat, Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { EventSourceMapping, IFunction } from "aws-cdk-lib/aws-lambda";
import {
  FilterPattern,
  type IFilterPattern,
  type ILogGroupRef,
  type LogGroup,
  MetricFilter,
} from "aws-cdk-lib/aws-logs";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";

/** Headings of docs/runbook.md; each alarm names one in its description, and a test looks them up. */
export const runbook = {
  promotionFailed: "A promotion failed",
  rollBackFailed: "A roll-back failed",
  remedyFailed: "What runs could not be changed",
  intruderFound: "Something runs that nobody approved",
  workloadMissing: "What was approved runs no more",
  executionStopped: "An execution was stopped from outside",
  reviewExpired: "A review ended without a decision",
  streamBehind: "A stream reader is behind",
  recordGivenUp: "A stream record was given up",
  notificationLost: "A notification could not be sent",
  exportLost: "An export could not be written",
  functionFails: "A function fails",
  functionsThrottled: "Functions are throttled",
  apiFails: "The API answers with server errors",
  ledgerForked: "The ledger disagrees with itself",
  ledgerDiffers: "The table and the ledger differ",
  objectLost: "An object of the ledger is lost",
  scheduleSilent: "A schedule does not ring",
} as const;

interface Awaited {
  readonly heading: keyof typeof runbook;
  /** What is the case, in a sentence. */
  readonly sentence: string;
  readonly metric: IMetric;
  /** Periods in a row. */
  readonly periods?: number;
}

interface Watched extends Awaited {
  /** The alarm goes off above this. */
  readonly above: number;
}

/** The alarms on what loses work, and the topic that hears them. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, email: string | undefined) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", { displayName: "Countersign alarms", enforceSSL: true });
    this.topic.addToResourcePolicy(mayTell(this.topic));
    if (email !== undefined) this.topic.addSubscription(new EmailSubscription(email));
    else
      Annotations.of(this).addWarningV2(
        "countersign:alarms-unheard",
        "Nobody hears the alarms: give the context 'alarmEmail', or subscribe to their topic once it is there.",
      );
  }

  /** What must not happen. */
  watch(id: string, { above, ...watched }: Watched): void {
    this.#alarm(id, watched, {
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      // What is counted here is counted only when it happens.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** What must happen again and again: that nothing is heard of it is what is wrong. */
  expect(id: string, awaited: Awaited): void {
    this.#alarm(id, awaited, {
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  #alarm(
    id: string,
    { heading, sentence, metric, periods = 1 }: Awaited,
    judged: Pick<AlarmProps, "threshold" | "comparisonOperator" | "treatMissingData">,
  ): void {
    const alarm = new Alarm(this, id, {
      metric,
      evaluationPeriods: periods,
      ...judged,
      alarmDescription: `${sentence} What to do: docs/runbook.md, "${runbook[heading]}".`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic as ITopic));
  }

  /** How often a pattern occurs in a log in five minutes. */
  occurrences(id: string, log: LogGroup, pattern: IFilterPattern, period = Duration.minutes(5)): IMetric {
    const filter = new MetricFilter(this, id, {
      logGroup: log as ILogGroupRef,
      filterPattern: pattern,
      metricNamespace: `Countersign/${this.node.scope?.node.id ?? ""}`,
      metricName: id,
      metricValue: "1",
    });
    return filter.metric({ statistic: "Sum", period });
  }
}

/**
 * A topic with a policy of its own, such as the one that asks for TLS, has lost the one by which the account's alarms
 * may publish: https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
 */
function mayTell(topic: Topic): PolicyStatement {
  const { account, stackName } = Stack.of(topic);
  const arnFormat = ArnFormat.COLON_RESOURCE_NAME;
  const ours = { service: "cloudwatch", resource: "alarm", resourceName: `${stackName}-*`, arnFormat };
  return new PolicyStatement({
    sid: "AlarmsOfThisStackMayTell",
    principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
    actions: ["sns:Publish"],
    resources: [topic.topicArn],
    conditions: {
      StringEquals: { "aws:SourceAccount": account },
      ArnLike: { "aws:SourceArn": Stack.of(topic).formatArn(ours) },
    },
  });
}

/** How often one of these states of the machine was entered; the log names states and holds no data. */
export function enteredState(eventType: string, ...names: readonly [string, ...string[]]): IFilterPattern {
  const entered = FilterPattern.stringValue("$.type", "=", eventType);
  return FilterPattern.all(
    entered,
    FilterPattern.any(...names.map((name) => FilterPattern.stringValue("$.details.name", "=", name))),
  );
}

/** Age of the oldest record that a stream reader has not handled, in milliseconds. */
export function iteratorAge(functionName: string): IMetric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName: "IteratorAge",
    dimensionsMap: { FunctionName: functionName },
    statistic: "Maximum",
    period: Duration.minutes(1),
  });
}

/** How often Lambda refused to run any function of the account and region: the limit is theirs together. */
export function throttles(): IMetric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName: "Throttles",
    statistic: "Sum",
    period: Duration.minutes(5),
  });
}

/** A count that Lambda keeps of an event source mapping whose metrics are on. */
export function mappingCount(mapping: EventSourceMapping, metricName: string): IMetric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    statistic: "Sum",
    period: Duration.minutes(5),
  });
}

/** How often a function ran to its end without an error. */
export function successes(lambda: IFunction, period: Duration): IMetric {
  return new MathExpression({
    expression: "invocations - errors",
    usingMetrics: { invocations: lambda.metricInvocations(counted), errors: lambda.metricErrors(counted) },
    label: "Runs without an error",
    period,
  });
}

/**
 * Nought where one of these functions did not run in a period, and no number at all where CloudWatch has none of it: a
 * sum would go on counting the others.
 */
export function allInvoked(lambdas: readonly IFunction[], period: Duration): IMetric {
  const invocations = lambdas.map((lambda, at): [string, IMetric] => [`m${at}`, lambda.metricInvocations(counted)]);
  return new MathExpression({
    expression: invocations.map(([id]) => id).join(" * "),
    usingMetrics: Object.fromEntries(invocations),
    label: "Nought: one of them did not run",
    period,
  });
}
const counted = { statistic: "Sum" } as const;
