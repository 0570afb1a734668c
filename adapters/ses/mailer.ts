import { type SESv2Client, SESv2ServiceException, SendEmailCommand } from "@aws-sdk/client-sesv2";

/** A letter: plain text first, the same in HTML. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** What SES's reports about the letter carry: letters, digits, `-` and `_` only. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What became of a letter. `refused`: SES said that it did not take it; `code` is SES's. */
export type Posted =
  | { readonly kind: "sent"; readonly messageId: string }
  | { readonly kind: "refused"; readonly code: string };

/**
 * Sends letters through SES v2. Any error that leaves open whether a letter has left is thrown. `client` must not
 * retry by itself: a request whose answer was lost may have been taken.
 */
export function mailer(client: SESv2Client, sender: string, configurationSet: string) {
  return async (letter: Letter): Promise<Posted> => {
    try {
      const { MessageId: messageId = "" } = await client.send(
        new SendEmailCommand({
          FromEmailAddress: sender,
          Destination: { ToAddresses: [letter.to] },
          ConfigurationSetName: configurationSet,
          EmailTags: Object.entries(letter.tags).map(([Name, Value]) => ({ Name, Value })),
          Content: {
            Simple: {
              Subject: { Data: letter.subject, Charset: "UTF-8" },
              Body: { Text: { Data: letter.text, Charset: "UTF-8" }, Html: { Data: letter.html, Charset: "UTF-8" } },
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
  };
}
