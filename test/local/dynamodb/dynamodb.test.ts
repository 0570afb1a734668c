import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AwsCall } from "../../../local/aws/aws-call.ts";
import type { JsonObject } from "../../../local/aws/json-shape.ts";
import { type LocalDynamoDb, startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";

const properties: JsonObject = {
  TableName: "promotions",
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
  AttributeDefinitions: [
    { AttributeName: "pk", AttributeType: "S" },
    { AttributeName: "sk", AttributeType: "S" },
    { AttributeName: "status", AttributeType: "S" },
  ],
  BillingMode: "PAY_PER_REQUEST",
  GlobalSecondaryIndexes: [
    {
      IndexName: "by-status",
      KeySchema: [
        { AttributeName: "status", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["title"] },
    },
  ],
  TimeToLiveSpecification: { AttributeName: "expires", Enabled: true },
  PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  DeletionProtectionEnabled: true,
};

const TableName = "promotions";
const key = (sk: string) => ({ pk: { S: "p" }, sk: { S: sk } });
let directory: string;
let service: LocalDynamoDb;
let client: DynamoDBClient;
let calls: AwsCall[];

async function start() {
  calls = [];
  service = await startDynamoDb({ directory, log: { record: (call) => calls.push(call) } });
  await service.createTable(properties);
  client = new DynamoDBClient({
    endpoint: service.url,
    region: "us-east-1",
    credentials: { accessKeyId: "decide", secretAccessKey: "none" },
    maxAttempts: 1,
  });
}

async function stop() {
  client.destroy();
  await service.close();
}

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "dynamodb-"));
  await start();
});

afterEach(async () => {
  await stop();
  rmSync(directory, { recursive: true });
});

