import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KMSClient } from "@aws-sdk/client-kms";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { absenceStore } from "../../adapters/dynamodb/absences.ts";
import { delegationStore } from "../../adapters/dynamodb/delegations.ts";
import { promotionStore } from "../../adapters/dynamodb/promotions.ts";
import { linkMac } from "../../adapters/kms/link-mac.ts";
import { readChannelFiles } from "../../adapters/policies/channel-files.ts";
import { channelSecrets } from "../../adapters/secrets-manager/channel-secrets.ts";
import type { Policies } from "../../core/policy/load-policies.ts";
import { now } from "../clock.ts";
import { log } from "../log.ts";
import { reviewerDirectory } from "../people/reviewer-directory.ts";
import { policiesHere } from "../policies/policies-here.ts";
import { underPolicy } from "../policies/policy-in-force.ts";
import { channelKinds } from "./channel-kinds.ts";
import { openChannels } from "./open-channels.ts";

interface TellingEnvironment {
  readonly PROMOTIONS_TABLE: string;
  readonly LINK_KEY_ID: string;
  readonly SENDER_ADDRESS: string;
  readonly MAIL_CONFIGURATION_SET: string;
  readonly CHANNEL_SECRET_ID: string;
  readonly PORTAL_URL: string;
  readonly REVIEWER_DIRECTORY: string;
  readonly OIDC_ISSUER: string;
}

/** What whoever tells people works with, under the policies in force: who they are, and the channels that reach them. */
export function tellingUnderPolicy<Given extends readonly unknown[], Answer>(
  env: TellingEnvironment,
  make: (ports: ReturnType<typeof portsOf>) => (...given: Given) => Promise<Answer>,
): (...given: Given) => Promise<Answer> {
  const dynamodb = new DynamoDBClient({});
  const kinds = channelKinds(env);
  return underPolicy(policiesHere(dynamodb, env.PROMOTIONS_TABLE), (policy) =>
    make(portsOf(env, dynamodb, kinds, policy)),
  );
}

function portsOf(
  env: TellingEnvironment,
  dynamodb: DynamoDBClient,
  kinds: ReturnType<typeof channelKinds>,
  policy: Policies,
) {
  const { channels, templates } = readChannelFiles(policy, kinds);
  return {
    now,
    pause,
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
  };
}
