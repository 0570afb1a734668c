import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

/** A DynamoDB item. */
export type Item = Record<string, AttributeValue>;

/** An item of plain JSON; properties that are undefined are left out. */
export function toItem(value: object): Item {
  return marshall(value, { removeUndefinedValues: true });
}

/** Plain JSON of an item. */
export function fromItem<Value>(item: Item): Value {
  return unmarshall(item) as Value;
}

/** Whether an error is DynamoDB's answer that a condition did not hold. */
export function conditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}
