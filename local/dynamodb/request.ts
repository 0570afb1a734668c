import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { type Authorization, AwsRefusal } from "../aws/aws-json-server.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { type Item, type Table, tableArn } from "./table.ts";

const expression = ["ExpressionAttributeNames", "ExpressionAttributeValues"];
const write = [
  "TableName",
  "ConditionExpression",
  "ReturnValues",
  "ReturnValuesOnConditionCheckFailure",
  ...expression,
];
const search = [
  ...["TableName", "IndexName", "FilterExpression", "ProjectionExpression", "Select", "Limit", "ExclusiveStartKey"],
  ...["ConsistentRead", ...expression],
];

/** The operations that are carried, each with its parameters: dynalite would ignore any other in silence. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  PutItem: ["Item", ...write],
  UpdateItem: ["Key", "UpdateExpression", ...write],
  DeleteItem: ["Key", ...write],
  GetItem: ["TableName", "Key", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"],
  Query: ["KeyConditionExpression", "ScanIndexForward", ...search],
  Scan: search,
  BatchGetItem: ["RequestItems"],
  BatchWriteItem: ["RequestItems"],
  // A request that comes twice under one token is judged twice: its conditions no longer hold.
  TransactWriteItems: ["TransactItems", "ClientRequestToken"],
};

/** The parts of a transaction that are carried, and the calls that they stand for. */
const transacted: Readonly<Record<string, string>> = { Put: "PutItem", Update: "UpdateItem" };

/** Operations that functions may call. `Scan` is one that the product has to ask for. */
export function carriedOperations(scan: boolean): ReadonlySet<string> {
  return new Set(Object.keys(parameters).filter((operation) => scan || operation !== "Scan"));
}

/** Refuses a parameter that the stand-in does not carry. */
export function checkParameters(operation: string, body: JsonObject): void {
  const foreign = Object.keys(body).filter((key) => !(parameters[operation] ?? []).includes(key));
  if (foreign.length > 0)
    throw validation(`${operation} with ${foreign.join(", ")} is not carried by the local stand-in.`);
  for (const write of transactedCalls(operation, body)) checkParameters(write.operation, write.body);
}

/** The writes of a transaction as calls of their own; none of any other request. */
export function transactedCalls(
  operation: string,
  { TransactItems: parts }: JsonObject,
): readonly { readonly operation: string; readonly body: JsonObject }[] {
  if (operation !== "TransactWriteItems") return [];
  if (!isList(parts) || parts.length === 0) throw validation("TransactWriteItems needs at least one write.");
  return parts.map((part) => {
    const [[name, body] = ["", null], ...more] = isRecord(part) ? Object.entries(part) : [];
    const call = transacted[name];
    if (call === undefined || !isRecord(body) || more.length > 0)
      throw validation(`TransactWriteItems with ${name} is not carried by the local stand-in.`);
    return { operation: call, body };
  });
}

/** Names of the tables that a request touches. */
export function tableNames(body: JsonObject): readonly string[] {
  const { TransactItems: parts } = body;
  if (isList(parts))
    return parts.flatMap((part) => (isRecord(part) ? Object.values(part) : []).filter(isRecord).flatMap(tableNames));
  if (isRecord(body["RequestItems"])) return Object.keys(body["RequestItems"]);
  return typeof body["TableName"] === "string" ? [body["TableName"]] : [];
}

/**
 * What IAM judges: the table, or the index of a query; of a transaction, each of its writes by itself
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html).
 */
export function authorizationsOf(operation: string, body: JsonObject): readonly Authorization[] {
  if (operation === "TransactWriteItems")
    return transactedCalls(operation, body).flatMap((write) => authorizationsOf(write.operation, write.body));
  const index = typeof body["IndexName"] === "string" ? `/index/${body["IndexName"]}` : "";
  const action = `dynamodb:${operation}`;
  return tableNames(body).map((name) => ({ action, resource: `${tableArn(name)}${index}` }));
}

/** One item that a request writes. */
export interface WrittenItem {
  readonly table: Table;
  readonly key: Item;
  /** The same text for the same item. */
  readonly name: string;
}

/** The items that a request writes. One whose key is incomplete is left to dynalite to refuse. */
export function writtenItems(
  operation: string,
  body: JsonObject,
  tables: ReadonlyMap<string, Table>,
): readonly WrittenItem[] {
  if (operation === "TransactWriteItems")
    return transactedCalls(operation, body).flatMap((write) => writtenItems(write.operation, write.body, tables));
  return tableNames(body).flatMap((tableName) => {
    const table = tables.get(tableName);
    if (table === undefined) throw notFound();
    return sourcesOf(operation, body, tableName).flatMap((source) => {
      if (!isRecord(source)) return [];
      const parts = table.keyNames.map((name): readonly [string, Json | undefined] => [name, source[name]]);
      if (!parts.every((part): part is readonly [string, Json] => part[1] !== undefined)) return [];
      const key = Object.fromEntries(parts);
      return [{ table, key, name: `${tableName} ${canonicalJson(parts.map(([, value]) => spelling(value)))}` }];
    });
  });
}

function sourcesOf(operation: string, body: JsonObject, tableName: string): readonly (Json | undefined)[] {
  switch (operation) {
    case "PutItem":
      return [body["Item"]];
    case "UpdateItem":
    case "DeleteItem":
      return [body["Key"]];
    case "BatchWriteItem": {
      const requests = isRecord(body["RequestItems"]) ? body["RequestItems"][tableName] : undefined;
      return (isList(requests) ? requests : []).flatMap((request) => {
        if (!isRecord(request)) return [];
        const { PutRequest: put, DeleteRequest: remove } = request;
        return [isRecord(put) ? put["Item"] : isRecord(remove) ? remove["Key"] : undefined];
      });
    }
    default:
      return [];
  }
}

/** `1` and `1.0` name one item. Distinct numbers that fall together here only wait for each other. */
function spelling(value: Json): Json {
  return isRecord(value) && typeof value["N"] === "string" ? { N: String(Number(value["N"])) } : value;
}

/** DynamoDB's answer to a request that it cannot read. */
export function validation(message: string): AwsRefusal {
  return new AwsRefusal("com.amazon.coral.validate#ValidationException", message);
}

/** DynamoDB's answer where there is no such table. */
export function notFound(): AwsRefusal {
  return new AwsRefusal("com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "Requested resource not found");
}
