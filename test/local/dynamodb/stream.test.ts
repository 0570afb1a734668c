import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LocalDynamoDb, startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import type { StreamRecord } from "../../../local/dynamodb/stream.ts";
import type { StreamConsumer } from "../../../local/lambda/stream-consumer.ts";
import { streamedTable } from "./streamed-table.ts";

const TableName = "promotions";
const consumer: StreamConsumer = {
  functionName: "decide",
  principal: "decide",
  batchSize: 10,
  filterPatterns: [],
  bisectBatchOnFunctionError: false,
  maximumRetryAttempts: 3,
  reportBatchItemFailures: false,
  onFailure: async () => {},
};

let directory: string;
let service: LocalDynamoDb;
let client: DynamoDBClient;

async function start() {
  service = await startDynamoDb({ directory, log: { record: () => {} } });
  await service.createTable(streamedTable);
  client = new DynamoDBClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "submit", secretAccessKey: "none" },
    maxAttempts: 1,
  });
}

async function stop() {
  client.destroy();
  await service.close();
}

/** The records up to and with the one that puts the item `last`, as a new consumer gets them. */
function recordsUntil(last: string, functionName = "reader"): Promise<readonly StreamRecord[]> {
  return new Promise((resolve) => {
    const seen: StreamRecord[] = [];
    service.addConsumer(TableName, { ...consumer, functionName }, async ({ Records }) => {
      seen.push(...Records);
      if (Records.some((record) => pkOf(record) === last)) resolve(seen.filter((record) => pkOf(record) !== last));
      return { payload: null };
    });
  });
}

function pkOf(record: StreamRecord): string {
  return String(Object.values(record.dynamodb.Keys["pk"] ?? {})[0]);
}

const put = (pk: string, attributes: Record<string, { S: string }> = {}) =>
  client.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, ...attributes } }));

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "dynamodb-stream-"));
  await start();
});

afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

it("whoever wants to hear of changes hears the key of each item that was changed, and of none that stayed as it was", async () => {
  const heard: unknown[] = [];
  service.onChange((key) => heard.push(key));
  await put("a", { title: { S: "one" } });
  await put("a", { title: { S: "one" } });
  await put("b");
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "a" } } }));
  expect(heard).toEqual([{ pk: { S: "a" } }, { pk: { S: "b" } }, { pk: { S: "a" } }]);
});

describe("the stream of a table", () => {
  it("tells what each write changed, with the item before and after", async () => {
    await put("a", { title: { S: "one" } });
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: "a" } },
        UpdateExpression: "SET title = :t",
        ExpressionAttributeValues: { ":t": { S: "two" } },
      }),
    );
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "a" } } }));
    await put("end");
    const records = await recordsUntil("end");
    const Keys = { pk: { S: "a" } };
    const [one, two] = [
      { ...Keys, title: { S: "one" } },
      { ...Keys, title: { S: "two" } },
    ];
    expect(records).toMatchObject([
      {
        eventName: "INSERT",
        eventSource: "aws:dynamodb",
        dynamodb: { Keys, NewImage: one, SequenceNumber: "000000000000000000001" },
      },
      { eventName: "MODIFY", dynamodb: { Keys, OldImage: one, NewImage: two, StreamViewType: "NEW_AND_OLD_IMAGES" } },
      { eventName: "REMOVE", dynamodb: { Keys, OldImage: two } },
    ]);
    expect(records[0]?.dynamodb).not.toHaveProperty("OldImage");
    expect(records[2]?.dynamodb).not.toHaveProperty("NewImage");
    expect(records[0]?.eventSourceARN).toMatch(/^arn:aws:dynamodb:us-east-1:000000000000:table\/promotions\/stream\//);
  });

  it("stays silent where nothing changed: an identical put, a refused condition, a delete of nothing", async () => {
    await client.send(new PutItemCommand({ TableName, Item: { pk: { S: "a" }, roles: { SS: ["x", "y"] } } }));
    await client.send(new PutItemCommand({ TableName, Item: { pk: { S: "a" }, roles: { SS: ["y", "x"] } } }));
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: { S: "b" } } }));
    const refused = client.send(
      new PutItemCommand({ TableName, Item: { pk: { S: "a" } }, ConditionExpression: "attribute_not_exists(pk)" }),
    );
    await expect(refused).rejects.toMatchObject({ name: "ConditionalCheckFailedException" });
    await put("end");
    expect(await recordsUntil("end")).toHaveLength(1);
  });

  it("has one record for each write of a batch", async () => {
    await put("gone");
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: {
          [TableName]: [
            { PutRequest: { Item: { pk: { S: "new" } } } },
            { DeleteRequest: { Key: { pk: { S: "gone" } } } },
          ],
        },
      }),
    );
    await put("end");
    const changes = (await recordsUntil("end")).map((record) => `${record.eventName} ${pkOf(record)}`);
    expect(changes[0]).toBe("INSERT gone");
    expect(changes.slice(1).sort()).toEqual(["INSERT new", "REMOVE gone"]);
  });

  it("keeps the order of many writes to one item that arrive at once", async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => put("a", { n: { S: String(n) } })));
    await put("end");
    const records = await recordsUntil("end");
    expect(records).toHaveLength(30);
    for (const [index, record] of records.slice(1).entries()) {
      expect(record.dynamodb.OldImage).toEqual(records[index]?.dynamodb.NewImage);
    }
  });

  it("goes on after a restart where a function stopped, and numbers on", async () => {
    await put("a");
    await recordsUntil("a", "decide");
    await stop();
    await start();
    await put("b");
    await stop();
    await start();
    const delivered = new Promise<readonly StreamRecord[]>((resolve) =>
      service.addConsumer(TableName, consumer, async ({ Records }) => {
        resolve(Records);
        return { payload: null };
      }),
    );
    expect((await delivered).map((record) => record.dynamodb.SequenceNumber)).toEqual(["000000000000000000002"]);
  });

  it("drops from the disk what every consumer has had", async () => {
    await put("a");
    await recordsUntil("a");
    await stop();
    await start();
    expect(readFileSync(join(directory, "streams", "promotions.jsonl"), "utf8")).toBe('{"lastSequence":1}\n');
  });
});

