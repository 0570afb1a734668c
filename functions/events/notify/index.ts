import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { linkMac } from "../../../adapters/kms/link-mac.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { mailer } from "../../../adapters/ses/mailer.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../reviewer-directory.ts";
import { environment } from "./env.ts";
import { notify } from "./handler.ts";

const env = readEnvironment(environment, process.env);

export const handler = notify({
  now,
  log,
  portalUrl: env.PORTAL_URL,
  policy: readPolicyFolder(new URL("./policies/", import.meta.url)),
  promotions: promotionStore(new DynamoDBClient({}), env.PROMOTIONS_TABLE),
  directory: reviewerDirectory(env),
  mac: linkMac(new KMSClient({}), env.LINK_KEY_ID),
  send: mailer(new SESv2Client({ maxAttempts: 1 }), env.SENDER_ADDRESS, env.MAIL_CONFIGURATION_SET),
});
