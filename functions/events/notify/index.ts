import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { absenceStore } from "../../../adapters/dynamodb/absences.ts";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { linkMac } from "../../../adapters/kms/link-mac.ts";
import { readChannelFiles } from "../../../adapters/policies/channel-files.ts";
import { readPolicyFolder } from "../../../adapters/policies/policy-folder.ts";
import { channelSecrets } from "../../../adapters/secrets-manager/channel-secrets.ts";
import { channelKinds } from "../../channel-kinds.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { openChannels } from "../../open-channels.ts";
import { reviewerDirectory } from "../../reviewer-directory.ts";
import { environment } from "./env.ts";
import { notify } from "./handler.ts";

const dynamodb = new DynamoDBClient({});
const env = readEnvironment(environment, process.env);
const folder = new URL("./policies/", import.meta.url);
const policy = readPolicyFolder(folder);
const { channels, templates } = readChannelFiles(folder, channelKinds(env), Object.keys(policy.matrix.roles));

export const handler = notify({
  now,
  log,
  portalUrl: env.PORTAL_URL,
  policy,
  templates,
  promotions: promotionStore(dynamodb, env.PROMOTIONS_TABLE),
  delegations: delegationStore(dynamodb, env.PROMOTIONS_TABLE),
  absences: absenceStore(dynamodb, env.PROMOTIONS_TABLE),
  directory: reviewerDirectory(env),
  mac: linkMac(new KMSClient({}), env.LINK_KEY_ID),
  ...openChannels(
    channels,
    channelSecrets(new SecretsManagerClient({}), env.CHANNEL_SECRET_ID, () => Date.now()),
  ),
});
