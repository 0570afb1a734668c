import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { laneStore } from "../../../adapters/dynamodb/lanes.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { blobStore } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { deploymentTargets, hostingOf } from "../../targets/deployment-targets.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { watchDeployment } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);
const lanes = laneStore(dynamodb, env.PROMOTIONS_TABLE);

export const handler = step(
  watchDeployment({
    now,
    watchSeconds: Number(env.WATCH_SECONDS),
    promotions,
    blobs: blobStore(new S3Client({}), env.LEDGER_BUCKET, { days: Number(env.RETENTION_DAYS), now }),
    newer: async ({ id, manifest }) => {
      const lane = await lanes.load(manifest.model.name, manifest.target.name);
      return lane?.head.id === id ? undefined : lane?.head.id;
    },
    targets: deploymentTargets({
      step: "watch-deployment",
      hosting: hostingOf(env),
      reports: promotions,
      secretId: env.TARGET_SECRET_ID,
    }),
    log,
  }),
  log,
);
