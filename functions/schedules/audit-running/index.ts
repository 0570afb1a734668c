import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { intruderIndex } from "../../../adapters/dynamodb/intruder-index.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { verifyEcdsa } from "../../../adapters/node-crypto/signatures.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { attestationKeysInForce } from "../../keys/key-generations.ts";
import { log } from "../../log.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { deploymentTargets, everyEndpoint, hostingOf } from "../../targets/deployment-targets.ts";
import { environment } from "./env.ts";
import { auditRunning } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);

export const handler = underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policies) =>
  auditRunning({
    now,
    log,
    policies,
    attestationBase: env.ATTESTATION_BASE,
    promotions,
    blobs: blobStore(new S3Client({}), env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
    verifyingKeys: attestationKeysInForce(new KMSClient({}), env, promotions),
    verifySignature: verifyEcdsa,
    targets: deploymentTargets({
      step: "audit-running",
      hosting: hostingOf(env),
      reports: promotions,
      secretId: env.TARGET_SECRET_ID,
    }),
    endpoints: everyEndpoint(),
    intruders: intruderIndex(dynamodb, env.PROMOTIONS_TABLE),
  }),
);
