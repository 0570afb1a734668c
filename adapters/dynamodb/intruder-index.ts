import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import type { Fact } from "../../core/promotion/fact.ts";
import { toItem } from "./item.ts";
import { intruders, readPromotionsItem } from "./promotion-items.ts";

/** Of every promotion, what was found to run without an approval, and what is so no more. Not strongly consistent. */
export function intruderIndex(client: DynamoDBClient, table: string) {
  return async (): Promise<readonly Fact[]> => {
    const facts: Fact[] = [];
    const query = {
      TableName: table,
      IndexName: "byModel",
      KeyConditionExpression: "modelTarget = :intruders",
      ExpressionAttributeValues: toItem({ ":intruders": intruders }),
    };
    for await (const { Items: items = [] } of paginateQuery({ client }, query)) {
      for (const item of items) {
        const read = readPromotionsItem(item);
        if (read.kind === "fact") facts.push(read.fact);
      }
    }
    return facts;
  };
}
