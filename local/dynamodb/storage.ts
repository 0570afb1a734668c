import { mkdirSync } from "node:fs";
import type { AddressInfo } from "node:net";
import dynalite from "dynalite";
import type { AwsJsonAnswer } from "../aws/aws-json-server.ts";
import { asRecord, type JsonObject } from "../aws/json-shape.ts";

/** The tables themselves: dynalite on LevelDB, which nobody but the front in dynamodb.ts talks to. */
export interface DynamoDbStorage {
  call(operation: string, body: JsonObject): Promise<AwsJsonAnswer>;
  close(): Promise<void>;
}

/**
 * Opens dynalite 4 on `directory`. Tried and right: conditional writes, `attribute_not_exists`, `if_not_exists`,
 * `list_append`, ConsistentRead, global secondary indexes with projections, paging. It lacks: transactions, TTL,
 * streams, `ReturnValuesOnConditionCheckFailure` and UpdateTable of attributes; parameters that it does not know it
 * ignores, so the front lets none of those through. A write is given to the operating system, not forced to disk.
 */
export async function openDynamoDbStorage(directory: string): Promise<DynamoDbStorage> {
  mkdirSync(directory, { recursive: true });
  const server = dynalite({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  // The front's idle connections must not be dropped under a write.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    call: async (operation, body) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.0",
          "x-amz-target": `DynamoDB_20120810.${operation}`,
          "x-amz-date": "20260101T000000Z",
          // dynalite looks for the parts of a signature and checks none of them.
          authorization: "AWS4-HMAC-SHA256 Credential=front/x, SignedHeaders=host, Signature=none",
        },
        body: JSON.stringify(body),
      });
      return { status: response.status, body: asRecord(await response.json(), "dynalite's answer") };
    },
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
      }),
  };
}
