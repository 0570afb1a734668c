import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { artifactStore } from "../../../adapters/s3/artifacts.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { freeze } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const s3 = new S3Client({});
const keeping = { days: Number(env.RETENTION_DAYS), now };

export const handler = step(
  freeze({
    now,
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
    artifacts: artifactStore(s3, { exchange: env.EXCHANGE_BUCKET, artifacts: env.ARTIFACTS_BUCKET }, keeping),
    blobs: blobStore(s3, env.LEDGER_BUCKET, keeping),
  }),
  log,
);
