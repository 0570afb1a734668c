import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { taskTokenStore } from "../../../adapters/dynamodb/task-tokens.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { policiesHere } from "../../policies-here.ts";
import { underPolicy } from "../../policy-in-force.ts";
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
      tokens: taskTokenStore(dynamodb, env.TASK_TOKENS_TABLE),
      policy,
    }),
  ),
  log,
);
