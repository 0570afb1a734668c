import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { type Instant, instantFromMs } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";

/** An event that could not be handed over, or that a function failed on, as it waits in its queue. */
export interface DeadLetter {
  /** The message's id; the same event that fails again is another message. */
  readonly id: string;
  /** By which this receiver lets go of the message, or removes it. */
  readonly handle: string;
  readonly since: Instant;
  /** The event; `undefined` where the message is no JSON. */
  readonly event: unknown;
}

/** The most that one call may ask for: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const mostAtOnce = 10;

/** A queue of events that were given up. `client` must be made with `useQueueUrlAsEndpoint: false`. */
export function deadLetters(client: SQSClient, url: string) {
  return {
    /** Up to ten messages, which nobody else is given for a minute; none once all were given out. */
    async take(): Promise<readonly DeadLetter[]> {
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
      return messages.map(letterOf);
    },

    /** Lets others have them again at once. */
    async letGo(messages: readonly Pick<DeadLetter, "handle">[]): Promise<void> {
      for (let start = 0; start < messages.length; start += mostAtOnce) {
        const Entries = messages
          .slice(start, start + mostAtOnce)
          .map(({ handle }, index) => ({ Id: String(index), ReceiptHandle: handle, VisibilityTimeout: 0 }));
        // One that is refused comes back by itself within the minute.
        await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries }));
      }
    },

    async remove({ handle }: Pick<DeadLetter, "handle">): Promise<void> {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: handle }));
    },
  };
}

function letterOf({ MessageId: id, ReceiptHandle: handle, Body: text, Attributes }: Message): DeadLetter {
  const sent = Number(Attributes?.SentTimestamp);
  if (id === undefined || handle === undefined || !Number.isSafeInteger(sent))
    throw new Failure("unavailable", "SQS answered with a message that lacks its id, handle or time.");
  return { id, handle, since: instantFromMs(sent), event: eventIn(text) };
}

/** What a rule could not hand over lies there as it is; what a function failed on, within Lambda's own document. */
function eventIn(text: string | undefined): unknown {
  try {
    const body: unknown = JSON.parse(text ?? "");
    return typeof body === "object" && body !== null && "requestPayload" in body ? body.requestPayload : body;
  } catch {
    return undefined;
  }
}
