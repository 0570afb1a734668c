import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { type Item, toItem } from "../../../adapters/dynamodb/item.ts";
import { delegationItem, passkeyItem } from "../../../adapters/dynamodb/promotion-items.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDeed, delegationDocument } from "../../core/attestation/given-delegation.ts";
import { confirmedPasskey, passkeyDeed } from "../../core/attestation/given-passkey.ts";
import { cora, dana, now, sam } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

const lost: readonly (readonly [string, object])[] = [
  ["of which nothing is left", { kind: "delegation", document: null }],
  ["that says nothing of what was done", { kind: "delegation", document: { id: "x" } }],
  ["of a kind that nobody knows", { kind: "another", document: {} }],
];

async function change(client: DynamoDBClient, { pk, sk }: Item, to: object) {
  await client.send(
    new UpdateItemCommand({
      TableName: "promotions",
      Key: { pk: pk ?? { NULL: true }, sk: sk ?? { NULL: true } },
      UpdateExpression: "SET #kind = :kind, document = :document",
      ExpressionAttributeNames: { "#kind": "kind" },
      ExpressionAttributeValues: toItem(
        Object.fromEntries(Object.entries(to).map(([name, each]) => [`:${name}`, each])),
      ),
    }),
  );
}

describe("a deed that somebody changed by hand", () => {
  it.each(lost)(
    "lets nobody sign in another's place, and keeps nobody else from it: a revocation %s",
    async (_, to) => {
      const { client, delegations } = await open();
      const document = delegationDocument(sam, cora, "sre");
      const given = await delegationDeed("delegate", document, sam);
      const revoked = await delegationDeed("revoke", document, sam);
      const other = await delegationDeed("delegate", delegationDocument(dana, cora, "lead-data-scientist"), dana);
      for (const deed of [given, revoked, other]) await delegations.record(deed);
      await change(client, delegationItem(revoked), to);
      expect(await delegations.notOver(now)).toEqual([other]);
      expect(await delegations.deeds(other.id)).toEqual([other]);
      const sentence = `What was done about ${given.id} cannot be read: an item of the table is not what its key says.`;
      await expect(delegations.deeds(given.id)).rejects.toThrow(sentence);
      await change(client, delegationItem(revoked), { kind: "delegation", document: revoked });
      expect(await delegations.notOver(now)).toHaveLength(3);
    },
  );

  it("hides no other passkey, and none that was revoked is taken for one that was not", async () => {
    const { client, passkeys } = await open();
    const device = authenticator();
    const done = [...(await confirmedPasskey(device, cora, sam)), await passkeyDeed("revoke", device, cora)];
    const other = {
      ...(await passkeyDeed("enrol", authenticator("ES256", "other"), sam)),
      recordedAt: addSeconds(now, 1),
    };
    for (const deed of [...done, other]) await passkeys.record(deed);
    expect((await passkeys.page({}, 10)).passkeys).toHaveLength(2);
    for (const deed of done.slice(-1)) await change(client, passkeyItem(deed), { kind: "passkey", document: null });
    expect((await passkeys.page({}, 10)).passkeys).toEqual([[other]]);
    await expect(passkeys.deeds(device.id)).rejects.toThrow("cannot be read");
  });
});
