import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { hostingOf, shadowTargets } from "../../targets/deployment-targets.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { runInShadow } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const s3 = new S3Client({});

export const handler = step(
  runInShadow({
    now,
    watchSeconds: Number(env.WATCH_SECONDS),
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
    blobs: blobStore(s3, env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
    readArtifact: frozenArtifacts(s3, env.ARTIFACTS_BUCKET).read,
    artifactsBucket: env.ARTIFACTS_BUCKET,
    targets: shadowTargets(s3, hostingOf(env)),
  }),
  log,
);
