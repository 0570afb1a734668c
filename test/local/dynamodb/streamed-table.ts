import type { JsonObject } from "../../../local/aws/json-shape.ts";

/** Properties of the smallest table that has a stream. */
export const streamedTable: JsonObject = {
  TableName: "promotions",
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" }],
  BillingMode: "PAY_PER_REQUEST",
  StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
};
