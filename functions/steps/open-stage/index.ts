import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { S3Client } from "@aws-sdk/client-s3";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { taskTokenStore } from "../../../adapters/dynamodb/task-tokens.ts";
import { blobReader } from "../../../adapters/s3/blobs.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { openStage } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});

export const handler = step(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    openStage({
      now,
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
      directory: reviewerDirectory(env),
      blobs: blobReader(new S3Client({}), env.LEDGER_BUCKET),
      tokens: taskTokenStore(dynamodb, env.TASK_TOKENS_TABLE),
      policy,
    }),
  ),
  log,
);
