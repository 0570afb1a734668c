import type { SQSClient } from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { type Instant, isInstant } from "../../core/encoding/instant.ts";
import { factTypes } from "../../core/promotion/fact.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import { type DeadLetter, deadLetters } from "./dead-letters.ts";

const announced = v.object({
  detail: v.object({
    factId: v.pipe(v.string(), v.maxLength(500)),
    type: v.picklist(factTypes),
    /** Absent where it is about no promotion. */
    promotionId: v.exactOptional(v.custom<PromotionId>(isPromotionId)),
    at: v.custom<Instant>(isInstant),
    ledgerIndex: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  }),
});

/** An event about a fact that people could not be told of, as it waits in its queue. */
export interface Undelivered extends Omit<DeadLetter, "event"> {
  /** Absent where the message is none that we put there. */
  readonly announced?: v.InferOutput<typeof announced>["detail"];
}

/** The queue of events that nobody could be told of. `client` must be made with `useQueueUrlAsEndpoint: false`. */
export function undeliveredQueue(client: SQSClient, url: string) {
  const queue = deadLetters(client, url);
  return {
    ...queue,
    /** Up to ten messages, which nobody else is given for a minute; none once all were given out. */
    take: async (): Promise<readonly Undelivered[]> => (await queue.take()).map(undeliveredOf),
  };
}

function undeliveredOf({ event, ...letter }: DeadLetter): Undelivered {
  const read = v.safeParse(announced, event);
  return { ...letter, ...(read.success ? { announced: read.output.detail } : {}) };
}
