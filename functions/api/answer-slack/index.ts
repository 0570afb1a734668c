import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { replayStore } from "../../../adapters/dynamodb/replays.ts";
import { turnBooks } from "../../../adapters/dynamodb/turn-books.ts";
import { httpExchange } from "../../../adapters/http/exchange.ts";
import { linkMac } from "../../../adapters/kms/link-mac.ts";
import { readChannelFiles } from "../../../adapters/policies/channel-files.ts";
import { channelSecrets } from "../../../adapters/secrets-manager/channel-secrets.ts";
import { inItsPlace, openDialog, readSlackRequest } from "../../../adapters/slack/interactions.ts";
import { slackApps } from "../../../adapters/slack/slack.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { reviewerDirectory } from "../../people/reviewer-directory.ts";
import { policiesHere } from "../../policies/policies-here.ts";
import { underPolicy } from "../../policies/policy-in-force.ts";
import { channelKinds } from "../../telling/channel-kinds.ts";
import { answering } from "../http.ts";
import { environment } from "./env.ts";
import { answerSlack } from "./handler.ts";

/** Slack waits three seconds in all. */
const patienceMilliseconds = 2500;

const env = readEnvironment(environment, process.env);
const dynamodb = new DynamoDBClient({});
const secret = channelSecrets(new SecretsManagerClient({}), env.CHANNEL_SECRET_ID, () => Date.now());
const open = openDialog(httpExchange(patienceMilliseconds));
const replays = replayStore(dynamodb, env.REPLAYS_TABLE);
// The file of channels is read with every kind; nothing is posted with these.
const kinds = channelKinds({ SENDER_ADDRESS: "", MAIL_CONFIGURATION_SET: "" });

export const handler = answering(
  underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) => {
    const { channels } = readChannelFiles(policy, kinds);
    return answerSlack({
      now,
      turns: turnBooks(dynamodb, env.REPLAYS_TABLE),
      portalUrl: env.PORTAL_URL,
      people: policy.people,
      groups: policy.groups,
      directory: reviewerDirectory(env),
      promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
      mac: linkMac(new KMSClient({}), env.LINK_KEY_ID),
      receive: async (request) => {
        const { app, signature, sentAtSeconds, event } = readSlackRequest(
          request,
          await slackApps(channels, secret),
          Date.now(),
        );
        return {
          event,
          first: () => replays.first({ issuer: "slack", id: signature, expiresAtSeconds: sentAtSeconds + 300 }),
          show: (trigger, dialog) => open(app, trigger, dialog),
        };
      },
      inItsPlace,
    });
  }),
  log,
);
