import { Duration } from "aws-cdk-lib";
import type { RestApi } from "aws-cdk-lib/aws-apigateway";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { Alarms, allInvoked, enteredState, iteratorAge, mappingCount, successes, throttles } from "./alarms.ts";
import type { CountersignFunction } from "./countersign-function.ts";
import type { EventListener } from "./event-listener.ts";
import type { PromotionMachine } from "./promotion-machine.ts";
import type { StreamConsumers } from "./stream-consumers.ts";

export interface ServiceParts {
  readonly functions: readonly CountersignFunction[];
  readonly machine: PromotionMachine;
  readonly streams: StreamConsumers;
  readonly notifications: EventListener;
  readonly exports: EventListener;
  readonly restrictions: EventListener;
  readonly restrict: CountersignFunction;
  readonly auditRunning: CountersignFunction;
  readonly mailReports: EventListener;
  readonly recordDelivery: CountersignFunction;
  readonly writeExport: CountersignFunction;
  /** Those that send letters and messages. */
  readonly telling: readonly CountersignFunction[];
  readonly republishCheckpoint: CountersignFunction;
  readonly reconcile: CountersignFunction;
  readonly api: RestApi;
  readonly cosign: CountersignFunction;
  readonly watchDeployment: CountersignFunction;
  /** Those that a clock rings, once an hour at least. */
  readonly rung: readonly CountersignFunction[];
}

const fiveMinutes = { statistic: "Sum", period: Duration.minutes(5) };
/** A reader that is this far behind keeps people waiting; a stream forgets after 24 hours. */
const behindMilliseconds = Duration.minutes(5).toMilliseconds();