describe("the local DynamoDB", () => {
  it("lets the first of two conditional puts win, and shows what stood in the way", async () => {
    const put = (title: string) =>
      client.send(
        new PutItemCommand({
          TableName,
          Item: { ...key("1"), title: { S: title } },
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
    const outcomes = await Promise.allSettled([put("first"), put("second")]);
    const refused = outcomes.find((outcome) => outcome.status === "rejected");
    expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
    expect(refused?.reason).toMatchObject({ name: "ConditionalCheckFailedException", Item: { sk: { S: "1" } } });
  });

  it("updates with if_not_exists and list_append under a condition, and reads it back consistently", async () => {
    const update = () =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: key("1"),
          UpdateExpression: "SET #s = :s, trail = list_append(if_not_exists(trail, :none), :entry) ADD version :one",
          ConditionExpression: "attribute_not_exists(#s) OR #s = :s",
          ExpressionAttributeNames: { "#s": "status" },
          ExpressionAttributeValues: {
            ":s": { S: "in-review" },
            ":none": { L: [] },
            ":entry": { L: [{ S: "seen" }] },
            ":one": { N: "1" },
          },
          ReturnValues: "ALL_NEW",
        }),
      );
    await update();
    const { Attributes } = await update();
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: key("1"), ConsistentRead: true }));
    expect(Item).toEqual({
      ...key("1"),
      status: { S: "in-review" },
      trail: { L: [{ S: "seen" }, { S: "seen" }] },
      version: { N: "2" },
    });
    expect(Attributes).toEqual(Item);
  });

  it("pages through an index and gives what it projects", async () => {
    for (const sk of ["1", "2", "3"]) {
      await client.send(
        new PutItemCommand({
          TableName,
          Item: { ...key(sk), status: { S: "open" }, title: { S: sk }, secret: { S: "x" } },
        }),
      );
    }
    const query = {
      TableName,
      IndexName: "by-status",
      KeyConditionExpression: "#s = :s AND sk > :from",
      ExpressionAttributeNames: { "#s": "status" },
      ExpressionAttributeValues: { ":s": { S: "open" }, ":from": { S: "1" } },
      Limit: 1,
    };
    const first = await client.send(new QueryCommand(query));
    const second = await client.send(new QueryCommand({ ...query, ExclusiveStartKey: first.LastEvaluatedKey }));
    expect([...(first.Items ?? []), ...(second.Items ?? [])]).toEqual(
      ["2", "3"].map((sk) => ({ ...key(sk), status: { S: "open" }, title: { S: sk } })),
    );
  });

  it("writes and reads in batches, and deletes", async () => {
    await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: ["1", "2"].map((sk) => ({ PutRequest: { Item: key(sk) } })) },
      }),
    );
    await client.send(new DeleteItemCommand({ TableName, Key: key("1") }));
    const { Responses } = await client.send(
      new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: [key("1"), key("2")] } } }),
    );
    expect(Responses).toEqual({ [TableName]: [key("2")] });
  });

  it("writes all of a transaction or nothing of it, and says which condition did not hold", async () => {
    const together = (...titles: readonly [string, string]) =>
      client.send(
        new TransactWriteItemsCommand({
          TransactItems: [
            {
              Update: {
                TableName,
                Key: key("1"),
                UpdateExpression: "SET title = :title",
                ExpressionAttributeValues: { ":title": { S: titles[0] } },
              },
            },
            {
              Put: {
                TableName,
                Item: { ...key("2"), title: { S: titles[1] } },
                ConditionExpression: "attribute_not_exists(pk)",
              },
            },
          ],
        }),
      );
    await together("a", "b");
    expect(calls.map(({ action }) => action)).toEqual(["dynamodb:UpdateItem", "dynamodb:PutItem"]);
    await expect(together("c", "d")).rejects.toMatchObject({
      name: "TransactionCanceledException",
      CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed" }],
    });
    const titles = ["1", "2"].map(async (sk) => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: key(sk) }));
      return Item?.["title"]?.S;
    });
    expect(await Promise.all(titles)).toEqual(["a", "b"]);
  });

  it("logs each call with principal, action and the ARN of table or index", async () => {
    await client.send(new GetItemCommand({ TableName, Key: key("1") }));
    await client.send(
      new QueryCommand({
        TableName,
        IndexName: "by-status",
        KeyConditionExpression: "#s = :s",
        ExpressionAttributeNames: { "#s": "status" },
        ExpressionAttributeValues: { ":s": { S: "open" } },
      }),
    );
    const table = "arn:aws:dynamodb:us-east-1:000000000000:table/promotions";
    expect(calls.map(({ at, ...call }) => call)).toEqual([
      { principal: "decide", action: "dynamodb:GetItem", resource: table, context: {}, status: 200 },
      { principal: "decide", action: "dynamodb:Query", resource: `${table}/index/by-status`, context: {}, status: 200 },
    ]);
  });

  it.each([
    ["an operation", new TransactGetItemsCommand({ TransactItems: [] }), "UnknownOperationException"],
    ["a transaction of nothing", new TransactWriteItemsCommand({ TransactItems: [] }), "ValidationException"],
    [
      "a part of a transaction",
      new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName, Key: key("1") } }] }),
      "ValidationException",
    ],
    [
      "one item twice in a transaction",
      new TransactWriteItemsCommand({
        TransactItems: [{ Put: { TableName, Item: key("1") } }, { Put: { TableName, Item: key("1") } }],
      }),
      "ValidationException",
    ],
    ["looking at a table", new DescribeTableCommand({ TableName }), "UnknownOperationException"],
    ["a scan that nobody asked for", new ScanCommand({ TableName }), "UnknownOperationException"],
    ["a parameter", new PutItemCommand({ TableName, Item: key("1"), Expected: {} }), "ValidationException"],
    [
      "a table that is not in the template",
      new GetItemCommand({ TableName: "other", Key: key("1") }),
      "ResourceNotFoundException",
    ],
    ["an item without its key", new PutItemCommand({ TableName, Item: { pk: { S: "p" } } }), "ValidationException"],
  ])("refuses %s that it does not carry with DynamoDB's own error", async (_, command, name) => {
    await expect(client.send(command as GetItemCommand)).rejects.toMatchObject({ name });
  });

  it("has everything after a restart", async () => {
    await client.send(new PutItemCommand({ TableName, Item: key("1") }));
    await stop();
    await start();
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: key("1") }));
    expect(Item).toEqual(key("1"));
  });

  it("refuses a table whose keys on disk are others, and properties that it does not know", async () => {
    const KeySchema = [{ AttributeName: "pk", KeyType: "HASH" }];
    await expect(service.createTable({ ...properties, KeySchema })).rejects.toThrow(/other keys or indexes/);
    await expect(service.createTable({ ...properties, KinesisStreamSpecification: {} })).rejects.toThrow(
      /KinesisStreamSpecification/,
    );
  });

  it("takes a global table with one replica", async () => {
    const { BillingMode, KeySchema, AttributeDefinitions } = properties;
    const table = await service.createTable({
      ...{ TableName: "tokens", BillingMode: BillingMode ?? null, KeySchema: KeySchema ?? null },
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "sk", AttributeType: "S" },
      ],
      Replicas: [{ Region: "us-east-1", PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }],
    });
    expect(AttributeDefinitions).toBeDefined();
    expect(table).toMatchObject({ name: "tokens", keyNames: ["pk", "sk"], streamArn: undefined });
  });
});
