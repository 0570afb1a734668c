import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as v from "valibot";
import { type Instant, instantFromMs, isInstant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { factTypes } from "../../core/promotion/fact.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";

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
export interface Undelivered {
  /** The message's id; the same event that fails again is another message. */
  readonly id: string;
  /** By which this receiver lets go of the message, or removes it. */
  readonly handle: string;
  readonly since: Instant;
  /** Absent where the message is none that we put there. */
  readonly announced?: v.InferOutput<typeof announced>["detail"];
}

/** What a rule could not hand over lies there as it is; what a function failed on, within Lambda's own document. */
const body = v.pipe(v.string(), v.parseJson(), v.union([announced, v.object({ requestPayload: announced })]));

/** The most that one call may ask for: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const mostAtOnce = 10;

/** The queue of events that nobody could be told of. `client` must be made with `useQueueUrlAsEndpoint: false`. */
export function undeliveredQueue(client: SQSClient, url: string) {
  return {
    /** Up to ten messages, which nobody else is given for a minute; none once all were given out. */
    async take(): Promise<readonly Undelivered[]> {
      const { Messages: messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: mostAtOnce,
          VisibilityTimeout: 60,
          // Without waiting only some of SQS's servers are asked, and nothing does not mean that there is nothing.
          WaitTimeSeconds: 1,
          MessageSystemAttributeNames: ["SentTimestamp"],
        }),
      );
      return messages.map(undeliveredOf);
    },

    /** Lets others have them again at once. */
    async letGo(messages: readonly Pick<Undelivered, "handle">[]): Promise<void> {
      for (let start = 0; start < messages.length; start += mostAtOnce) {
        const Entries = messages
          .slice(start, start + mostAtOnce)
          .map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle, VisibilityTimeout: 0 }));
        // One that is refused comes back by itself within the minute.
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
      }
    },

    async remove({ handle }: Pick<Undelivered, "handle">): Promise<void> {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));
    },
  };
}

function undeliveredOf({ MessageId: id, ReceiptHandle: handle, Body: text, Attributes }: Message): Undelivered {
  const sent = Number(Attributes?.SentTimestamp);
  if (id === undefined || handle === undefined || !Number.isSafeInteger(sent))
    throw new Failure("unavailable", "SQS answered with a message that lacks its id, handle or time.");
  const read = v.safeParse(body, text);
  const event = read.success ? ("detail" in read.output ? read.output : read.output.requestPayload) : undefined;
  return { id, handle, since: instantFromMs(sent), ...(event === undefined ? {} : { announced: event.detail }) };
}
