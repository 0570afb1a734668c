import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { toItem } from "../../../adapters/dynamodb/item.ts";
import { partitionOf } from "../../../adapters/dynamodb/promotion-items.ts";
import { storedItems } from "../../../adapters/dynamodb/stored-items.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { requireReadable } from "../../../functions/ledger/stored-facts.ts";
import { digestOf, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

const whole = promotionInReview();
const broken = { ...whole, id: promotionId(digestOf("broken"), 1) };
const listing = { status: whole.status } as const;

/** A table of two, of which the document of one is something else since. */
async function withBroken(document: unknown) {
  const { promotions, client } = await open();
  for (const each of [whole, broken]) await promotions.create(each);
  await client.send(
    new UpdateItemCommand({
      TableName: "promotions",
      Key: toItem({ pk: partitionOf(broken.id), sk: "PROMOTION" }),
      UpdateExpression: "SET document = :document",
      ExpressionAttributeValues: toItem({ ":document": document }),
    }),
  );
  return { promotions, client };
}

describe("a promotion that cannot be read", () => {
  it.each<[string, unknown]>([
    ["packed otherwise than this version packs", utf8("nothing that was compressed")],
    ["without its history", { id: broken.id, manifest: broken.manifest }],
    ["another promotion's", whole],
    ["nothing", null],
  ])("is told by its id, and hides no other: %s", async (_, document) => {
    const { promotions } = await withBroken(document);
    const told = { promotions: [whole], unreadable: [broken.id] };
    expect(await promotions.list({ ...listing, unreadable: "told" }, 10)).toEqual(told);
    const first = await promotions.list({ ...listing, unreadable: "told" }, 1);
    const rest = await promotions.list({ ...listing, unreadable: "told" }, 1, first.next);
    expect([...first.promotions, ...rest.promotions]).toEqual(told.promotions);
    expect([first.unreadable, rest.unreadable].flat()).toEqual(told.unreadable);
  });

  it("is left out of no list that whoever asks decides by", async () => {
    const { promotions } = await withBroken(utf8("nothing that was compressed"));
    await expect(promotions.list(listing, 10)).rejects.toThrow();
  });

  it.each<[string, unknown]>([
    ["that cannot be unpacked", utf8("nothing that was compressed")],
    ["of which one fact is none", { ...broken, history: [null] }],
  ])("tells nothing to whoever writes the ledger, and keeps nobody else's from it: one %s", async (_, document) => {
    const { client } = await withBroken(document);
    const { historyOf } = storedItems(client, "promotions", requireReadable);
    expect(await historyOf(broken.id)).toEqual([]);
    expect(await historyOf(promotionId(digestOf("none"), 1))).toEqual([]);
    expect(await historyOf(whole.id)).toEqual(whole.history);
  });

  it("is named to whoever writes the ledger, as is a passkey of which nothing is left that says what was done", async () => {
    const { client } = await withBroken(null);
    const { itemOf } = storedItems(client, "promotions", requireReadable);
    const key = `${partitionOf(broken.id)}/PROMOTION`;
    expect(await itemOf({ id: `${broken.id}/0`, promotion: broken.id })).toEqual({ kind: "unreadable", item: key });
    const passkey = sha256Hex(utf8("a passkey"));
    const Item = toItem({ pk: "PASSKEYS", sk: `${passkey}#enrol`, kind: "passkey", document: { id: passkey } });
    expect(await itemOf({ id: `passkey/${passkey}/enrol` })).toBeUndefined();
    await client.send(new PutItemCommand({ TableName: "promotions", Item }));
    expect(await itemOf({ id: `passkey/${passkey}/enrol` })).toEqual({
      ...{ kind: "unreadable", item: `PASSKEYS/${passkey}#enrol` },
    });
  });
});
