import { setTimeout as wait } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { S3Client } from "@aws-sdk/client-s3";
import { exportJobStore } from "../../../adapters/dynamodb/export-jobs.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { exportStore } from "../../../adapters/s3/exports.ts";
import { ledgerReader } from "../../../adapters/s3/ledger-reader.ts";
import { fileSpool } from "../../../adapters/temporary-files/spool.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { publicKeysInUseFirst } from "../../keys/key-generations.ts";
import { configuredWitnesses } from "../../ledger/configured-witnesses.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { writeExport } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const s3 = new S3Client({});
const dynamodb = new DynamoDBClient({});

export const handler = writeExport({
  now,
  log,
  settings: { logOrigin: env.LOG_ORIGIN },
  jobs: exportJobStore(dynamodb, env.PROMOTIONS_TABLE),
  ledger: ledgerReader(s3, env.LEDGER_BUCKET),
  witnesses: configuredWitnesses(env.WITNESSES).map(({ key }) => key),
  ...publicKeysInUseFirst(new KMSClient({}), env, promotionStore(dynamodb, env.PROMOTIONS_TABLE)),
  startSha256,
  openSpool: fileSpool,
  put: exportStore(s3, env.EXCHANGE_BUCKET).put,
  pause: (seconds) => wait(seconds * 1000),
});
