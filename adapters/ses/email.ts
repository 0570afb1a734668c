import { domainToASCII } from "node:url";
import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from "@aws-sdk/client-sesv2";
import type { ChannelKind } from "../../core/notification/channel.ts";
import type { Message, Posted } from "../../core/notification/message.ts";
import { hasNotLeft } from "../../core/notification/not-left.ts";
import { letterHtml } from "./letter-html.ts";

/**
 * Before the tries after the first, in milliseconds. SES counts letters by the second, of all runs together, and what it
 * refuses so it has not taken: https://docs.aws.amazon.com/ses/latest/dg/manage-sending-quotas-errors.html
 */
const pauses = [400, 1200] as const;

/**
 * Letters through SES v2: plain text first, the same in HTML. Any error that leaves open whether a letter has left is
 * thrown. `client` must not retry by itself: a request whose answer was lost may have been taken.
 */
export function email(
  client: SESv2Client,
  sender: string,
  configurationSet: string,
  pause: (milliseconds: number) => Promise<unknown>,
): ChannelKind {
  /** Where waiting did not help the letter before, as where the day's letters are used up, the next does not wait for it. */
  let helps = true;
  return {
    name: "email",
    form: "letter",
    settings: {},
    secret: false,
    audience: () => "person",
    open: () => ({ post }),
  };

  async function post(message: Message): Promise<Posted> {
    // The directory may know somebody without one.
    if (message.to === undefined || message.to.address === "") return { kind: "refused", code: "no-address" };
    // What SES's reports about the letter carry: letters, digits, `-` and `_` only.
    const tags = { promotion: message.about.promotion ?? "installation", notification: message.id };
    const letter = new SendEmailCommand({
      FromEmailAddress: sender,
      Destination: { ToAddresses: [forSes(message.to.address)] },
      ConfigurationSetName: configurationSet,
      EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
      Content: {
        Simple: {
          Subject: utf8(message.subject),
          Body: { Text: utf8(`${message.letter}\n`), Html: utf8(letterHtml(message)) },
          ...headersOf(message, sender),
        },
      },
    });
    const first = await send(letter);
    if (first.kind !== "refused" || first.code !== tooMany || !helps) return first;
    return await sendLater(letter);
  }

  async function send(letter: SendEmailCommand): Promise<Posted> {
    try {
      const { MessageId: messageId = "" } = await client.send(letter);
      helps = true;
      return { kind: "sent", messageId };
    } catch (error) {
      if (error instanceof SESv2ServiceException && error.$fault === "client")
        return { kind: "refused", code: error.name };
      if (hasNotLeft(error)) return { kind: "refused", code: "not-reached" };
      throw error;
    }
  }

  async function sendLater(letter: SendEmailCommand): Promise<Posted> {
    for (const milliseconds of pauses) {
      await pause(milliseconds);
      const posted = await send(letter);
      if (posted.kind !== "refused" || posted.code !== tooMany) return posted;
    }
    helps = false;
    return { kind: "refused", code: tooMany };
  }
}

/** SES takes a domain in Punycode only: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html */
function forSes(address: string): string {
  const at = address.lastIndexOf("@");
  const domain = domainToASCII(address.slice(at + 1));
  return domain === "" ? address : `${address.slice(0, at + 1)}${domain}`;
}

const tooMany = "TooManyRequestsException";

/** Of reminders one may ask to be left alone (RFC 2369); whoever is asked for a sign-off, or told of its end, is needed. */
function headersOf({ purpose }: Message, sender: string) {
  if (purpose !== "reminded") return {};
  const address = /<([^<>]+)>\s*$/.exec(sender)?.[1] ?? sender;
  return { Headers: [{ Name: "List-Unsubscribe", Value: `<mailto:${address}?subject=no%20reminders>` }] };
}

function utf8(text: string) {
  return { Data: text, Charset: "UTF-8" };
}
