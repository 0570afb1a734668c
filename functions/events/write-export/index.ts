import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { exportJobStore } from "../../../adapters/dynamodb/export-jobs.ts";
import { attestationSigner, checkpointSigner } from "../../../adapters/kms/signer.ts";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { exportStore } from "../../../adapters/s3/exports.ts";
import { ledgerReader } from "../../../adapters/s3/ledger-reader.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { writeExport } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const kms = new KMSClient({});
const s3 = new S3Client({});

export const handler = writeExport({
  now,
  log,
  settings: {
    attestationBase: env.ATTESTATION_BASE,
    issuer: env.OIDC_ISSUER,
    audiences: [env.PORTAL_CLIENT_ID, env.CLI_CLIENT_ID],
    logOrigin: env.LOG_ORIGIN,
  },
  jobs: exportJobStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
  ledger: ledgerReader(s3, env.LEDGER_BUCKET),
  attestationKey: attestationSigner(kms, env.ATTESTATION_KEY_ID).verifyingKey,
  checkpointKey: checkpointSigner(kms, env.CHECKPOINT_KEY_ID).publicKey,
  startSha256,
  put: exportStore(s3, env.EXCHANGE_BUCKET).put,
});
