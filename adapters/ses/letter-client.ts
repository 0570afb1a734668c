import { SESv2Client, type SESv2ClientConfig } from "@aws-sdk/client-sesv2";

/** What the SDK keeps from one request to the next by itself; it would try again where that was closed. */
const ownConnection = { keepAlive: false } as const;

/**
 * The client for letters. It tries once, as a request whose answer was lost may have been taken, and has a connection of its
 * own for each: one that is kept may be closed while Lambda freezes the function, and the letter that meets it has not left,
 * which nobody can tell then (https://github.com/aws/aws-sdk-js-v3/issues/1196; how it is switched off:
 * https://docs.aws.amazon.com/sdk-for-javascript/v3/developer-guide/node-reusing-connections.html).
 */
export function letterClient(config: SESv2ClientConfig = {}): SESv2Client {
  return new SESv2Client({
    ...config,
    maxAttempts: 1,
    requestHandler: { httpsAgent: ownConnection, httpAgent: ownConnection },
  });
}
