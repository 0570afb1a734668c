import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { PackJob, PackJobResult } from "../core/archive/inspect-pack.ts";
import type { FileStates } from "../core/archive/pack/file-states.ts";
import type { Helpers } from "../core/archive/pack-verification.ts";
import type { ZipRows } from "../core/archive/zip/zip-directory.ts";
import { Failure } from "../core/failure.ts";
import { sharedTexts } from "./shared-texts.ts";
import type { WorkerAnswer, WorkerStart } from "./verify-worker.ts";

/** Below so many files a thread costs more than it saves. */
export const filesForThreads = 4_000;

/** How many threads a pack of so many files is verified with; one means this one alone. */
export function threadsFor(files: number, cores = availableParallelism()): number {
  return files < filesForThreads ? 1 : Math.min(cores, 16);
}

/**
 * Enough for a thread that reads the largest documents of a pack one by one; told nothing, it would let garbage lie
 * where there is memory. Buffers are not counted. By its limit V8 tells how far a heap may grow before all of it is
 * collected again, and mostly these have some 25 MB: below 300 MB by a third, with this one by four fifths, which takes 30
 * MiB and saves a twelfth of the time for 100,000 sign-offs; from 2 GB on fourfold, which takes 150 (measured).
 */
const resourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 1536 };

interface Waiting {
  readonly job: PackJob;
  readonly resolve: (result: PackJobResult) => void;
  readonly reject: (error: Error) => void;
}

/** What a thread runs: beside this file, which is as it was written, or in the package that `npm run build:cli` makes of it. */
const threadFile = new URL(`./verify-worker.${import.meta.url.endsWith(".ts") ? "ts" : "mjs"}`, import.meta.url);

/** A thread that has nothing to do yet. */
export interface IdleThread {
  readonly worker: Worker;
  /** Why it ended before it had. */
  failure?: unknown;
}

/** Starts threads that load what they need while nobody knows yet what they are to do; none where one is enough. */
export function startThreads(count: number): readonly IdleThread[] {
  return Array.from({ length: count < 2 ? 0 : count }, () => {
    const worker = new Worker(threadFile, { resourceLimits });
    const thread: IdleThread = { worker };
    worker.on("error", (error) => {
      thread.failure ??= error;
    });
    return thread;
  });
}

/**
 * Ends threads, one after the other: what each compiled of WebAssembly goes with it, and V8 keeps one register of that for the whole
 * process, in which threads that end at the same time got into each other's way, which ended the process
 * (https://github.com/nodejs/node/issues/64500).
 */
export async function dismissThreads(threads: readonly IdleThread[]): Promise<void> {
  for (const { worker } of threads) await worker.terminate();
}

/** Threads that share the work on one pack: whoever is free takes the part that is next. */
export function verifyThreads(
  threads: readonly IdleThread[],
  pack: { readonly path: string; readonly rows: ZipRows },
  { mode, now, known, since }: WorkerStart["options"],
): (states: FileStates) => Helpers {
  return (states) => {
    const shared = sharedTexts();
    const waiting: Waiting[] = [];
    const free: Worker[] = [];
    const busy = new Map<Worker, Waiting>();
    const start: WorkerStart = {
      ...pack,
      states,
      options: { mode, now, known, ...(since === undefined ? {} : { since }) },
    };
    const next = (): void => {
      while (waiting.length > 0 && free.length > 0) {
        const [one, worker] = [waiting.shift(), free.pop()];
        if (one === undefined || worker === undefined) return;
        busy.set(worker, one);
        worker.postMessage(one.job);
      }
    };
    let failed: Error | undefined;
    const giveUp = (error: unknown): void => {
      failed ??= error as Error;
      for (const { reject } of [...waiting.splice(0), ...busy.values()]) reject(failed);
    };
    for (const { worker, failure } of threads) {
      if (failure !== undefined) giveUp(failure);
      worker.on("message", (answer: WorkerAnswer) => {
        const done = busy.get(worker);
        busy.delete(worker);
        free.push(worker);
        if (answer.kind === "done") done?.resolve(shared(answer.result));
        else done?.reject(new Failure("internal", `A part of the verification failed: ${answer.message}`));
        next();
      });
      worker.on("error", giveUp);
      worker.on("messageerror", giveUp);
      // One that ends with work in its hands answers no more; without this its part would be waited for without end.
      worker.on("exit", () => {
        if (busy.has(worker)) giveUp(new Failure("internal", "A thread of the verification ended before its work."));
      });
      worker.postMessage(start);
      free.push(worker);
    }
    return {
      inspect: (job) =>
        new Promise((resolve, reject) => {
          if (failed !== undefined) return reject(failed);
          waiting.push({ job, resolve, reject });
          next();
        }),
      dismiss: () => dismissThreads(threads),
    };
  };
}
