import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from "@aws-sdk/client-sesv2";
import type { ChannelKind } from "../../core/notification/channel.ts";
import type { Message, Posted } from "../../core/notification/message.ts";
import { letterHtml } from "./letter-html.ts";

/**
 * Letters through SES v2: plain text first, the same in HTML. Any error that leaves open whether a letter has left is
 * thrown. `client` must not retry by itself: a request whose answer was lost may have been taken.
 */
export function email(client: SESv2Client, sender: string, configurationSet: string): ChannelKind {
  return {
    name: "email",
    form: "letter",
    settings: {},
    secret: false,
    audience: () => "person",
    open: () => ({ post }),
  };

  async function post(message: Message): Promise<Posted> {
    if (message.to === undefined) return { kind: "refused", code: "no-address" };
    // What SES's reports about the letter carry: letters, digits, `-` and `_` only.
    const tags = { promotion: message.about.promotion ?? "installation", notification: message.id };
    try {
      const { MessageId: messageId = "" } = await client.send(
        new SendEmailCommand({
          FromEmailAddress: sender,
          Destination: { ToAddresses: [message.to.address] },
          ConfigurationSetName: configurationSet,
          EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
          Content: {
            Simple: {
              Subject: utf8(message.subject),
              Body: { Text: utf8(`${message.letter}\n`), Html: utf8(letterHtml(message)) },
              ...headersOf(message, sender),
            },
          },
        }),
      );
      return { kind: "sent", messageId };
    } catch (error) {
      if (error instanceof SESv2ServiceException && error.$fault === "client")
        return { kind: "refused", code: error.name };
      throw error;
    }
  }
}

/** Of reminders one may ask to be left alone (RFC 2369); whoever is asked for a sign-off, or told of its end, is needed. */
function headersOf({ purpose }: Message, sender: string) {
  if (purpose !== "reminded") return {};
  const address = /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender;
  return { Headers: [{ Name: "List-Unsubscribe", Value: `<mailto:${address}?subject=no%20reminders>` }] };
}

function utf8(text: string) {
  return { Data: text, Charset: "UTF-8" };
}
