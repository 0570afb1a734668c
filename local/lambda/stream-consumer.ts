import { randomUUID } from "node:crypto";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { type AwsCallLog, localAccount, localRegion } from "../aws/aws-call.ts";
import { isList, isRecord } from "../aws/json-shape.ts";
import { type StreamRecord, sequenceOf, type TableStream } from "../dynamodb/stream.ts";
import { compileEventFilter } from "../eventbridge/filter.ts";
import { reached, type WakeClock } from "../wake-clock.ts";
import type { InvocationResult } from "./invocation.ts";

/** An event source mapping, in the words of `AWS::Lambda::EventSourceMapping`. */
export interface StreamConsumer {
  readonly functionName: string;
  /** Access key id of the function, under whose role Lambda reads the stream. */
  readonly principal: string;
  readonly batchSize: number;
  /** The `Pattern` of each filter, as JSON text. */
  readonly filterPatterns: readonly string[];
  readonly bisectBatchOnFunctionError: boolean;
  /** -1 retries without end. */
  readonly maximumRetryAttempts: number;
  readonly reportBatchItemFailures: boolean;
  /** Takes what was given up: the document that Lambda puts into an S3 destination, the whole event in `payload`. */
  readonly onFailure: (document: DiscardedBatch) => Promise<void>;
}

/** What Lambda hands to an S3 on-failure destination. https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
export interface DiscardedBatch {
  readonly requestContext: {
    readonly requestId: string;
    readonly functionArn: string;
    readonly condition: "RetryAttemptsExhausted";
    readonly approximateInvokeCount: number;
  };
  readonly responseContext: {
    readonly statusCode: 200;
    readonly executedVersion: "$LATEST";
    readonly functionError: string;
  };
  readonly version: "1.0";
  readonly timestamp: string;
  readonly DDBStreamBatchInfo: {
    readonly shardId: string;
    readonly startSequenceNumber: string;
    readonly endSequenceNumber: string;
    readonly approximateArrivalOfFirstRecord: string;
    readonly approximateArrivalOfLastRecord: string;
    readonly batchSize: number;
    readonly streamArn: string;
  };
  readonly payload: string;
}

/** Invokes the function with one event. See `InvocationResult` for a rejected promise. */
export type Deliver = (event: { readonly Records: readonly StreamRecord[] }) => Promise<InvocationResult>;

/** Lambda's limit of a payload, and so of a batch: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html */
const largestBatch = 6_000_000;

/** First pause before a retry, doubled up to the longest. */
const firstPause = 250;
const longestPause = 30_000;

/**
 * Where a delivery stopped: the first record that was not taken, and why; nothing if all were. `unknown` where the
 * function was never reached or cut off: like Lambda before an invocation, that is tried again without a count.
 */
type Shortfall = { readonly from: number; readonly error: string } | "unknown" | undefined;

/**
 * Follows `stream` for one function: at least once, in order, from where it stopped the last time. A failed batch is
 * tried again as the mapping says (from the reported record, in halves, a bounded number of times), then handed to
 * `onFailure`; nothing behind it is delivered before that. `close` waits for the delivery that is under way.
 */
