import { type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { type Item, toItem } from "./item.ts";

/** Every item of a table that a condition on its keys picks, in the order of the sort key. Strongly consistent. */
export async function everyItem(
  client: DynamoDBClient,
  table: string,
  condition: string,
  values: Readonly<Record<`:${string}`, string>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let from: Item | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: condition,
        ExpressionAttributeValues: toItem(values),
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      }),
    );
    items.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return items;
}
