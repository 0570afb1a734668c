import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsCall } from "../../../local/aws/aws-call.ts";
import { openTableStream, type TableStream } from "../../../local/dynamodb/stream.ts";
import { streamArn, tableArn } from "../../../local/dynamodb/table.ts";
import type { InvocationResult } from "../../../local/lambda/invocation.ts";
import {
  type Deliver,
  type DiscardedBatch,
  type StreamConsumer,
  startStreamConsumer,
} from "../../../local/lambda/stream-consumer.ts";
import { type HandClock, handClock } from "../hand-clock.ts";

const table = { name: "t", arn: tableArn("t"), keyNames: ["pk"], streamArn: streamArn("t") };
const failure: InvocationResult = { errorType: "Error", errorMessage: "no" };
const success: InvocationResult = { payload: null };

let directory: string;
let stream: TableStream;
let clock: HandClock;
let calls: AwsCall[];
let discarded: DiscardedBatch[];
let running: { close(): Promise<void> };

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stream-consumer-"));
  stream = openTableStream(directory, table);
  clock = handClock();
  calls = [];
  discarded = [];
});

afterEach(async () => {
  await running.close();
  stream.close();
  rmSync(directory, { recursive: true });
});

function write(...pks: readonly string[]) {
  for (const pk of pks) stream.settle(stream.begin({ pk: { S: pk } }, null, clock.now()), { pk: { S: pk } });
}

function follow(deliver: Deliver, override: Partial<StreamConsumer> = {}) {
  const consumer: StreamConsumer = {
    functionName: "decide",
    principal: "decide-key",
    batchSize: 10,
    filterPatterns: [],
    bisectBatchOnFunctionError: false,
    maximumRetryAttempts: 2,
    reportBatchItemFailures: false,
    onFailure: async (document) => {
      discarded.push(document);
    },
    ...override,
  };
  running = startStreamConsumer(stream, consumer, deliver, { clock, log: { record: (call) => calls.push(call) } });
}

/** Follows the stream with `answer` per batch, moving the clock whenever it waits, until the item `z` has come. */
async function deliveries(answer: (batch: string) => InvocationResult, override: Partial<StreamConsumer> = {}) {
  const batches: string[] = [];
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  follow(async ({ Records }) => {
    const batch = Records.map((record) => Object.values(record.dynamodb.Keys["pk"] ?? {})[0]).join("");
    batches.push(batch);
    const result = answer(batch);
    const taken = JSON.stringify(result) === JSON.stringify(success) || JSON.stringify(result).includes("[]");
    if (batch.includes("z") && taken) finish();
    return result;
  }, override);
  const ticking = (async () => {
    for (;;) if ((await Promise.race([clock.next(), finished.then(() => "finished")])) === "finished") return;
  })();
  await Promise.all([finished, ticking]);
  return batches;
}

const failing = (bad: string) => (batch: string) => (batch.includes(bad) ? failure : success);

/** Reports the record `bad` as failed, by its sequence number. */
const reporting = (bad: string, all: string) => (batch: string) => ({
  payload: batch.includes(bad)
    ? { batchItemFailures: [{ itemIdentifier: String(all.indexOf(bad) + 1).padStart(21, "0") }] }
    : { batchItemFailures: [] },
});

