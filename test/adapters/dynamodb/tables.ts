import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { onTestFinished } from "vitest";
import { absenceStore } from "../../../adapters/dynamodb/absences.ts";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { exportJobStore } from "../../../adapters/dynamodb/export-jobs.ts";
import { intruderIndex } from "../../../adapters/dynamodb/intruder-index.ts";
import { laneStore } from "../../../adapters/dynamodb/lanes.ts";
import { passkeyStore } from "../../../adapters/dynamodb/passkeys.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { replayStore } from "../../../adapters/dynamodb/replays.ts";
import { sequencerStore } from "../../../adapters/dynamodb/sequencer-store.ts";
import { taskTokenStore } from "../../../adapters/dynamodb/task-tokens.ts";
import { startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const index = (name: string, key: string) => ({
  IndexName: name,
  KeySchema: [
    { AttributeName: key, KeyType: "HASH" },
    { AttributeName: "submittedAt", KeyType: "RANGE" },
  ],
  Projection: { ProjectionType: "ALL" },
});
const text = (name: string) => ({ AttributeName: name, AttributeType: "S" });
const hash = { AttributeName: "pk", KeyType: "HASH" };
const range = { AttributeName: "sk", KeyType: "RANGE" };

/** A DynamoDB of its own with the tables, and what reads and writes them. */
export async function open() {
  const log = new RecordedCalls();
  const local = await startDynamoDb({ directory: scratchDirectory(), log });
  onTestFinished(() => local.close());
  await local.createTable({
    TableName: "promotions",
    KeySchema: [hash, range],
    AttributeDefinitions: ["pk", "sk", "status", "submittedAt", "modelTarget"].map(text),
    BillingMode: "PAY_PER_REQUEST",
    GlobalSecondaryIndexes: [index("byStatus", "status"), index("byModel", "modelTarget")],
  });
  const single = { KeySchema: [hash], AttributeDefinitions: [text("pk")], BillingMode: "PAY_PER_REQUEST" };
  await local.createTable({ TableName: "tokens", ...single });
  await local.createTable({ TableName: "replays", ...single });
  await local.createTable({
    TableName: "ledger",
    KeySchema: [hash, range],
    AttributeDefinitions: [text("pk"), text("sk")],
    BillingMode: "PAY_PER_REQUEST",
  });
  const client = new DynamoDBClient({ endpoint: local.url, region: "us-east-1", credentials });
  onTestFinished(() => client.destroy());
  return {
    client,
    calls: () => log.calls.length,
    promotions: promotionStore(client, "promotions"),
    intruders: intruderIndex(client, "promotions"),
    passkeys: passkeyStore(client, "promotions"),
    delegations: delegationStore(client, "promotions"),
    absences: absenceStore(client, "promotions"),
    lanes: laneStore(client, "promotions"),
    tokens: taskTokenStore(client, "tokens"),
    exports: exportJobStore(client, "promotions"),
    replays: replayStore(client, "replays"),
    sequencer: sequencerStore(client, "ledger"),
  };
}
