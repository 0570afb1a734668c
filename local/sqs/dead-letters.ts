import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../core/failure.ts";
import { putObject } from "../s3/objects.ts";
import { stateFolder, type World } from "../world.ts";
import type { QueuedMessage } from "./sqs.ts";

/**
 * Puts `document`, which was given up, where the template says: an object in a bucket, or a line in the file that
 * stands for a queue (`dead-letters/<queue>.jsonl` in the state directory). `principal` is who writes it in the
 * call log, `key` its name in a bucket.
 */
export async function putDeadLetter(
  world: Pick<World, "services" | "log" | "stateDirectory" | "now">,
  destination: string,
  document: unknown,
  { principal, key }: { readonly principal: string; readonly key: string },
): Promise<void> {
  const [, , service, , , name = ""] = destination.split(":");
  const body = JSON.stringify(document);
  if (service === "s3") {
    await putObject(world.services.s3.url, { bucket: name, key, body }, principal);
    return;
  }
  if (service !== "sqs") throw new Failure("invalid-request", `${destination} cannot take dead letters here.`);
  const sentAt = world.now();
  const message: QueuedMessage = { id: randomUUID(), sentAt, body };
  appendFileSync(join(deadLetterFolder(world), `${name}.jsonl`), `${JSON.stringify(message)}\n`, { mode: 0o600 });
  const at = new Date(sentAt).toISOString();
  world.log.record({ at, principal, action: "sqs:SendMessage", resource: destination, context: {}, status: 200 });
}

/** Where queues lie, each a file. */
export function deadLetterFolder(world: Pick<World, "stateDirectory">): string {
  return stateFolder(world, "dead-letters");
}

/** The key under which Lambda puts what it gave up into a bucket ("Retaining discarded batches", Lambda developer guide). */
export function discardedKey(source: string, now: number): string {
  const instant = new Date(now).toISOString();
  const time = instant.slice(0, 19).replaceAll(":", ".");
  return `aws/lambda/${source}/${instant.slice(0, 10).replaceAll("-", "/")}/${time}-${randomUUID()}`;
}
