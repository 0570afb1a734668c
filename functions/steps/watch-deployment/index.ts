import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { sagemakerTarget } from "../../../adapters/sagemaker/endpoint.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { step } from "../step.ts";
import { environment } from "./env.ts";
import { watchDeployment } from "./handler.ts";

const env = readEnvironment(environment, process.env);

export const handler = step(
  watchDeployment({
    now,
    watchSeconds: Number(env.WATCH_SECONDS),
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
    target: sagemakerTarget(new SageMakerClient({})),
  }),
  log,
);
