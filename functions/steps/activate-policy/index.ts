import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeysInForce } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { activatePolicy } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const s3 = new S3Client({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);

export const handler = step(
  activatePolicy({
    now,
    attestationBase: env.ATTESTATION_BASE,
    promotions,
    delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
    directory: reviewerDirectory(env),
    policies: policyStore(dynamodb, env.PROMOTIONS_TABLE),
    readArtifact: frozenArtifacts(s3, env.ARTIFACTS_BUCKET).read,
    blobs: blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
    verifyingKeys: attestationKeysInForce(new KMSClient({}), env, promotions),
    verifySignature: verifyEcdsa,
  }),
  log,
);
