import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "vitest";
import { type Item, toItem } from "../../../adapters/dynamodb/item.ts";
import { signOffItem } from "../../../adapters/dynamodb/promotion-items.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import { cora, dana, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

const base = promotionInReview();
const rejection = await givenSignOff(base, cora, { result: "reject", reason: "It leaks." });
const approval = await givenSignOff(base, dana, { roles: ["lead-data-scientist"] });
const { pk = { NULL: true }, sk = { NULL: true } } = signOffItem(rejection);

it.each<[string, Item]>([
  ["an item of another kind", toItem({ kind: "another", document: {} })],
  ["nothing", toItem({ kind: "sign-off", document: null })],
  ["another decision", { ...signOffItem(approval) }],
  [
    "a decision about another promotion",
    signOffItem({ ...rejection, signOff: { ...rejection.signOff, promotion: promotionId(base.freezeDigest, 2) } }),
  ],
])("a rejection over which somebody wrote %s is not passed over", async (_, item) => {
  const { client, promotions } = await open();
  for (const each of [rejection, approval]) await promotions.recordSignOff(each);
  expect(await promotions.signOffs(base.id)).toHaveLength(2);
  await client.send(new PutItemCommand({ TableName: "promotions", Item: { ...item, pk, sk } }));
  await expect(promotions.signOffs(base.id)).rejects.toThrow(
    `What was decided about ${base.id} cannot be read: an item of the table is not what its key says.`,
  );
});
