import { Failure } from "../../core/failure.ts";
import { localRegion } from "../aws/aws-call.ts";
import { asList, asRecord, asText, isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { localArn, matchesArn, type World } from "../world.ts";
import type { Creator, ResourceRequest } from "./create-resources.ts";

/** What holds data: tables, buckets, keys. */
export const storageCreators: Readonly<Record<string, Creator>> = {
  "AWS::DynamoDB::Table": createTable,
  "AWS::DynamoDB::GlobalTable": createTable,
  "AWS::S3::Bucket": createBucket,
  "AWS::S3::BucketPolicy": createBucketPolicy,
  "AWS::KMS::Key": createKey,
  "AWS::KMS::Alias": ({ properties }) => ({ ref: asText(properties["AliasName"], "AliasName"), attributes: {} }),
};

async function createTable({ stackName, logicalId, properties }: ResourceRequest, { services }: World) {
  const named = { ...properties, TableName: properties["TableName"] ?? `${stackName}-${logicalId}` };
  const { name, arn, streamArn } = await services.dynamodb.createTable(named);
  return { ref: name, attributes: { Arn: arn, ...(streamArn === undefined ? {} : { StreamArn: streamArn }) } };
}

/** Properties of buckets whose promise (encryption, blocked access, access logs, expiry) has no local meaning. */
const carriedBucketProperties = [
  "BucketName",
  "VersioningConfiguration",
  "ObjectLockEnabled",
  "ObjectLockConfiguration",
  "BucketEncryption",
  "PublicAccessBlockConfiguration",
  "OwnershipControls",
  "LifecycleConfiguration",
  "CorsConfiguration",
  "LoggingConfiguration",
  "AccessControl",
  "Tags",
];

function createBucket({ stackName, logicalId, properties }: ResourceRequest, world: World) {
  const foreign = Object.keys(properties).filter((name) => !carriedBucketProperties.includes(name));
  if (foreign.length > 0) {
    throw new Failure("invalid-request", `The bucket ${logicalId} has ${foreign.join(", ")}, not carried here.`);
  }
  const name = String(properties["BucketName"] ?? `${stackName}-${logicalId}`.toLowerCase());
  const versioning = properties["VersioningConfiguration"];
  const objectLock = defaultRetention(properties);
  world.moved.set(`https://${name}.s3.${localRegion}.amazonaws.com`, world.services.s3.url);
  world.services.s3.createBucket({
    name,
    versioning: isRecord(versioning) && versioning["Status"] === "Enabled",
    ...(objectLock === undefined ? {} : { objectLock }),
    ...(properties["CorsConfiguration"] === undefined ? {} : { readByPages: readByPages(properties, logicalId) }),
    // The bucket's policy is a resource of its own and comes later.
    requireIfNoneMatch: (key) => world.bucketRules.get(name)?.(key) ?? false,
  });
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: `${name}.s3.amazonaws.com`,
      RegionalDomainName: `${name}.s3.us-east-1.amazonaws.com`,
    },
  };
}

/** Of cross-origin rules one is carried: whatever page has an address may read by it. */
function readByPages(properties: JsonObject, logicalId: string): true {
  const { CorsRules: rules } = asRecord(properties["CorsConfiguration"], `CorsConfiguration of ${logicalId}`);
  if (JSON.stringify(rules) === '[{"AllowedMethods":["GET"],"AllowedOrigins":["*"]}]') return true;
  throw new Failure(
    "invalid-request",
    `The bucket ${logicalId} has rules for other origins that are not carried here.`,
  );
}

function defaultRetention(properties: JsonObject): { mode: "COMPLIANCE" | "GOVERNANCE"; days: number } | undefined {
  const configuration = properties["ObjectLockConfiguration"];
  const rule = isRecord(configuration) ? configuration["Rule"] : undefined;
  if (!isRecord(rule)) {
    if (properties["ObjectLockEnabled"] === true) {
      throw new Failure("invalid-request", "A bucket with Object Lock but without a default retention is not carried.");
    }
    return undefined;
  }
  const { Mode: mode, Days: days, Years: years } = asRecord(rule["DefaultRetention"], "DefaultRetention");
  if (mode !== "COMPLIANCE" && mode !== "GOVERNANCE") {
    throw new Failure("invalid-request", `Object Lock has no mode ${String(mode)}.`);
  }
  return { mode, days: days === undefined ? Number(years) * 365 : Number(days) };
}

/** Of a bucket policy S3 here keeps one rule: no PutObject without `If-None-Match`. The grants test judges the rest. */
function createBucketPolicy({ logicalId, properties }: ResourceRequest, { bucketRules }: World) {
  const bucket = asText(properties["Bucket"], `Bucket of ${logicalId}`);
  const document = asRecord(properties["PolicyDocument"], `PolicyDocument of ${logicalId}`);
  const statements = asList(document["Statement"], `Statement of ${logicalId}`).map((statement) =>
    asRecord(statement, `a statement of ${logicalId}`),
  );
  const rules = statements.filter(asksForIfNoneMatch).map((statement) => (key: string) => {
    const arn = `arn:aws:s3:::${bucket}/${key}`;
    const { Resource: resources, NotResource: exempt } = statement;
    if (exempt !== undefined) return !texts(exempt).some((pattern) => matchesArn(pattern, arn));
    return texts(resources).some((pattern) => matchesArn(pattern, arn));
  });
  bucketRules.set(bucket, (key) => rules.some((rule) => rule(key)));
  return { ref: logicalId, attributes: {} };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
function asksForIfNoneMatch(statement: JsonObject): boolean {
  const condition = statement["Condition"];
  if (!JSON.stringify(condition ?? null).includes("s3:if-none-match")) return false;
  const { Null: absent, Bool: truth, ...others } = asRecord(condition, "Condition");
  const inKnownForm =
    statement["Effect"] === "Deny" &&
    texts(statement["Action"]).includes("s3:PutObject") &&
    JSON.stringify(absent) === '{"s3:if-none-match":"true"}' &&
    (truth === undefined || JSON.stringify(truth) === '{"s3:ObjectCreationOperation":"true"}') &&
    Object.keys(others).length === 0;
  if (!inKnownForm) {
    throw new Failure("invalid-request", "A bucket policy uses s3:if-none-match in a form that is not carried here.");
  }
  return true;
}

function texts(value: unknown): readonly string[] {
  return isList(value) ? value.map(String) : [String(value)];
}

function createKey({ logicalId, properties }: ResourceRequest, { services }: World) {
  const {
    KeySpec: spec = "SYMMETRIC_DEFAULT",
    KeyUsage: usage = "ENCRYPT_DECRYPT",
    Description: description,
  } = properties;
  if (spec === "SYMMETRIC_DEFAULT") {
    // It encrypts what AWS keeps for us (a topic, a log); no code of ours calls it.
    return { ref: logicalId, attributes: { Arn: localArn("kms", `key/${logicalId}`), KeyId: logicalId } };
  }
  const { keyId, arn } = services.kms.createKey({
    logicalId,
    keySpec: String(spec),
    keyUsage: String(usage),
    ...(typeof description === "string" ? { description } : {}),
  });
  return { ref: keyId, attributes: { Arn: arn, KeyId: keyId } };
}
