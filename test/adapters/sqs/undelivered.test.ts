import { ChangeMessageVisibilityBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it, onTestFinished } from "vitest";
import { undeliveredQueue } from "../../../adapters/sqs/undelivered.ts";
import { deadLetterFolder, putDeadLetter } from "../../../local/sqs/dead-letters.ts";
import { startSqs } from "../../../local/sqs/sqs.ts";
import { id, now } from "../../core/promotion/promotion-in-review.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const queueArn = "arn:aws:sqs:us-east-1:000000000000:lost";
const detail = { factId: `${id}/3`, type: "stage-opened", promotionId: id, at: now, ledgerIndex: 7 };
const event = { version: "0", source: "countersign", "detail-type": "Countersign Fact Recorded", detail };
const sentAt = Date.UTC(2026, 10, 23, 12);

/** The queue as the local stack has it: what was given up is put there as EventBridge and Lambda do. */
async function scene(...given: readonly unknown[]) {
  const log = new RecordedCalls();
  const clock = { at: sentAt };
  const world = { stateDirectory: scratchDirectory(), log, now: () => sentAt, services: {} as never };
  const put = (document: unknown) => putDeadLetter(world, queueArn, document, { principal: "R", key: "" });
  for (const document of given) await put(document);
  log.take();
  const sqs = await startSqs({ directory: deadLetterFolder(world), log, clock: () => clock.at });
  onTestFinished(() => sqs.close());
  const client = new SQSClient({
    region: "us-east-1",
    endpoint: sqs.url,
    credentials,
    maxAttempts: 1,
    useQueueUrlAsEndpoint: false,
  });
  return { log, clock, put, queue: undeliveredQueue(client, "https://sqs.local/lost"), client };
}

describe("the queue of what could not be told", () => {
  it("gives the event, whether a rule put it there or a function failed on it", async () => {
    const { queue, log } = await scene(event, { version: "1.0", requestPayload: event, responsePayload: {} });
    const taken = await queue.take();
    expect(taken).toMatchObject([{ since: "2026-11-23T12:00:00.000Z", announced: detail }, { announced: detail }]);
    expect(new Set(taken.map((message) => message.id)).size).toBe(2);
    expect(log.take()).toEqual([`sqs:ReceiveMessage ${queueArn} 200`]);
  });

  it.each([[{ hello: "world" }], [{ ...event, detail: { ...detail, promotionId: "x" } }], ["text"]])(
    "gives %j without an event: it is none of ours",
    async (document) => {
      const [message, ...more] = await (await scene(document)).queue.take();
      expect(more).toEqual([]);
      expect(message).not.toHaveProperty("announced");
    },
  );

  it("gives each to one receiver only, until it is let go or its time is over", async () => {
    const { queue, clock } = await scene(...Array(12).fill(event));
    const first = await queue.take();
    expect(first).toHaveLength(10);
    expect(await queue.take()).toHaveLength(2);
    expect(await queue.take()).toEqual([]);
    await queue.letGo(first);
    expect(await queue.take()).toHaveLength(10);
    clock.at += 60_000;
    expect(await queue.take()).toHaveLength(10);
  });

  it("lets go of more than SQS takes in one call", async () => {
    const { queue, log, client } = await scene(...Array(12).fill(event));
    const all = [...(await queue.take()), ...(await queue.take())];
    log.take();
    await queue.letGo(all);
    expect(log.take()).toEqual(Array(2).fill(`sqs:ChangeMessageVisibility ${queueArn} 200`));
    expect(await queue.take()).toHaveLength(10);
    const Entries = all.map(({ handle }, at) => ({ Id: String(at), ReceiptHandle: handle, VisibilityTimeout: 0 }));
    const [first = expect.unreachable()] = Entries;
    for (const refused of [[], Entries, [first, first]])
      await expect(
        client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: "https://sqs.local/lost", Entries: refused })),
      ).rejects.toThrow(/Entries/);
  });

  it("forgets what was removed, and nothing else", async () => {
    const { queue, log, clock } = await scene(event, event);
    const [one, other] = await queue.take();
    if (one === undefined) throw new Error("nothing was given");
    await queue.remove(one);
    await queue.letGo([]);
    expect(log.take().at(-1)).toBe(`sqs:DeleteMessage ${queueArn} 200`);
    clock.at += 60_000;
    expect((await queue.take()).map((message) => message.id)).toEqual([other?.id]);
  });

  it("knows no receipt that it has not given, and no other queue", async () => {
    const { queue, client } = await scene(event);
    await expect(queue.remove({ handle: "another" })).rejects.toThrow("receipt handle");
    await expect(undeliveredQueue(client, "https://sqs.local/").take()).rejects.toThrow("no such queue");
  });
});
