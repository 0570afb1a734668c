import { Aws } from "aws-cdk-lib";
import type { Settings } from "../settings.ts";
import type { Place, Places, Reviewers } from "../stacks/data-stack.ts";
import type { Grant } from "./grant.ts";

type TableAction =
  | "GetItem"
  | "PutItem"
  | "UpdateItem"
  | "DeleteItem"
  | "Query"
  | "Scan"
  | "BatchGetItem"
  | "BatchWriteItem";

/** Calls on a table, not on its indexes. */
export function onTable(table: Place, ...actions: readonly TableAction[]): Grant {
  return { actions: actions.map((action) => `dynamodb:${action}`), resources: [table.arn] };
}

/**
 * A grant with its writes to `Promotions` narrowed to items beside the policies: the partition key of what is written is
 * another (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html).
 */
export function besidesPolicies(grant: Grant, { promotions }: Places): readonly Grant[] {
  const writes = grant.actions.filter((action) => writing.includes(action));
  if (writes.length === 0 || !grant.resources.includes(promotions.arn)) return [grant];
  const reads = grant.actions.filter((action) => !writing.includes(action));
  const conditions = { "ForAllValues:StringNotEquals": { "dynamodb:LeadingKeys": ["POLICIES"] } };
  return [...(reads.length === 0 ? [] : [{ ...grant, actions: reads }]), { ...grant, actions: writes, conditions }];
}
const writing: readonly string[] = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"].map(
  (action) => `dynamodb:${action}`,
);

/** Queries of the indexes of `Promotions`. */
export function queryIndexes({ promotions }: Places, ...indexes: readonly ("byStatus" | "byModel")[]): Grant {
  const resources = indexes.map((index) => `${promotions.arn}/index/${index}`);
  return { actions: ["dynamodb:Query"], resources };
}

/** Reading or writing objects. A key that ends in a star is a prefix. */
export function onObjects(bucket: Place, keys: readonly string[], ...actions: readonly ObjectAction[]): Grant {
  return {
    actions: actions.map((action) => `s3:${action}`),
    resources: keys.map((key) => `${bucket.arn}/${key}`),
    wildcard: "The keys below the prefix are digests, sizes and tile numbers that nobody knows beforehand.",
  };
}
type ObjectAction = "GetObject" | "GetObjectVersion" | "PutObject" | "GetObjectRetention" | "PutObjectRetention";

/**
 * Keeping what is there and needed once more as long as what is written now (decision 0074): Object Lock and the bucket's policy
 * let nobody shorten it, and here nobody locks it for longer than that either. A day more: of an hour that is asked for
 * beyond it, S3 does not say which way it rounds.
 */
export function keepLonger(bucket: Place, keys: readonly string[], retentionDays: number): readonly Grant[] {
  const conditions = { NumericLessThanEquals: { "s3:object-lock-remaining-retention-days": retentionDays + 1 } };
  return [
    onObjects(bucket, keys, "GetObjectRetention"),
    { ...onObjects(bucket, keys, "PutObjectRetention"), conditions },
  ];
}

/**
 * Listing a bucket. Also needed by those that ask for objects which may not be there: without it S3 answers 403
 * and not 404 (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
 */
export function listing(bucket: Place): Grant {
  return { actions: ["s3:ListBucket"], resources: [bucket.arn] };
}

/** Documents by digest, in the ledger bucket. */
export const documents = ["blobs/sha256/*"];
/** What the transparency log consists of (https://c2sp.org/tlog-tiles); and with the documents beside it. */
export const logKeys = ["checkpoint", "checkpoints/*", "tile/*"];
export const ledgerKeys = [...logKeys, ...documents];

/** Saying how long a version of the log's latest checkpoint is kept, which goes with writing it. */
export const keepAlias = ({ ledger }: Places): Grant => onObjects(ledger, ["checkpoint"], "PutObjectRetention");

/** Signing sign-offs and verdicts: over a digest only (design 3.4). */
export function signAttestations({ attestationKey }: Places): Grant {
  return {
    actions: ["kms:Sign"],
    resources: [attestationKey],
    conditions: { StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST" } },
  };
}

/** Signing checkpoints: Ed25519 over the note itself. */
export function signCheckpoints({ checkpointKey }: Places): Grant {
  return {
    actions: ["kms:Sign"],
    resources: [checkpointKey],
    conditions: { StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" } },
  };
}

export function readPublicKeys(...keys: readonly string[]): Grant {
  return { actions: ["kms:GetPublicKey"], resources: keys };
}

/** The keys by which a link may have been made that is still good: the one in use, its neighbours in time. */
export function honouredLinkKeys({ linkKey, keys }: Places): readonly string[] {
  return withNeighbours(linkKey, keys.link);
}

/** The keys that are published for passports: the one in use, and its neighbours in time. */
export function honouredPassportKeys({ passportKey, keys }: Places): readonly string[] {
  return withNeighbours(passportKey, keys.passport);
}

function withNeighbours(inUse: string, keys: readonly string[]): readonly string[] {
  const place = keys.indexOf(inUse);
  return [inUse, ...keys.filter((_, at) => Math.abs(at - place) === 1)];
}

/** Signing passports: over a digest only, and by a key that signs nothing else. */
export function signPassports({ passportKey }: Places): Grant {
  return {
    actions: ["kms:Sign"],
    resources: [passportKey],
    conditions: { StringEquals: { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST" } },
  };
}

export function linkMac(places: Places, action: "GenerateMac" | "VerifyMac"): Grant {
  return {
    actions: [`kms:${action}`],
    resources: action === "GenerateMac" ? [places.linkKey] : honouredLinkKeys(places),
    conditions: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
  };
}

/** Who holds which role, asked at Cognito; or at the identity store that an issuer of the organisation's own fills. */
export function listReviewers(reviewers: Reviewers): readonly Grant[] {
  if (reviewers.kind === "issuer") return askIdentityStore(reviewers.issuer.directory);
  return [{ actions: ["cognito-idp:ListUsers", "cognito-idp:ListUsersInGroup"], resources: [reviewers.poolArn] }];
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentitystore.html */
function askIdentityStore({ identityStoreId, role }: NonNullable<Settings["issuer"]>["directory"]): readonly Grant[] {
  if (role !== undefined) return [{ actions: ["sts:AssumeRole"], resources: [role] }];
  // It is the management account's, also where the delegated administrator asks; its id is no other's.
  const store = `arn:${Aws.PARTITION}:identitystore::*:identitystore/${identityStoreId}`;
  const kinds = ["user", "group", "membership"].map((kind) => `arn:${Aws.PARTITION}:identitystore:::${kind}/*`);
  const wildcard = "Who is in the store is asked as a whole, and is not known here.";
  return [
    {
      actions: ["identitystore:ListUsers", "identitystore:GetGroupId", "identitystore:ListGroupMemberships"],
      resources: [store, ...kinds],
      wildcard,
    },
  ];
}
