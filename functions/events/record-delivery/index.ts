import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { environment } from "./env.ts";
import { recordDelivery } from "./handler.ts";

const env = readEnvironment(environment, process.env);

export const handler = recordDelivery({
  now,
  log,
  promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
});
