import { SESv2Client } from "@aws-sdk/client-sesv2";
import { jira } from "../../adapters/jira/jira.ts";
import { email } from "../../adapters/ses/email.ts";
import { slack } from "../../adapters/slack/slack.ts";
import { teams } from "../../adapters/teams/teams.ts";
import { webhook } from "../../adapters/webhooks/webhook.ts";
import type { ChannelKind } from "../../core/notification/channel.ts";

const nobody = (): Promise<never> => Promise.reject(new Error("A file is checked; nothing is sent."));

/** Every kind of channel, to check a file by; nothing is sent. */
export const channelKinds: readonly ChannelKind[] = [
  email(new SESv2Client({}), "", "", nobody),
  slack(nobody),
  teams(nobody),
  jira(nobody),
  webhook(nobody, () => 0),
];