describe("a function that follows a stream", () => {
  it("gets records in order, in batches of the size it asked for", async () => {
    write("a", "b", "c", "z");
    expect(await deliveries(() => success, { batchSize: 3 })).toEqual(["abc", "z"]);
  });

  it("gets no batch larger than Lambda's payload, and one at least", async () => {
    const large = { pk: { S: "a" }, filler: { S: "x".repeat(3_500_000) } };
    for (const pk of ["a", "b", "c"]) {
      stream.settle(stream.begin({ pk: { S: pk } }, null, clock.now()), { ...large, pk: { S: pk } });
    }
    write("z");
    expect(await deliveries(() => success)).toEqual(["a", "b", "cz"]);
  });

  it("is woken by a record that comes later", async () => {
    const batches = deliveries(() => success);
    write("z");
    expect(await batches).toEqual(["z"]);
  });

  it("gets only what its filters let through", async () => {
    write("a", "b", "z");
    const filterPatterns = [JSON.stringify({ dynamodb: { Keys: { pk: { S: [{ "anything-but": ["b"] }] } } } })];
    expect(await deliveries(() => success, { filterPatterns })).toEqual(["az"]);
  });

  it("is tried again with the whole batch, as often as allowed, before the batch is given up", async () => {
    write("a", "b", "z");
    expect(await deliveries(failing("a"), { batchSize: 2 })).toEqual(["ab", "ab", "ab", "z"]);
  });

  it("hands what it gives up to the on-failure destination, with the whole event", async () => {
    write("a", "z");
    const batches = await deliveries(failing("a"), { batchSize: 1 });
    expect(batches).toEqual(["a", "a", "a", "z"]);
    expect(discarded).toMatchObject([
      {
        requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 3 },
        DDBStreamBatchInfo: { batchSize: 1, startSequenceNumber: "000000000000000000001", streamArn: table.streamArn },
      },
    ]);
    expect(JSON.parse(discarded[0]?.payload ?? "")).toMatchObject({
      Records: [{ dynamodb: { Keys: { pk: { S: "a" } } } }],
    });
  });

  it("keeps the batch until the destination has taken it", async () => {
    write("a", "z");
    let refusals = 0;
    const batches = await deliveries(failing("a"), {
      batchSize: 1,
      maximumRetryAttempts: 0,
      onFailure: async (document) => {
        refusals += 1;
        if (refusals < 3) throw new Error("the bucket is away");
        discarded.push(document);
      },
    });
    expect(batches).toEqual(["a", "z"]);
    expect(discarded).toHaveLength(1);
  });

  it("has a failed batch split until the bad record stands alone, which uses up no retry", async () => {
    write("a", "b", "c", "z");
    const batches = await deliveries(failing("b"), { bisectBatchOnFunctionError: true, maximumRetryAttempts: 1 });
    expect(batches).toEqual(["abcz", "ab", "a", "b", "b", "cz"]);
    expect(discarded.map(({ DDBStreamBatchInfo: info }) => info.batchSize)).toEqual([1]);
  });

  it("is given only the rest after it reported the first record that failed", async () => {
    write("a", "b", "c", "z");
    let tries = 0;
    const report = reporting("b", "abcz");
    const batches = await deliveries(
      (batch) => {
        tries += 1;
        return tries === 1 ? report(batch) : success;
      },
      { reportBatchItemFailures: true },
    );
    expect(batches).toEqual(["abcz", "bcz"]);
  });

  it("has a reported record that keeps failing isolated and given up, and nothing else", async () => {
    write("a", "b", "c", "z");
    const batches = await deliveries(reporting("b", "abcz"), {
      reportBatchItemFailures: true,
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 1,
    });
    expect(batches).toEqual(["abcz", "bcz", "bc", "b", "b", "c", "z"]);
    expect(discarded.map(({ DDBStreamBatchInfo: info }) => info.startSequenceNumber)).toEqual([
      "000000000000000000002",
    ]);
  });

  it.each([
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["a misnamed identifier", { batchItemFailures: [{ item: "000000000000000000002" }] }],
    ["no list", { batchItemFailures: "000000000000000000002" }],
  ])("fails as a whole when it reports %s", async (_, payload) => {
    write("a", "z");
    let tries = 0;
    const batches = await deliveries(
      () => {
        tries += 1;
        return tries === 1 ? { payload } : success;
      },
      { reportBatchItemFailures: true },
    );
    expect(batches).toEqual(["az", "az"]);
  });

  it("is asked again, without a count, where nobody knows what became of the invocation", async () => {
    write("z");
    let tries = 0;
    const batches = await deliveries(
      () => {
        tries += 1;
        if (tries < 5) throw new Error("cut off");
        return success;
      },
      { maximumRetryAttempts: 0 },
    );
    expect(batches).toHaveLength(5);
    expect(discarded).toEqual([]);
  });

  it("reads the stream under its own role, which needs the grants for that", async () => {
    write("z");
    await deliveries(() => success);
    expect(calls.map(({ principal, action, resource }) => [principal, action, resource])).toEqual([
      ["decide-key", "dynamodb:ListStreams", "*"],
      ["decide-key", "dynamodb:DescribeStream", table.streamArn],
      ["decide-key", "dynamodb:GetShardIterator", table.streamArn],
      ["decide-key", "dynamodb:GetRecords", table.streamArn],
    ]);
  });
});
