import { randomBytes } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it, onTestFinished } from "vitest";
import { toItem } from "../../../adapters/dynamodb/item.ts";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { policyKey } from "../../../adapters/dynamodb/promotion-items.ts";
import { packBundle } from "../../../core/policy/policy-bundle.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import { shipped } from "../../core/archive/house.ts";
import { digestOf, now } from "../../core/promotion/promotion-in-review.ts";
import { refused, told } from "../../core/refusal.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

async function open() {
  const local = await startDynamoDb({ directory: scratchDirectory(), log: new RecordedCalls() });
  onTestFinished(() => local.close());
  await local.createTable({
    TableName: "promotions",
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    BillingMode: "PAY_PER_REQUEST",
  });
  const client = new DynamoDBClient({ endpoint: local.url, region: "us-east-1", credentials });
  onTestFinished(() => client.destroy());
  return { client, policies: policyStore(client, "promotions") };
}

const version = (name: string, number: number): PolicyInForce => ({
  digest: digestOf(name),
  documents: [],
  since: now,
  number,
});

describe("which policies are in force", () => {
  it("is nothing at first, then the first, and of two that want to be the first one is", async () => {
    const { policies } = await open();
    expect(await policies.inForce()).toBeUndefined();
    expect(await policies.replace(undefined, version("first", 1))).toBe("replaced");
    expect(await policies.replace(undefined, version("other", 1))).toBe("lost");
    expect(await policies.inForce()).toEqual(version("first", 1));
  });

  it("changes only from the version that the change was made for", async () => {
    const { policies } = await open();
    await policies.replace(undefined, version("first", 1));
    expect(await policies.replace(digestOf("another"), version("second", 2))).toBe("lost");
    expect(await policies.replace(digestOf("first"), version("second", 2))).toBe("replaced");
    expect(await policies.replace(digestOf("first"), version("third", 2))).toBe("lost");
    expect(await policies.inForce()).toEqual(version("second", 2));
  });
});

describe("a version of the policies", () => {
  it("comes back as it was under its digest, however often it is kept", async () => {
    const { policies } = await open();
    expect(await policies.keep(shipped.bundle)).toBe(shipped.digest);
    expect(await policies.keep(shipped.bundle)).toBe(shipped.digest);
    expect(await policies.get(shipped.digest)).toEqual(shipped.bundle);
  });

  it("that is gone, or another, is refused", async () => {
    const { client, policies } = await open();
    expect(told(await refused(policies.get(digestOf("gone"))))).toMatch(/^ledger-invalid: .* are not in the table\.$/);
    const digest = await policies.keep(shipped.bundle);
    const others = { ...shipped.bundle, texts: { ...shipped.bundle.texts, "people.yaml": "people: []\n" } };
    const brotli = new Uint8Array(
      brotliCompressSync(packBundle(others), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
    );
    const item = toItem({ ...policyKey(digest), kind: "policy", brotli });
    await client.send(new PutItemCommand({ TableName: "promotions", Item: item }));
    expect(told(await refused(policies.get(digest)))).toMatch(/^ledger-invalid: The policies .* others\.$/);
  });

  it("that no item of the table can hold is refused with its size", async () => {
    const { policies } = await open();
    const noise = new Uint8Array(randomBytes(400 * 1024));
    expect(told(await refused(policies.keep({ ...shipped.bundle, wasm: noise })))).toMatch(
      /^invalid-policy: The policies have \d+ bytes once they are compressed; at most 389120 can be kept\.$/,
    );
  });

  it("that could not be read again, however small it gets, is not kept", async () => {
    const { policies } = await open();
    const texts = { ...shipped.bundle.texts, "people.yaml": "#".repeat(4 * 1024 * 1024) };
    expect(told(await refused(policies.keep({ ...shipped.bundle, texts })))).toMatch(
      /^invalid-policy: The policies have \d+ bytes; at most 4194304 work\.$/,
    );
  });
});
