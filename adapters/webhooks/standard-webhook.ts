import { createHmac, timingSafeEqual } from "node:crypto";

// Standard Webhooks 1.0.0, with its symmetric scheme:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

/** As long as the libraries of the standard take a message that was on its way. */
const toleranceSeconds = 300;

/** What is signed: the body as it is sent, and the headers beside it. */
export interface SignedMessage {
  readonly id: string | undefined;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly body: string;
}

/** The key of a secret, `whsec_` and the base64 of 24 to 64 random bytes; `undefined` where it is none. */
export function webhookKey(secret: string): Uint8Array | undefined {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = Buffer.from(encoded ?? "", "base64");
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** The headers of a message. `id` is the same for every attempt, and receivers drop one that they have seen. */
export function webhookHeaders(
  key: Uint8Array,
  id: string,
  body: string,
  nowMs: number,
): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  return {
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signatureOf(key, id, timestamp, body).toString("base64")}`,
  };
}

/** Whether a message was signed with the key, within the five minutes around now. */
export function isSignedWebhook(key: Uint8Array, message: SignedMessage, nowMs: number): boolean {
  const { id = "", timestamp = "", signature = "", body } = message;
  if (id === "" || !/^[0-9]{1,12}$/.test(timestamp)) return false;
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds) return false;
  const expected = signatureOf(key, id, timestamp, body);
  // There are several while a secret is changed.
  return signature.split(" ").some((each) => {
    const given = Buffer.from(/^v1,([A-Za-z0-9+/]{43}=)$/.exec(each)?.[1] ?? "", "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

function signatureOf(key: Uint8Array, id: string, timestamp: string, body: string): Buffer {
  return createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest();
}
