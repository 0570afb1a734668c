import type { Instant } from "../../core/encoding/instant.ts";
import type { Exchange } from "../../core/notification/channel.ts";
import type { Message } from "../../core/notification/message.ts";
import { deadline, id } from "../core/promotion/promotion-in-review.ts";

export const link = `https://portal.example/#/promotions/${id}`;

/** A message that asks. */
export function message(over: Partial<Message> = {}): Message {
  return {
    id: "0123456789abcdef0123456789abcdef",
    purpose: "asked",
    at: "2026-11-23T11:00:00.000Z" as Instant,
    subject: "Please review credit-scoring 1.4.0 for production",
    letter: `Hello Cora,\n\nPlease decide <soon> & well.\n\n${link}`,
    note: "credit-scoring 1.4.0 is waiting.\nStage: compliance.",
    button: "Read and decide",
    link,
    earlier: [],
    about: {
      promotion: id,
      model: "credit-scoring",
      version: "1.4.0",
      target: "production",
      status: "in-review",
      stage: "compliance",
      deadline,
    },
    ...over,
  };
}

export type Request = Parameters<Exchange>[0];

/** The other end of an exchange: keeps what it was asked, and answers as it is told. */
export function otherEnd(answer: (request: Request) => { readonly status: number; readonly body?: unknown }) {
  const requests: Request[] = [];
  const exchange: Exchange = async (request) => {
    requests.push(request);
    const { status, body } = answer(request);
    return { status, body: typeof body === "string" ? body : JSON.stringify(body ?? {}) };
  };
  return { requests, exchange, last: () => JSON.parse(requests.at(-1)?.body ?? "null") as Record<string, unknown> };
}
