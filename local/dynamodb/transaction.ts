import type { AwsJsonAnswer } from "../aws/aws-json-server.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import type { WrittenItem } from "./request.ts";
import type { DynamoDbStorage } from "./storage.ts";
import type { Item } from "./table.ts";

/** One write of a transaction, and the item as it was before. */
export interface TransactedWrite {
  readonly operation: string;
  readonly body: JsonObject;
  readonly item: WrittenItem;
  readonly old: Item | null;
}

/**
 * Writes all or nothing on a storage without transactions: where one write is refused, the others are taken back. Whoever
 * calls holds the items' locks, so nobody writes between; a reader may see for a moment what is taken back, and a kill
 * between two writes leaves the first.
 */
export async function writeTogether(
  storage: DynamoDbStorage,
  writes: readonly TransactedWrite[],
): Promise<AwsJsonAnswer> {
  const answers: AwsJsonAnswer[] = [];
  for (const { operation, body } of writes) answers.push(await storage.call(operation, body));
  if (answers.every(({ status }) => status === 200)) return { status: 200, body: {} };
  for (const [at, { item, old }] of writes.entries()) {
    if (answers[at]?.status !== 200) continue;
    const { name: TableName } = item.table;
    if (old === null) await storage.call("DeleteItem", { TableName, Key: item.key });
    else await storage.call("PutItem", { TableName, Item: old });
  }
  return answers.find((answer) => answer.status !== 200 && !isCondition(answer)) ?? cancelled(answers);
}

function isCondition({ body }: AwsJsonAnswer): boolean {
  return String(body["__type"]).endsWith("#ConditionalCheckFailedException");
}

/** Why each write would not have been made (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancellationReason.html). */
function cancelled(answers: readonly AwsJsonAnswer[]): AwsJsonAnswer {
  const reasons = answers.map((answer) =>
    answer.status === 200
      ? { Code: "None" }
      : { Code: "ConditionalCheckFailed", Message: "The conditional request failed" },
  );
  return {
    status: 400,
    body: {
      __type: "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
      Message: `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(", ")}]`,
      CancellationReasons: reasons,
    },
  };
}
