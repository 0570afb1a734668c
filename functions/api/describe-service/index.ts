import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { readEnvironment } from "../../environment.ts";
import { publicKeysInUseFirst } from "../../keys/key-generations.ts";
import { installationOf } from "../../ledger/installation-here.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { describeService } from "./handler.ts";

const env = readEnvironment(environment, process.env);

export const handler = answering(
  describeService({
    settings: {
      ...installationOf(env),
      portalClientId: env.PORTAL_CLIENT_ID,
      cliClientId: env.CLI_CLIENT_ID,
    },
    ...publicKeysInUseFirst(new KMSClient({}), env, promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE)),
  }),
  log,
);
