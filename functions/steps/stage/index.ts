import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { frozenArtifacts } from "../../../adapters/s3/frozen-artifacts.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { hostingOf, stagingTargets } from "../../targets/deployment-targets.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { stage } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const promotions = promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE);

export const handler = step(
  stage({
    now,
    promotions,
    readArtifact: frozenArtifacts(new S3Client({}), env.ARTIFACTS_BUCKET).read,
    artifactsBucket: env.ARTIFACTS_BUCKET,
    targets: stagingTargets({
      hosting: hostingOf(env),
      step: "stage",
      reports: promotions,
      secretId: env.TARGET_SECRET_ID,
    }),
  }),
  log,
);
