import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it, onTestFinished } from "vitest";
import { exportJobStore } from "../../../adapters/dynamodb/export-jobs.ts";
import { toItem } from "../../../adapters/dynamodb/item.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { reconciliationStore } from "../../../adapters/dynamodb/reconciliation-store.ts";
import { storedItems } from "../../../adapters/dynamodb/stored-items.ts";
import { type ExportId, requestedExport } from "../../../core/archive/export/export-job.ts";
import { signOffFact } from "../../../core/attestation/recorded-sign-off.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import { factsIn, requireReadable } from "../../../functions/ledger/stored-facts.ts";
import { startDynamoDb } from "../../../local/dynamodb/dynamodb.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, id, linkOpenedFact, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

async function open() {
  const local = await startDynamoDb({ directory: scratchDirectory(), log: new RecordedCalls(), scan: true });
  onTestFinished(() => local.close());
  await local.createTable({
    TableName: "promotions",
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    AttributeDefinitions: ["pk", "sk"].map((name) => ({ AttributeName: name, AttributeType: "S" })),
    BillingMode: "PAY_PER_REQUEST",
  });
  const client = new DynamoDBClient({ endpoint: local.url, region: "us-east-1", credentials });
  onTestFinished(() => client.destroy());
  return {
    promotions: promotionStore(client, "promotions"),
    exports: exportJobStore(client, "promotions"),
    items: storedItems(client, "promotions", requireReadable),
    client,
    passes: reconciliationStore<{ readonly next: number; readonly from?: string }>(client, "promotions"),
  };
}

it("exports of somebody are found by who asked for them, and are no fact", async () => {
  const { exports, items } = await open();
  expect(await exports.recentOf(cora.identity)).toBeUndefined();
  const asked = [{ id: "5f0c9c1e-3b5d-4c57-9d5e-0a8f4f0f2b11" as ExportId, at: now }];
  expect(await exports.noteRecent(cora.identity, { revision: 1, asked: [] })).toBe("moved");
  expect(await exports.noteRecent(cora.identity, { revision: 2, asked })).toBe("moved");
  expect(await exports.noteRecent(cora.identity, { revision: 2, asked: [] })).toBe("lost");
  expect(await exports.recentOf(cora.identity)).toEqual({ revision: 2, asked });
  expect(await exports.recentOf({ ...cora.identity, subject: "another" })).toBeUndefined();
  const page = await items.page();
  expect(page.items.map((item) => [item.kind, factsIn(item)])).toEqual([["exports-of", []]]);
});

it("an item of a kind that a newer version wrote is there, and is no fact", async () => {
  const { client, items } = await open();
  const item = toItem({ pk: "CARBON#1", sk: "BUDGET", kind: "carbon-budget", document: { grams: 12 } });
  await client.send(new PutItemCommand({ TableName: "promotions", Item: item }));
  const page = await items.page();
  expect(page.items.map((each) => [each, factsIn(each)])).toEqual([[{ kind: "unknown" }, []]]);
});

it("an item that cannot be read, or holds no facts as its kind does, is there by its key, and so are the others", async () => {
  const { client, promotions, items } = await open();
  const odd = { packed: toItem({ document: "no brotli" }), fact: toItem({ document: { id: "f" } }), nothing: {} };
  const kinds = { packed: "promotion", fact: "fact", nothing: "sign-off" } as const;
  for (const [sk, item] of Object.entries(odd)) {
    const Item = { ...toItem({ pk: "ODD", sk, kind: kinds[sk as keyof typeof odd] }), ...item };
    await client.send(new PutItemCommand({ TableName: "promotions", Item }));
  }
  await promotions.recordFact(linkOpenedFact());
  const page = await items.page();
  expect(page.items).toContainEqual({ kind: "fact", fact: linkOpenedFact() });
  const unreadable = page.items.flatMap((each) => (each.kind === "unreadable" ? [each.item] : []));
  expect(unreadable.toSorted()).toEqual(["ODD/fact", "ODD/nothing", "ODD/packed"]);
});

