import { type SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";

/** A letter: plain text first, the same in HTML. */
export interface Letter {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Sends letters through SES v2 and answers SES's message id. */
export function mailer(client: SESv2Client, sender: string) {
  return async (letter: Letter): Promise<string> => {
    const { MessageId: id } = await client.send(
      new SendEmailCommand({
        FromEmailAddress: sender,
        Destination: { ToAddresses: [letter.to] },
        Content: {
          Simple: {
            Subject: { Data: letter.subject, Charset: "UTF-8" },
            Body: { Text: { Data: letter.text, Charset: "UTF-8" }, Html: { Data: letter.html, Charset: "UTF-8" } },
          },
        },
      }),
    );
    return id ?? "";
  };
}
