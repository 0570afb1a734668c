import { createHmac } from "node:crypto";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { type ChannelKind, type Exchange, handOver } from "../../core/notification/channel.ts";
import type { Message, Posted } from "../../core/notification/message.ts";

/**
 * Webhooks signed as Standard Webhooks 1.0.0 says, with its symmetric scheme. The id is the same for every attempt, and
 * receivers drop one that they have seen, so an attempt of which nobody knows what became of it is simply made again.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function webhook(exchange: Exchange, nowMs: () => number): ChannelKind {
  return {
    name: "webhook",
    form: "webhook message",
    settings: {
      url: { pattern: /^https:\/\/[^\s]+$/, sentence: "Here stands the receiver's address; it begins with https://." },
    },
    secret: true,
    audience: () => "room",
    open: ({ url = "" }) => ({ post: to(url), postAgain: to(url) }),
  };

  function to(url: string) {
    return async (message: Message, secret: string): Promise<Posted> => {
      const key = keyOf(secret);
      if (key === undefined) return { kind: "refused", code: "secret-invalid" };
      const body = payload(message);
      const id = `msg_${message.id}`;
      const timestamp = String(Math.floor(nowMs() / 1000));
      const signature = createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
      const headers = {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${signature}`,
      };
      return handOver(exchange, { method: "POST", url, headers, body }, () => ({ kind: "sent", messageId: id }));
    };
  }
}

/** `whsec_` and the base64 of 24 to 64 random bytes. */
function keyOf(secret: string): Buffer | undefined {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = Buffer.from(encoded ?? "", "base64");
  return key.length >= 24 && key.length <= 64 ? key : undefined;
}

const types: Readonly<Record<Message["purpose"], string>> = {
  asked: "review.asked",
  reminded: "review.reminded",
  escalated: "review.escalated",
  settled: "review.settled",
  fallen: "review.fallen",
  question: "review.question",
  answer: "review.answer",
  told: "promotion.ended",
  restricted: "model.restricted",
  lent: "loan.given",
  afterwards: "loan.review",
  "taken-back": "model.taken-back",
};

/** Thin: ids and states; whoever wants more asks the API with rights of their own. */
function payload({ purpose, at, note, link, about }: Message): string {
  return canonicalJson({ type: types[purpose], timestamp: at, data: { ...about, text: note, url: link } });
}
