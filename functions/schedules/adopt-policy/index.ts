import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { adoptPolicy } from "../../policies/adopt-policy.ts";
import { environment } from "./env.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const deployed = readPolicyFolder(new URL("./policies/", import.meta.url));

const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);

export const handler = () =>
  adoptPolicy({
    now,
    deployed,
    policies: policyStore(dynamodb, env.PROMOTIONS_TABLE),
    blobs: blobStore(new S3Client({}), env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
    recordFact: promotions.recordFact,
    promotions,
  });