/** Watches everything that could lose work, or keep someone waiting who does not know it. */
export function serviceAlarms(scope: Construct, email: string | undefined, parts: ServiceParts): Alarms {
  const { machine, streams, api } = parts;
  const alarms = new Alarms(scope, "Alarms", email);

  // ExecutionsFailed also counts rejections: the machine ends in a failure whatever stops a promotion.
  alarms.watch("PromotionFailed", {
    heading: "promotionFailed",
    sentence: "A promotion ended because a step failed, or could not be cleaned up.",
    metric: alarms.occurrences(
      "FailedPromotions",
      machine.logGroup,
      enteredState("FailStateEntered", "The promotion failed", "The clean-up failed"),
    ),
    above: 0,
  });
  alarms.watch("ReviewExpired", {
    heading: "reviewExpired",
    sentence: "The time for a review was over before it was decided.",
    metric: alarms.occurrences(
      "ExpiredReviews",
      machine.logGroup,
      enteredState("FailStateEntered", "The review expired"),
    ),
    above: 0,
  });
  alarms.watch("RollBackFailed", {
    heading: "rollBackFailed",
    sentence: "A deployment could not be taken back: production runs something that it should not. It is tried again.",
    metric: alarms.occurrences(
      "FailedRollBacks",
      parts.watchDeployment.logGroup,
      FilterPattern.literal('"roll-back failed"'),
    ),
    above: 0,
  });
  alarms.watch("IntruderFound", {
    heading: "intruderFound",
    sentence: "Something runs that nobody approved, that was changed since, or whose time is over.",
    // It is looked for four times an hour, and the alarm is to stay while it runs.
    metric: alarms.occurrences(
      "IntrudersFound",
      parts.auditRunning.logGroup,
      FilterPattern.literal('"intruder found"'),
      Duration.minutes(30),
    ),
    above: 0,
  });
  alarms.watch("WorkloadMissing", {
    heading: "workloadMissing",
    sentence: "What was approved runs no more, and nothing here took it away.",
    metric: alarms.occurrences(
      "WorkloadsMissing",
      parts.auditRunning.logGroup,
      FilterPattern.literal('"workload missing"'),
      Duration.minutes(30),
    ),
    above: 0,
  });
  alarms.watch("RemedyFailed", {
    heading: "remedyFailed",
    sentence: "What runs could not be changed as the approval matrix says. It is tried again.",
    metric: alarms.occurrences("FailedRemedies", parts.restrict.logGroup, FilterPattern.literal('"remedy failed"')),
    above: 0,
  });
  for (const [id, metric] of [
    ["ExecutionTimedOut", machine.machine.metricTimedOut(fiveMinutes)],
    ["ExecutionAborted", machine.machine.metricAborted(fiveMinutes)],
  ] as const) {
    alarms.watch(id, {
      heading: "executionStopped",
      sentence: "An execution ended without passing an end state, so nothing was cleaned up.",
      metric,
      above: 0,
    });
  }
  for (const [name, { function: reader, mapping }] of Object.entries({
    Decide: streams.decide,
    Archive: streams.archive,
  })) {
    alarms.watch(`${name}IsBehind`, {
      heading: "streamBehind",
      sentence: `${name} has not handled a change of a promotion for five minutes.`,
      metric: iteratorAge(reader.lambda.functionName),
      above: behindMilliseconds,
      periods: 3,
    });
    for (const [suffix, metricName] of [
      ["GaveUp", "OnFailureDestinationDeliveredEventCount"],
      ["Dropped", "DroppedEventCount"],
    ] as const) {
      alarms.watch(`${name}${suffix}`, {
        heading: "recordGivenUp",
        sentence: `${name} could not handle a change of a promotion and has given it up.`,
        metric: mappingCount(mapping, metricName),
        above: 0,
      });
    }
  }
  alarms.watch("RecordRefused", {
    heading: "recordGivenUp",
    sentence:
      "A fact is no record of the ledger: it is too large, another one has its place, or no record can be made of it.",
    metric: alarms.occurrences(
      "RefusedRecords",
      streams.archive.function.logGroup,
      FilterPattern.literal('"record refused"'),
    ),
    above: 0,
  });
  for (const [id, heading, sentence, { undelivered }] of [
    [
      "NotificationLost",
      "notificationLost",
      "A notification could not be sent; it waits in the queue.",
      parts.notifications,
    ],
    [
      "MailReportLost",
      "notificationLost",
      "A report about a letter could not be recorded; it waits in the queue.",
      parts.mailReports,
    ],
    [
      "RestrictionLost",
      "remedyFailed",
      "What may have to be done about what runs was not looked at; the event waits in the queue.",
      parts.restrictions,
    ],
    ["ExportLost", "exportLost", "An export could not be written; its request waits in the queue.", parts.exports],
  ] as const) {
    alarms.watch(id, {
      heading,
      sentence,
      metric: undelivered.metricApproximateNumberOfMessagesVisible({
        statistic: "Maximum",
        period: Duration.minutes(5),
      }),
      above: 0,
    });
  }
  alarms.watch("DocumentLost", {
    heading: "objectLost",
    sentence: "A document that the ledger names is gone, or has other bytes: whoever was writing an export missed it.",
    metric: alarms.occurrences("LostDocuments", parts.writeExport.logGroup, FilterPattern.literal('"document lost"')),
    above: 0,
  });
  alarms.watch("LetterBounced", {
    heading: "notificationLost",
    sentence: "A letter came back, or was called unwanted: somebody who is waited for was not told.",
    metric: alarms.occurrences(
      "UndeliveredLetters",
      parts.recordDelivery.logGroup,
      FilterPattern.literal('"letter not delivered"'),
    ),
    above: 0,
  });
  for (const each of parts.functions) {
    // Whoever tells people fails for each letter that did not leave, and hardly ever for anything else.
    const tells = parts.telling.includes(each);
    alarms.watch(`${each.node.id}Fails`, {
      heading: tells ? "notificationLost" : "functionFails",
      sentence: `${each.node.id} ended with an error${tells ? ": a letter or a message was refused, or may not have left, unless its log says otherwise" : ""}.`,
      metric: each.lambda.metricErrors(fiveMinutes),
      above: 0,
    });
  }
  alarms.watch("FunctionsThrottled", {
    heading: "functionsThrottled",
    sentence: "Lambda had no room in this account and region for functions that were called.",
    metric: throttles(),
    above: 0,
    periods: 3,
  });
  alarms.watch("ApiFails", {
    heading: "apiFails",
    sentence: "The API answered with server errors.",
    metric: api.metricServerError(fiveMinutes),
    above: 0,
    periods: 2,
  });
  for (const [suffix, writer] of [
    ["", streams.archive.function],
    ["WhileIdle", parts.republishCheckpoint],
    ["InRepair", parts.reconcile],
  ] as const) {
    alarms.watch(`LedgerForked${suffix}`, {
      heading: "ledgerForked",
      sentence: `The ledger's bucket holds other bytes than ${writer.node.id} was about to write.`,
      metric: alarms.occurrences(`LedgerForks${suffix}`, writer.logGroup, FilterPattern.literal('"ledger-fork"')),
      above: 0,
    });
  }
  alarms.watch("LedgerDiffers", {
    heading: "ledgerDiffers",
    sentence: "The promotions table and the ledger do not tell the same, or were not compared to the end.",
    metric: alarms.occurrences(
      "LedgerDifferences",
      parts.reconcile.logGroup,
      FilterPattern.anyTerm("not reconciled", "reconciliation is late"),
    ),
    above: 0,
  });
  alarms.watch("WitnessRefuses", {
    heading: "ledgerForked",
    sentence: "A witness answered and did not cosign the ledger: it may have cosigned another before.",
    metric: alarms.occurrences("WitnessRefusals", parts.cosign.logGroup, FilterPattern.literal('"ledger-fork"')),
    above: 0,
  });
  alarms.expect("CheckpointIsOld", {
    heading: "scheduleSilent",
    sentence: "For fifteen minutes nothing has seen to it that the ledger's checkpoint is young.",
    metric: successes(parts.republishCheckpoint.lambda as IFunction, Duration.minutes(5)),
    periods: 3,
  });
  const rung = parts.rung.map(({ lambda }) => lambda as IFunction);
  alarms.expect("ScheduleIsSilent", {
    heading: "scheduleSilent",
    sentence: "One of the functions that a clock rings has not run for two hours.",
    metric: allInvoked(rung, Duration.hours(1)),
    // The one that is rung once an hour may be so at the beginning of one and the end of the next.
    periods: 2,
  });
  return alarms;
}
