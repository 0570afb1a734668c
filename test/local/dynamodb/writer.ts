// A process of its own that writes to a table with a stream until it is killed: `node dynamodb-writer.ts REVIEWER_DIRECTORY`.
import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import { streamedTable } from "./streamed-table.ts";

const [directory = ""] = process.argv.slice(2);
const service = await startDynamoDb({ directory, log: { record: () => {} } });
await service.createTable(streamedTable);
const client = new DynamoDBClient({
  endpoint: service.url,
  region: "us-east-1",
  credentials: { accessKeyId: "writer", secretAccessKey: "none" },
});
for (let n = 0; ; n += 3) {
  const [one, two, three] = [n, n + 1, n + 2].map((id) => ({ pk: { S: String(id) } }));
  await Promise.all([
    client.send(new PutItemCommand({ TableName: "promotions", Item: one })),
    client.send(
      new BatchWriteItemCommand({
        RequestItems: { promotions: [{ PutRequest: { Item: two } }, { PutRequest: { Item: three } }] },
      }),
    ),
  ]);
  process.stdout.write(".");
}
