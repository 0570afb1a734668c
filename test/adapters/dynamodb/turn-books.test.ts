import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { expect, it, onTestFinished } from "vitest";
import { fromItem } from "../../../adapters/dynamodb/item.ts";
import { turnBooks } from "../../../adapters/dynamodb/turn-books.ts";
import { addSeconds, msOfInstant } from "../../../core/encoding/instant.ts";
import { startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import { cora, now } from "../../core/promotion/promotion-in-review.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

it("who is about to record something is written by one at a time, and is gone an hour after the last of them", async () => {
  const local = await startDynamoDb({ directory: scratchDirectory(), log: new RecordedCalls(), scan: true });
  onTestFinished(() => local.close());
  await local.createTable({
    TableName: "replays",
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  });
  const client = new DynamoDBClient({ endpoint: local.url, region: "us-east-1", credentials });
  onTestFinished(() => client.destroy());
  const turns = turnBooks(client, "replays");
  const [first, last] = [60, 0].map((ago) => ({ id: `${ago}`, by: cora.identity, at: addSeconds(now, -ago) }));
  if (first === undefined || last === undefined) throw new Error("Nobody entered.");
  expect(await turns.load("questions")).toBeUndefined();
  expect(await turns.move("questions", { revision: 1, entered: [first] })).toBe("moved");
  expect(await turns.move("questions", { revision: 1, entered: [] })).toBe("lost");
  expect(await turns.move("questions", { revision: 2, entered: [last, first] })).toBe("moved");
  expect(await turns.move("questions", { revision: 2, entered: [] })).toBe("lost");
  expect(await turns.load("questions")).toEqual({ revision: 2, entered: [last, first] });
  expect(await turns.load("delegations")).toBeUndefined();
  const { Items: items = [] } = await client.send(new ScanCommand({ TableName: "replays" }));
  expect(items.map((item) => fromItem<{ expiresAtEpoch: number }>(item).expiresAtEpoch)).toEqual([
    msOfInstant(now) / 1000 + 3600,
  ]);
});
