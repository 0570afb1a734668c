import { Duration } from "aws-cdk-lib";
import { EventSourceMapping, FilterCriteria, FilterRule, MetricType, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { allow } from "../permissions/grant.ts";
import type { Places } from "../stacks/data-stack.ts";
import type { CountersignFunction } from "./countersign-function.ts";

export interface StreamConsumer {
  readonly function: CountersignFunction;
  readonly mapping: EventSourceMapping;
}

/**
 * The two readers of the stream of `Promotions`; DynamoDB's streams are made for two a shard and no third. A record
 * that cannot be handled must not hold up the shard for a day: the batch is halved around it, tried a bounded number
 * of times, and put aside in a bucket, whole, with an alarm.
 */
export class StreamConsumers extends Construct {
  readonly decide: StreamConsumer;
  readonly archive: StreamConsumer;

  constructor(scope: Construct, id: string, places: Places, readers: Readers) {
    super(scope, id);
    this.decide = this.#consume("Decide", places, readers.decide, {
      batchSize: 25,
      retryAttempts: 20,
      // A promotion that fails each time holds up a tenth of the others and no more: batches go by partition key, which is
      // the promotion, so that the order of each is kept.
      atOnce: 10,
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { Keys: { sk: { S: FilterRule.beginsWith("SIGNOFF#") } } },
        }),
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("INSERT"),
          dynamodb: { Keys: { sk: { S: FilterRule.beginsWith("LOAN#") } } },
        }),
        FilterCriteria.filter({
          eventName: FilterRule.isEqual("MODIFY"),
          // A stage that opened may be complete at once, by sign-offs from before a seat fell open; a promotion that
          // went back to the gates, was lent, or was rejected or withdrawn by somebody else has a machine waiting for its bell;
          // of one that is approved `remind` rings where it was not heard.
          dynamodb: {
            NewImage: {
              status: {
                S: FilterRule.or(
                  ...["in-review", "approved", "gating", "loaned", "rejected", "withdrawn", "superseded"],
                ),
              },
            },
          },
        }),
      ],
    });
    this.archive = this.#consume("Archive", places, readers.archive, {
      // A run writes about a dozen objects, however many records it is given: under load it must be given many.
      batchSize: 1000,
      // The ledger is what cannot be made up for: it is tried longest.
      retryAttempts: 200,
    });
  }

  #consume(id: string, places: Places, reader: CountersignFunction, options: Options): StreamConsumer {
    const stream = places.promotions.streamArn;
    allow(reader.role, [
      {
        actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        resources: [stream],
      },
      {
        actions: ["dynamodb:ListStreams"],
        resources: ["*"],
        wildcard: "The event source lists streams, an action that knows no resources.",
      },
      // https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
      { actions: ["s3:ListBucket"], resources: [places.undelivered.arn] },
      {
        actions: ["s3:PutObject"],
        resources: [`${places.undelivered.arn}/*`],
        wildcard: "Lambda names the objects of given-up records by mapping, shard and time.",
      },
    ]);
    const mapping = new EventSourceMapping(this, id, {
      target: reader.lambda,
      eventSourceArn: stream,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: options.batchSize,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: options.retryAttempts,
      ...(options.atOnce === undefined ? {} : { parallelizationFactor: options.atOnce }),
      // Before the stream itself forgets them, after 24 hours.
      maxRecordAge: Duration.hours(22),
      onFailure: { bind: () => ({ destination: places.undelivered.arn }) },
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      ...(options.filters === undefined ? {} : { filters: [...options.filters] }),
    });
    // Lambda refuses a mapping whose role cannot read the stream yet.
    mapping.node.addDependency(reader.role);
    return { function: reader, mapping };
  }
}

interface Readers {
  readonly decide: CountersignFunction;
  readonly archive: CountersignFunction;
}

interface Options {
  readonly batchSize: number;
  readonly retryAttempts: number;
  /** Batches of one shard that are under way at a time. */
  readonly atOnce?: number;
  readonly filters?: readonly ReturnType<typeof FilterCriteria.filter>[];
}
