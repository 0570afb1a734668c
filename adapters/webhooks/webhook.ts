import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { type ChannelKind, type Exchange, handOver } from "../../core/notification/channel.ts";
import type { Message, Posted } from "../../core/notification/message.ts";
import { webhookHeaders, webhookKey } from "./standard-webhook.ts";

/**
 * Webhooks signed as Standard Webhooks says. The id is the same for every attempt, and receivers drop one that they have
 * seen, so an attempt of which nobody knows what became of it is simply made again.
 */
export function webhook(exchange: Exchange, nowMs: () => number): ChannelKind {
  return {
    name: "webhook",
    form: "webhook message",
    settings: {
      url: { pattern: /^https:\/\/[^\s]+$/, sentence: "This must be the receiver's address; it begins with https://." },
    },
    secret: true,
    audience: () => "room",
    open: ({ url = "" }) => ({ post: to(url), postAgain: to(url) }),
  };

  function to(url: string) {
    return async (message: Message, secret: string): Promise<Posted> => {
      const key = webhookKey(secret);
      if (key === undefined) return { kind: "refused", code: "secret-invalid" };
      const body = payload(message);
      const id = `msg_${message.id}`;
      const headers = webhookHeaders(key, id, body, nowMs());
      return handOver(exchange, { method: "POST", url, headers, body }, () => ({ kind: "sent", messageId: id }));
    };
  }
}

const types: Readonly<Record<Message["purpose"], string>> = {
  asked: "review.asked",
  reminded: "review.reminded",
  escalated: "review.escalated",
  settled: "review.settled",
  fallen: "review.fallen",
  stands: "review.stands",
  question: "review.question",
  answer: "review.answer",
  told: "promotion.ended",
  restricted: "model.restricted",
  lending: "loan.requested",
  lent: "loan.given",
  afterwards: "loan.review",
  "taken-back": "model.taken-back",
  intruder: "model.intruder",
};

/** Thin: ids and states; whoever wants more asks the API with rights of their own. */
function payload({ purpose, at, note, link, about }: Message): string {
  return canonicalJson({ type: types[purpose], timestamp: at, data: { ...about, text: note, url: link } });
}