it("an item that cannot be read is nothing that its records were made of", async () => {
  const { client, items } = await open();
  const key = { pk: `PROMOTION#${id}`, sk: "PROMOTION" };
  await client.send(
    new PutItemCommand({ TableName: "promotions", Item: toItem({ ...key, kind: "promotion", document: {} }) }),
  );
  const behind = await items.itemsBehind([{ id: `${id}/0`, promotion: id }]);
  expect(behind).toEqual([{ kind: "unreadable", item: `PROMOTION#${id}/PROMOTION` }]);
});

it("finds the item behind every fact, wherever it is kept", async () => {
  const { promotions, exports, items } = await open();
  const promotion = advance(promotionInReview(), {}, linkOpenedFact({ type: "stage-opened" }));
  const recorded = await givenSignOff(promotionInReview(), cora);
  const opened = linkOpenedFact();
  const { promotion: _, ...installed } = linkOpenedFact({ id: "key/1", type: "key" });
  const request = { scope: { kind: "promotion", promotion: id }, withoutPersonalData: false } as const;
  const exportId = "00000000-0000-4000-8000-000000000001" as ExportId;
  const job = requestedExport({ id: exportId, request, by: cora.identity, byName: cora.name, requestedAt: now });
  await promotions.create(promotion);
  await promotions.recordSignOff(recorded);
  for (const each of [opened, installed]) await promotions.recordFact(each);
  await exports.create(job);

  const facts = [...promotion.history, signOffFact(recorded), opened, installed, ...job.history];
  const found = await items.itemsBehind([...facts, linkOpenedFact({ id: `${id}/link-opened/2` })]);
  expect(found.flatMap((item) => factsIn(item)).map((each) => each.id)).toEqual(
    expect.arrayContaining(facts.map((each) => each.id)),
  );
  expect(found).toHaveLength(5);
  for (const each of facts) {
    const [behind, ...more] = await items.itemsBehind([each]);
    if (behind === undefined) throw new Error(`Nothing is behind ${each.id}.`);
    expect(factsIn(behind)).toContainEqual(each);
    expect(more).toEqual([]);
  }
});

it("reads the whole table, a page after the other", async () => {
  const { promotions, items } = await open();
  // Four of these are more than the one megabyte of a page.
  const facts = Array.from({ length: 6 }, (_, n) =>
    linkOpenedFact({ id: `${id}/link-opened/${n}`, summary: "x".repeat(300_000) }),
  );
  for (const each of facts) await promotions.recordFact(each);
  const seen: string[] = [];
  let pages = 0;
  for (let from: string | undefined, more = true; more; pages += 1) {
    const { items: page, next } = await items.page(from);
    seen.push(...page.flatMap((item) => factsIn(item)).map((each) => each.id));
    from = next;
    more = next !== undefined;
  }
  expect(seen.toSorted()).toEqual(facts.map((each) => each.id));
  expect(pages).toBeGreaterThan(1);
});

it("keeps how far a comparison has come", async () => {
  const { passes } = await open();
  expect(await passes.load()).toBeUndefined();
  await passes.save({ next: 256 });
  await passes.save({ next: 512, from: '{"pk":"P"}' });
  expect(await passes.load()).toEqual({ next: 512, from: '{"pk":"P"}' });
});

it("knows what people have explained, as the runbook has them write it down", async () => {
  const { passes, client } = await open();
  expect(await passes.explanations()).toEqual(new Set());
  for (const SS of [["17", "18"], [`${id}/6`]])
    await client.send(
      new UpdateItemCommand({
        TableName: "promotions",
        Key: { pk: { S: "RECONCILIATION" }, sk: { S: "EXPLAINED" } },
        UpdateExpression: "ADD what :what SET why = :why",
        ExpressionAttributeValues: { ":what": { SS }, ":why": { S: "Restored." } },
      }),
    );
  expect(await passes.explanations()).toEqual(new Set(["17", "18", `${id}/6`]));
  expect(await passes.load()).toBeUndefined();
});
