import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../core/encoding/canonical-json.ts";
import type { WakeClock } from "../wake-clock.ts";
import type { InvocationResult } from "./invocation.ts";

/** A function that takes events for which nobody waits (`InvocationType: Event`). */
export interface AsyncTarget {
  readonly name: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** How many more times a failed event is tried; Lambda's default is 2. */
  readonly retries: number;
  /** Takes what failed to the last; without one it is dropped, as Lambda does. */
  readonly onFailure: ((document: unknown) => Promise<void>) | undefined;
}

/** Events on their way to functions. */
export interface AsyncInvocations {
  /** Takes `event`: once this returns it is on disk, and will be delivered at least once. */
  send(functionName: string, event: Json): void;
  /** Delivers what an earlier run left. */
  resume(): void;
  close(): Promise<void>;
}

interface Pending {
  readonly id: string;
  readonly functionName: string;
  readonly event: Json;
  readonly failures: number;
}

/** Lambda waits one minute, then two (its developer guide, "asynchronous invocation"); nobody at a laptop does. */
const pauses = [1000, 2000];

/** Opens the queue of asynchronous invocations: one file per event under `directory`, until it has been handled. */
export function openAsyncInvocations(
  directory: string,
  target: (functionName: string) => AsyncTarget,
  clock: WakeClock,
): AsyncInvocations {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // What is sent from now on is on its way by itself.
  const left = readdirSync(directory)
    .filter((file) => file.endsWith(".json"))
    .sort();
  const running = new Set<Promise<void>>();
  const timers = new Set<() => void>();
  let closed = false;

  const path = ({ id }: Pending): string => join(directory, `${id}.json`);
  const write = (pending: Pending): void => {
    writeFileSync(`${path(pending)}.next`, JSON.stringify(pending), { mode: 0o600 });
    renameSync(`${path(pending)}.next`, path(pending));
  };
  const start = (pending: Pending): void => {
    const run = deliver(pending).finally(() => running.delete(run));
    running.add(run);
  };
  const deliver = async (pending: Pending): Promise<void> => {
    if (closed) return;
    try {
      const { invoke, retries, onFailure } = target(pending.functionName);
      const result = await invoke(pending.event);
      if (!("errorType" in result)) return rmSync(path(pending));
      const failed = { ...pending, failures: pending.failures + 1 };
      write(failed);
      if (failed.failures <= retries) return retryLater(failed);
      await onFailure?.(failureDocument(failed, result.errorType, clock.now()));
      rmSync(path(pending));
    } catch (error) {
      // The outcome is unknown (we are shutting down) or the destination refused: the file stays for the next start.
      process.emitWarning(`An event for ${pending.functionName} is kept for the next start: ${String(error)}`);
    }
  };
  const retryLater = (pending: Pending): void => {
    const cancel = clock.at(clock.now() + (pauses[pending.failures - 1] ?? 2000), () => {
      timers.delete(cancel);
      start(pending);
    });
    timers.add(cancel);
  };

  return {
    send: (functionName, event) => {
      const pending = { id: `${clock.now()}-${randomUUID()}`, functionName, event, failures: 0 };
      write(pending);
      start(pending);
    },
    resume: () => {
      for (const file of left.splice(0)) start(JSON.parse(readFileSync(join(directory, file), "utf8")) as Pending);
    },
    close: async () => {
      closed = true;
      for (const cancel of timers) cancel();
      await Promise.all(running);
    },
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html */
function failureDocument({ id, functionName, event, failures }: Pending, errorType: string, now: number): unknown {
  return {
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    requestContext: {
      requestId: id,
      functionArn: functionName,
      condition: "RetriesExhausted",
      approximateInvokeCount: failures,
    },
    requestPayload: event,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: { errorType },
  };
}
