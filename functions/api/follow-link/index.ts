import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { linkMacCheck } from "../../../adapters/kms/link-mac.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { followLink } from "./handler.ts";

const env = readEnvironment(environment, process.env);

export const handler = answering(
  followLink({
    now,
    portalUrl: env.PORTAL_URL,
    verifyMac: linkMacCheck(new KMSClient({}), env.LINK_KEY_IDS.split(",")),
    promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
  }),
  log,
);
