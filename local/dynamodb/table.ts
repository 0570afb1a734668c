import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { localAccount, localRegion } from "../aws/aws-call.ts";
import { asList, asRecord, asText, isRecord, type JsonObject, onlyMembers } from "../aws/json-shape.ts";
import type { DynamoDbStorage } from "./storage.ts";

/** A table as the template declares it. */
export interface Table {
  readonly name: string;
  readonly arn: string;
  /** Names of the key attributes, partition key first. */
  readonly keyNames: readonly string[];
  /** ARN of its stream, where it has one. */
  readonly streamArn: string | undefined;
}

/** The attributes of an item, in DynamoDB's own JSON. */
export type Item = JsonObject;

/** ARN of a local table. */
export function tableArn(name: string): string {
  return `arn:aws:dynamodb:${localRegion}:${localAccount}:table/${name}`;
}

/** ARN of a local table's stream. AWS puts the creation time last; a fixed one keeps the ARN over a restart. */
export function streamArn(tableName: string): string {
  return `${tableArn(tableName)}/stream/2026-01-01T00:00:00.000`;
}

/** Properties that change nothing here: what they promise (backup, encryption, deletion) has no local meaning. */
const withoutEffect = [
  "TimeToLiveSpecification", // Expiry is checked in code; TTL only sweeps, days late.
  "PointInTimeRecoverySpecification",
  "SSESpecification",
  "DeletionProtectionEnabled",
  "ContributorInsightsSpecification",
  "TableClass",
  "Tags",
  "WarmThroughput",
  "OnDemandThroughput",
];
const indexMembers = ["IndexName", "KeySchema", "Projection", ...withoutEffect];

/**
 * Makes the table that `properties` describes, unless it is there from an earlier run. `properties` are those of
 * `AWS::DynamoDB::Table` or, with exactly one replica, `AWS::DynamoDB::GlobalTable`, with every intrinsic function
 * resolved. Throws `invalid-request` for a property that is not carried and for a key schema that has changed.
 */
export async function ensureTable(storage: DynamoDbStorage, properties: JsonObject): Promise<Table> {
  const name = asText(properties["TableName"], "TableName");
  const { Replicas: replicas, ...own } = properties;
  onlyMembers(
    own,
    [
      "TableName",
      "KeySchema",
      "AttributeDefinitions",
      "BillingMode",
      "GlobalSecondaryIndexes",
      "StreamSpecification",
      ...withoutEffect,
    ],
    `Table ${name}`,
  );
  if (replicas !== undefined) checkReplicas(asList(replicas, "Replicas"), name);
  const schema: JsonObject = {
    KeySchema: asList(properties["KeySchema"], "KeySchema"),
    AttributeDefinitions: asList(properties["AttributeDefinitions"], "AttributeDefinitions"),
    ...(properties["GlobalSecondaryIndexes"] === undefined
      ? {}
      : { GlobalSecondaryIndexes: indexesOf(asList(properties["GlobalSecondaryIndexes"], "GlobalSecondaryIndexes")) }),
  };
  await create(storage, name, schema);
  return {
    name,
    arn: tableArn(name),
    keyNames: asList(schema["KeySchema"], "KeySchema").map((part) =>
      asText(asRecord(part, "a key")["AttributeName"], "AttributeName"),
    ),
    streamArn: hasStream(properties["StreamSpecification"], name) ? streamArn(name) : undefined,
  };
}

function checkReplicas(replicas: readonly unknown[], name: string): void {
  const [replica, ...others] = replicas;
  if (others.length > 0) throw new Failure("invalid-request", `Table ${name} has several replicas; one is carried.`);
  onlyMembers(
    asRecord(replica, "a replica"),
    ["Region", ...withoutEffect, "GlobalSecondaryIndexes"],
    `The replica of ${name}`,
  );
}

function indexesOf(indexes: readonly unknown[]): readonly JsonObject[] {
  return indexes.map((entry) => {
    const index = asRecord(entry, "an index");
    onlyMembers(index, indexMembers, `Index ${String(index["IndexName"])}`);
    return {
      IndexName: asText(index["IndexName"], "IndexName"),
      KeySchema: asList(index["KeySchema"], "KeySchema"),
      Projection: asRecord(index["Projection"], "Projection"),
    };
  });
}

function hasStream(specification: unknown, name: string): boolean {
  if (specification === undefined) return false;
  const stream = asRecord(specification, "StreamSpecification");
  onlyMembers(stream, ["StreamViewType"], `The stream of ${name}`);
  if (stream["StreamViewType"] === "NEW_AND_OLD_IMAGES") return true;
  throw new Failure(
    "invalid-request",
    `The stream of ${name} must carry new and old images; no other view is carried.`,
  );
}

/** A turn, on a machine that has not much else to do. */
const creationMilliseconds = 30_000;

async function create(storage: DynamoDbStorage, name: string, schema: JsonObject): Promise<void> {
  const answer = await storage.call("CreateTable", { TableName: name, BillingMode: "PAY_PER_REQUEST", ...schema });
  if (answer.status !== 200 && !String(answer.body["__type"]).endsWith("#ResourceInUseException")) {
    throw new Failure("invalid-request", `Table ${name} was refused: ${String(answer.body["message"])}`);
  }
  const isNew = answer.status === 200;
  // dynalite turns a new table active a turn later; one whose making was cut short by a kill never becomes active.
  const end = Date.now() + (isNew ? creationMilliseconds : 0);
  for (;;) {
    const described = asRecord((await storage.call("DescribeTable", { TableName: name })).body["Table"], "Table");
    if (described["TableStatus"] === "ACTIVE") {
      if (shapeOf(described) === shapeOf(schema)) return;
      throw new Failure(
        "invalid-request",
        `Table ${name} has other keys or indexes on disk; delete the local data to go on.`,
      );
    }
    if (Date.now() >= end)
      throw new Failure("unavailable", `Table ${name} was left half made; delete the local data to go on.`);
  }
}

/** Keys, types and indexes as one text, without the order in which they were written. */
function shapeOf(schema: JsonObject): string {
  const attributes = asList(schema["AttributeDefinitions"], "AttributeDefinitions").map(canonicalJson).sort();
  const indexes = asList(schema["GlobalSecondaryIndexes"] ?? [], "GlobalSecondaryIndexes")
    .filter(isRecord)
    .map(({ IndexName, KeySchema, Projection }) => canonicalJson({ IndexName, KeySchema, Projection }))
    .sort();
  return canonicalJson({ keys: schema["KeySchema"], attributes, indexes });
}
