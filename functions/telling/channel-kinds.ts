import { setTimeout as pause } from "node:timers/promises";
import { httpExchange } from "../../adapters/http/exchange.ts";
import { jira } from "../../adapters/jira/jira.ts";
import { email } from "../../adapters/ses/email.ts";
import { letterClient } from "../../adapters/ses/letter-client.ts";
import { slack } from "../../adapters/slack/slack.ts";
import { teams } from "../../adapters/teams/teams.ts";
import { webhook } from "../../adapters/webhooks/webhook.ts";
import type { ChannelKind } from "../../core/notification/channel.ts";

/** Nobody waits longer for another service: there are others to tell in the function's time. */
const patienceMilliseconds = 8000;

/** Every way to reach people. A new one is a folder of adapters/ and an entry here. */
export function channelKinds(environment: {
  readonly SENDER_ADDRESS: string;
  readonly MAIL_CONFIGURATION_SET: string;
}): readonly ChannelKind[] {
  const exchange = httpExchange(patienceMilliseconds);
  return [
    email(letterClient(), environment.SENDER_ADDRESS, environment.MAIL_CONFIGURATION_SET, pause),
    slack(exchange),
    teams(exchange),
    jira(exchange),
    webhook(exchange, () => Date.now()),
  ];
}