export function startStreamConsumer(
  stream: TableStream,
  consumer: StreamConsumer,
  deliver: Deliver,
  { clock, log }: { readonly clock: WakeClock; readonly log: AwsCallLog },
): { close(): Promise<void> } {
  if (consumer.batchSize < 1) throw new Failure("invalid-request", "A batch takes at least one record.");
  const passes = compileEventFilter(consumer.filterPatterns);
  const stopping = new AbortController();
  let wake = () => {};
  stream.onRecord(() => wake());
  stopping.signal.addEventListener("abort", () => wake());

  const report = (action: string, resource: string) =>
    log.record({
      at: new Date(clock.now()).toISOString(),
      principal: consumer.principal,
      action: `dynamodb:${action}`,
      resource,
      context: {},
      status: 200,
    });
  report("ListStreams", "*");
  report("DescribeStream", stream.table.streamArn);
  report("GetShardIterator", stream.table.streamArn);

  const moveTo = (record: StreamRecord | undefined) => {
    if (record !== undefined) stream.moveTo(consumer.functionName, sequenceOf(record));
  };

  // Known from the start: what a consumer has not had yet stays on disk, even if nothing ever reaches it.
  stream.moveTo(consumer.functionName, stream.position(consumer.functionName));

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waiting = stream.after(stream.position(consumer.functionName));
      const batch = fitting(waiting.filter((record) => passes(record)).slice(0, consumer.batchSize));
      if (batch.length > 0) {
        report("GetRecords", stream.table.streamArn);
        await work(batch);
        continue;
      }
      moveTo(waiting.at(-1));
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  /** Delivers `batch` until it is taken, given up, or the consumer stops. */
  async function work(batch: readonly StreamRecord[]): Promise<void> {
    let left = batch;
    let failures = 0;
    for (let pause = firstPause; !stopping.signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      const shortfall = await attempt(left);
      if (shortfall === undefined) return moveTo(left.at(-1));
      if (shortfall === "unknown") {
        await reached(clock, clock.now() + pause, stopping.signal);
        continue;
      }
      if (shortfall.from > 0) {
        moveTo(left[shortfall.from - 1]);
        left = left.slice(shortfall.from);
        failures = 0;
      } else if (consumer.bisectBatchOnFunctionError && left.length > 1) {
        // Splitting does not use up the retries (AWS Lambda Developer Guide, DynamoDB errors).
        const middle = Math.ceil(left.length / 2);
        await work(left.slice(0, middle));
        if (stopping.signal.aborted) return;
        return work(left.slice(middle));
      } else {
        failures += 1;
        if (consumer.maximumRetryAttempts >= 0 && failures > consumer.maximumRetryAttempts) {
          return giveUp(left, failures, shortfall.error);
        }
      }
      await reached(clock, clock.now() + pause, stopping.signal);
    }
  }

  async function attempt(batch: readonly StreamRecord[]): Promise<Shortfall> {
    let result: InvocationResult;
    try {
      result = await deliver({ Records: batch });
    } catch (error) {
      if (!stopping.signal.aborted)
        process.emitWarning(`The outcome of ${consumer.functionName} is unknown: ${String(error)}`);
      return "unknown";
    }
    if ("errorType" in result) return { from: 0, error: result.errorType };
    return consumer.reportBatchItemFailures ? reportedShortfall(result.payload, batch) : undefined;
  }

  async function giveUp(batch: readonly StreamRecord[], attempts: number, error: string): Promise<void> {
    const document = discarded(stream, consumer.functionName, batch, { attempts, error, now: clock.now() });
    for (let pause = firstPause; !stopping.signal.aborted; pause = Math.min(2 * pause, longestPause)) {
      try {
        await consumer.onFailure(document);
        return moveTo(batch.at(-1));
      } catch (error) {
        // Until the destination has taken it, the batch stays the next one: it must not be lost.
        process.emitWarning(`The on-failure destination of ${consumer.functionName} refused a batch: ${String(error)}`);
        await reached(clock, clock.now() + pause, stopping.signal);
      }
    }
  }

  const following = follow();
  return {
    close: () => {
      stopping.abort();
      return following;
    },
  };
}

/** The first of `records` that one event holds; at least one. */
function fitting(records: readonly StreamRecord[]): readonly StreamRecord[] {
  let bytes = 0;
  const end = records.findIndex((record) => {
    bytes += Buffer.byteLength(JSON.stringify(record)) + 1;
    return bytes > largestBatch;
  });
  return end < 0 ? records : records.slice(0, Math.max(1, end));
}

/** The lowest reported record, by the rules of https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html */
function reportedShortfall(payload: Json, batch: readonly StreamRecord[]): Shortfall {
  if (payload === null || payload === "") return undefined;
  const failures = isRecord(payload) ? (payload["batchItemFailures"] ?? []) : undefined;
  if (!isList(failures)) return { from: 0, error: "InvalidBatchResponse" };
  if (failures.length === 0) return undefined;
  const places = failures.map((failure) =>
    batch.findIndex((record) => isRecord(failure) && record.dynamodb.SequenceNumber === failure["itemIdentifier"]),
  );
  // -1: an identifier that is empty, null, misnamed or foreign makes the whole batch a failure.
  return { from: Math.max(0, Math.min(...places)), error: "ReportBatchItemFailures" };
}

function discarded(
  stream: TableStream,
  functionName: string,
  batch: readonly StreamRecord[],
  { attempts, error, now }: { readonly attempts: number; readonly error: string; readonly now: number },
): DiscardedBatch {
  const [first, last] = [batch[0], batch.at(-1)];
  if (first === undefined || last === undefined) throw new Failure("internal", "An empty batch cannot be given up.");
  const arrival = (record: StreamRecord) => new Date(record.dynamodb.ApproximateCreationDateTime * 1000).toISOString();
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: `arn:aws:lambda:${localRegion}:${localAccount}:function:${functionName}`,
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: attempts,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: error },
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: "shardId-00000000000000000000-00000000",
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: batch.length,
      streamArn: stream.table.streamArn,
    },
    payload: JSON.stringify({ Records: batch }),
  };
}
