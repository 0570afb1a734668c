import { createHmac, timingSafeEqual } from "node:crypto";

/** What Slack signs: the body as it was sent, and the two headers beside it. */
export interface SignedRequest {
  readonly body: Uint8Array;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

/** Whether a request is one of the app's whose signing secret this is. https://docs.slack.dev/authentication/verifying-requests-from-slack */
export function isSigned({ body, timestamp = "", signature = "" }: SignedRequest, signingSecret: string): boolean {
  // An empty secret signs for everybody.
  if (signingSecret === "" || !/^v0=[0-9a-f]{64}$/.test(signature)) return false;
  const expected = createHmac("sha256", signingSecret).update(`v0:${timestamp}:`).update(body).digest();
  return timingSafeEqual(expected, Buffer.from(signature.slice(3), "hex"));
}
