import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { everyItem } from "./every-item.ts";
import type { Item } from "./item.ts";
import { partitionOf, readPromotionsItem, signOffItem } from "./promotion-items.ts";

/**
 * All sign-offs of a promotion, in no order. Strongly consistent. Throws where one cannot be read: somebody wrote over it by hand, and
 * without it nobody could say what stands, since it may have been a rejection.
 */
export async function recordedSignOffs(
  client: DynamoDBClient,
  table: string,
  id: PromotionId,
): Promise<readonly RecordedSignOff[]> {
  const values = { ":pk": partitionOf(id), ":prefix": "SIGNOFF#" } as const;
  const items = await everyItem(client, table, "pk = :pk AND begins_with(sk, :prefix)", values);
  return items.map((item) => {
    const recorded = readSignOff(item);
    if (recorded !== undefined) return recorded;
    throw new Failure(
      "internal",
      `What was decided about ${id} cannot be read: an item of the table is not what its key says.`,
    );
  });
}

function readSignOff(item: Item): RecordedSignOff | undefined {
  try {
    const read = readPromotionsItem(item);
    if (read.kind !== "sign-off") return undefined;
    const { pk, sk } = signOffItem(read.recorded);
    return pk?.S === item["pk"]?.S && sk?.S === item["sk"]?.S ? read.recorded : undefined;
  } catch {
    return undefined;
  }
}
