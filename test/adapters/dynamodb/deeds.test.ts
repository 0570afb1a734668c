import { once } from "node:events";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, it, onTestFinished } from "vitest";
import { putOnce } from "../../../adapters/dynamodb/deeds.ts";
import { toItem } from "../../../adapters/dynamodb/item.ts";
import { listenOnLoopback } from "../../../local/loopback-server.ts";
import { credentials } from "../../local/recorded-calls.ts";

it("what the table does not take in time is told to whoever did it, who does it again", async () => {
  const server = await listenOnLoopback(async (request) => {
    // Nothing is answered, until whoever asked has gone.
    await once(request.socket, "close");
  });
  onTestFinished(() => server.close());
  const client = new DynamoDBClient({ endpoint: server.url, region: "us-east-1", credentials });
  await expect(putOnce(client, "promotions", toItem({ pk: "PASSKEY", sk: "one#revoke" }), 50)).rejects.toMatchObject({
    code: "unavailable",
    message: "It was not recorded in time: try again.",
  });
});
