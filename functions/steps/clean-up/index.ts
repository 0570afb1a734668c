import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { policyStore } from "../../../adapters/dynamodb/policies.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { deploymentTargets, hostingOf, shadowEnds } from "../../targets/deployment-targets.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { cleanUp } from "./handler.ts";

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const promotions = promotionStore(dynamodb, env.PROMOTIONS_TABLE);

export const handler = step(
  cleanUp({
    now,
    watchSeconds: Number(env.WATCH_SECONDS),
    promotions,
    policies: policyStore(dynamodb, env.PROMOTIONS_TABLE),
    targets: deploymentTargets({
      step: "clean-up",
      hosting: hostingOf(env),
      reports: promotions,
      secretId: env.TARGET_SECRET_ID,
    }),
    shadows: shadowEnds(),
  }),
  log,
);
