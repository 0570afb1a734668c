import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { type AwsCallLog, type LocalService, localAccount, localRegion } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { type AwsOperation, operation, serveOperations } from "../aws/aws-operations.ts";

/** A message as its file keeps it, one JSON object a line. */
export interface QueuedMessage {
  readonly id: string;
  readonly sentAt: number;
  readonly body: string;
}

export interface SqsOptions {
  /** `<queue>.jsonl` each. */
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly clock?: () => number;
}

interface GivenOut {
  readonly id: string;
  readonly until: number;
}

const invalid = "com.amazonaws.sqs#InvalidParameterValueException";
const seconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(43_200));
const handle = v.pipe(v.string(), v.minLength(1));

/**
 * Starts the stand-in for SQS: receiving, removing and letting go of the messages in files. A message that was given out
 * comes back after its time, or with the next start; nothing waits, since nobody sends meanwhile.
 */
export function startSqs({ directory, log, port, clock = Date.now }: SqsOptions): Promise<LocalService> {
  const given = new Map<string, GivenOut>();
  const queueOf = (url: string, action: string, need: Parameters<AwsOperation>[1]): string => {
    const name = /^https:\/\/sqs\.local\/([\w-]+)$/.exec(url)?.[1];
    if (name === undefined) throw new AwsRefusal("com.amazonaws.sqs#QueueDoesNotExist", "There is no such queue.");
    need({ action: `sqs:${action}`, resource: `arn:aws:sqs:${localRegion}:${localAccount}:${name}` });
    return join(directory, `${name}.jsonl`);
  };
  const operations: Readonly<Record<string, AwsOperation>> = {
    ReceiveMessage: operation(
      v.strictObject({
        QueueUrl: v.string(),
        MaxNumberOfMessages: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10)), 1),
        VisibilityTimeout: v.optional(seconds, 30),
        WaitTimeSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20)), 0),
        MessageSystemAttributeNames: v.optional(v.tuple([v.literal("SentTimestamp")])),
      }),
      invalid,
      (input, need) => {
        const file = queueOf(input.QueueUrl, "ReceiveMessage", need);
        const hidden = new Set([...given.values()].flatMap(({ id, until }) => (until > clock() ? [id] : [])));
        const free = messagesIn(file).filter(({ id }) => !hidden.has(id));
        const messages = free.slice(0, input.MaxNumberOfMessages).map(({ id, sentAt, body }) => {
          const receipt = randomUUID();
          given.set(receipt, { id, until: clock() + input.VisibilityTimeout * 1000 });
          const Attributes = { SentTimestamp: String(sentAt) };
          const MD5OfBody = createHash("md5").update(body).digest("hex");
          return { MessageId: id, ReceiptHandle: receipt, Body: body, MD5OfBody, Attributes };
        });
        return messages.length === 0 ? {} : { Messages: messages };
      },
    ),
    DeleteMessage: operation(
      v.strictObject({ QueueUrl: v.string(), ReceiptHandle: handle }),
      invalid,
      (input, need) => {
        const file = queueOf(input.QueueUrl, "DeleteMessage", need);
        const { id } = givenBy(input.ReceiptHandle);
        const left = messagesIn(file).filter((message) => message.id !== id);
        writeFileSync(`${file}.next`, left.map((message) => `${JSON.stringify(message)}\n`).join(""), { mode: 0o600 });
        renameSync(`${file}.next`, file);
        return {};
      },
    ),
    ChangeMessageVisibilityBatch: operation(
      v.strictObject({
        QueueUrl: v.string(),
        // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibilityBatch.html
        Entries: v.pipe(
          v.array(v.strictObject({ Id: v.string(), ReceiptHandle: handle, VisibilityTimeout: seconds })),
          v.minLength(1),
          v.maxLength(10),
          v.check(
            (entries) => new Set(entries.map(({ Id }) => Id)).size === entries.length,
            "must have Ids of their own",
          ),
        ),
      }),
      invalid,
      (input, need) => {
        // IAM knows the action of one message alone: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
        queueOf(input.QueueUrl, "ChangeMessageVisibility", need);
        for (const { ReceiptHandle, VisibilityTimeout } of input.Entries)
          given.set(ReceiptHandle, { ...givenBy(ReceiptHandle), until: clock() + VisibilityTimeout * 1000 });
        return { Successful: input.Entries.map(({ Id }) => ({ Id })), Failed: [] };
      },
    ),
  };
  return serveOperations({ target: "AmazonSQS", operations, log, port, clock });

  function givenBy(receipt: string): GivenOut {
    const found = given.get(receipt);
    if (found === undefined)
      throw new AwsRefusal("com.amazonaws.sqs#ReceiptHandleIsInvalid", "The receipt handle is not valid.", 404);
    return found;
  }
}

function messagesIn(file: string): readonly QueuedMessage[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line) => (line === "" ? [] : [JSON.parse(line) as QueuedMessage]));
}
