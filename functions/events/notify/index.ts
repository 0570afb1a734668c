import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { absenceStore } from "../../../adapters/dynamodb/absences.ts";
import { delegationStore } from "../../../adapters/dynamodb/delegations.ts";
import { promotionStore } from "../../../adapters/dynamodb/promotions.ts";
import { linkMac } from "../../../adapters/kms/link-mac.ts";
import { readChannelFiles } from "../../../adapters/policies/channel-files.ts";
import { channelSecrets } from "../../../adapters/secrets-manager/channel-secrets.ts";
import { channelKinds } from "../../channel-kinds.ts";
import { now } from "../../clock.ts";
import { readEnvironment } from "../../environment.ts";
import { log } from "../../log.ts";
import { openChannels } from "../../open-channels.ts";
import { policiesHere } from "../../policies-here.ts";
import { underPolicy } from "../../policy-in-force.ts";
import { reviewerDirectory } from "../../reviewer-directory.ts";
import { environment } from "./env.ts";
import { notify } from "./handler.ts";

const dynamodb = new DynamoDBClient({});
const env = readEnvironment(environment, process.env);

const kinds = channelKinds(env);

export const handler = underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) => {
  const { channels, templates } = readChannelFiles(policy, kinds);
  return notify({
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
});