describe("two functions that follow one stream", () => {
  it("each get everything, also when one of them has failed since the beginning", async () => {
    const refused = new Promise<void>((resolve) =>
      service.addConsumer(TableName, { ...consumer, functionName: "archive" }, async () => {
        resolve();
        return { errorType: "down", errorMessage: "" };
      }),
    );
    await put("a");
    await recordsUntil("a", "decide");
    await refused;
    await stop();
    await start();
    await put("end");
    expect((await recordsUntil("end", "archive")).map(pkOf)).toEqual(["a"]);
  });
});

describe("a crash between a write and its record", () => {
  const crashedWith = async (...intents: readonly object[]) => {
    await stop();
    for (const intent of intents) {
      appendFileSync(join(directory, "streams", "promotions.jsonl"), `${JSON.stringify({ intent })}\n`);
    }
    // The line that the crash cut short.
    appendFileSync(join(directory, "streams", "promotions.jsonl"), '{"settled":1,"rec');
    await start();
  };

  it("is made good after the restart where the write had taken place", async () => {
    await put("a", { title: { S: "after" } });
    const old = { pk: { S: "a" }, title: { S: "before" } };
    await crashedWith({ id: 7, key: { pk: { S: "a" } }, old, at: 0 });
    await put("end");
    expect((await recordsUntil("end"))[1]).toMatchObject({
      eventName: "MODIFY",
      dynamodb: { OldImage: old, NewImage: { pk: { S: "a" }, title: { S: "after" } } },
    });
  });

  it("leaves no record where the write had not taken place", async () => {
    await crashedWith({ id: 1, key: { pk: { S: "a" } }, old: null, at: 0 });
    await put("end");
    expect(await recordsUntil("end")).toEqual([]);
  });

  it("loses and doubles nothing when the process is killed in the middle of writing", async () => {
    const own = mkdtempSync(join(tmpdir(), "dynamodb-killed-"));
    const child = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), own], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let written = 0;
    for await (const chunk of child.stdout) {
      written += chunk.length;
      if (written >= 20) break;
    }
    child.kill("SIGKILL");
    await once(child, "exit");

    const survivor = await startDynamoDb({ directory: own, log: { record: () => {} }, scan: true });
    await survivor.createTable(streamedTable);
    const records = new Promise<readonly StreamRecord[]>((resolve) =>
      survivor.addConsumer(TableName, { ...consumer, batchSize: 10_000 }, async ({ Records }) => {
        resolve(Records);
        return { payload: null };
      }),
    );
    const reader = new DynamoDBClient({
      endpoint: survivor.url,
      region: "us-east-1",
      credentials: { accessKeyId: "reader", secretAccessKey: "none" },
    });
    const { Items = [] } = await reader.send(new ScanCommand({ TableName }));
    reader.destroy();
    expect(Items.length).toBeGreaterThanOrEqual(60);
    expect((await records).map(pkOf).sort()).toEqual(Items.map((item) => item["pk"]?.S).sort());
    await survivor.close();
    rmSync(own, { recursive: true });
  });
});
