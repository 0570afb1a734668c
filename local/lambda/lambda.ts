import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { Worker } from "node:worker_threads";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { limitHere } from "../limit-here.ts";
import type { InvocationResult } from "./invocation.ts";
import type { EnvironmentMessage, EnvironmentStart, InvocationMessage } from "./worker.ts";

/** One function as its template configures it. */
export interface FunctionSettings extends EnvironmentStart {
  /** Everything its code reads from `process.env`; nothing of this process's environment is added. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  /** How many invocations run at once; further ones wait their turn. */
  readonly environments: number;
  /** What the function prints is appended to this file. */
  readonly logFile: string;
}

/** A function that can be invoked. */
export interface LocalFunction {
  readonly arn: string;
  readonly name: string;
  /**
   * Invokes it with what JSON can carry and waits for the outcome (`InvocationType: RequestResponse`). Throws `unavailable` where `close`
   * came first or cut it off: then nobody knows the outcome, and whoever asked must ask again after a restart.
   */
  invoke(event: unknown): Promise<InvocationResult>;
  /** Waits up to `graceMilliseconds` for what is under way, then ends every environment. */
  close(graceMilliseconds: number): Promise<void>;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB for request and response each. */
const payloadLimit = 6_291_556;
/** Lambda gives the import of a module ten seconds of its own; a loaded laptop may need more than Lambda does. */
const importMilliseconds = 30_000;

interface Environment {
  readonly worker: Worker;
  readonly ready: Promise<EnvironmentMessage>;
}

interface Waiting {
  readonly event: string;
  readonly finish: (result: InvocationResult) => void;
  readonly giveUp: (reason: Failure) => void;
}

/**
 * Runs the bundle that the template ships, in threads with exactly the function's environment. Environments start
 * on the first invocation, are used again, and run one invocation at a time, as on Lambda.
 */
export function createFunction(settings: FunctionSettings): LocalFunction {
  const log = createWriteStream(settings.logFile, { flags: "a" });
  const waiting: Waiting[] = [];
  const idle: Environment[] = [];
  const running = new Set<Environment>();
  let closed = false;
  let ended = false;
  let closing: Promise<void> | undefined;
  const shuttingDown = () => new Failure("unavailable", `${settings.functionName} is shutting down.`);
  let settled = (): void => undefined;

  const start = (): Environment => {
    const environment = startEnvironment(settings, log);
    running.add(environment);
    environment.worker.once("exit", () => {
      running.delete(environment);
      const index = idle.indexOf(environment);
      if (index >= 0) idle.splice(index, 1);
    });
    return environment;
  };
  const serveNext = (): void => {
    const environment = idle.pop() ?? (running.size < settings.environments ? start() : undefined);
    const next = environment === undefined ? undefined : waiting.shift();
    if (environment === undefined) return;
    if (next === undefined) {
      idle.push(environment);
      return;
    }
    void invokeIn(environment, next.event, settings, log).then(({ result, reusable }) => {
      if (ended && !reusable) next.giveUp(shuttingDown());
      else next.finish(result);
      if (reusable) idle.push(environment);
      if (waiting.length > 0) serveNext();
      else if (idle.length === running.size) settled();
    });
  };

  const end = async (graceMilliseconds: number): Promise<void> => {
    closed = true;
    if (running.size > idle.length || waiting.length > 0) {
      const grace = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, graceMilliseconds);
        settled = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      await grace;
    }
    ended = true;
    for (const { giveUp } of waiting.splice(0)) giveUp(shuttingDown());
    await Promise.all([...running].map(({ worker }) => worker.terminate()));
    log.end();
    await once(log, "close");
  };

  return {
    arn: settings.functionArn,
    name: settings.functionName,
    invoke: async (event) => {
      if (closed) throw shuttingDown();
      const text = JSON.stringify(event);
      if (Buffer.byteLength(text) > payloadLimit) {
        return {
          errorType: "RequestTooLargeException",
          errorMessage: `${Buffer.byteLength(text)} byte payload is too large for the RequestResponse invocation type (limit ${payloadLimit} bytes)`,
        };
      }
      return new Promise((finish, giveUp) => {
        waiting.push({ event: text, finish, giveUp });
        serveNext();
      });
    },
    close: (graceMilliseconds) => {
      closing ??= end(graceMilliseconds);
      return closing;
    },
  };
}

function startEnvironment(settings: FunctionSettings, log: WriteStream): Environment {
  const { taskRoot, handler, functionName, functionArn, memoryMegabytes, logGroup, receivers, compiled } = settings;
  const inside = receivers === undefined ? {} : { receivers };
  const worker = new Worker(new URL("./start.mjs", import.meta.url), {
    name: functionName,
    workerData: {
      taskRoot,
      handler,
      functionName,
      functionArn,
      memoryMegabytes,
      logGroup,
      ...inside,
      ...(compiled === undefined ? {} : { compiled }),
    } satisfies EnvironmentStart,
    env: settings.environment,
    // Flags of this process (a test runner's loaders, say) are not the function's.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMegabytes },
    stdout: true,
    stderr: true,
  });
  // Between invocations nobody listens: it is written down, and the thread's end makes room for a new environment.
  worker.on("error", (error) => log.write(`${error.name}: ${error.message}\n`));
  worker.stdout.pipe(log, { end: false });
  worker.stderr.pipe(log, { end: false });
  const ready = answerOf(worker, importMilliseconds, () => ({
    kind: "broken",
    errorType: "Sandbox.Timedout",
    errorMessage: `Error: Init timed out after ${importMilliseconds / 1000} seconds`,
  }));
  return { worker, ready };
}

async function invokeIn(
  { worker, ready }: Environment,
  event: string,
  settings: FunctionSettings,
  log: WriteStream,
): Promise<{ readonly result: InvocationResult; readonly reusable: boolean }> {
  const requestId = randomUUID();
  const began = Date.now();
  log.write(`START RequestId: ${requestId} Version: $LATEST\n`);
  let answer = await ready;
  if (answer.kind === "ready") {
    const milliseconds = settings.timeoutSeconds * 1000;
    // It plans with the time that it has on AWS, and is cut off later where it has not its fair share of this machine.
    const message: InvocationMessage = { requestId, event, deadline: Date.now() + milliseconds };
    const answered = answerOf(worker, limitHere(milliseconds), () => ({
      kind: "broken",
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${requestId} Error: Task timed out after ${settings.timeoutSeconds.toFixed(2)} seconds`,
    }));
    worker.postMessage(message);
    answer = await answered;
  }
  const reusable = answer.kind !== "broken";
  if (!reusable) await worker.terminate();
  log.write(`REPORT RequestId: ${requestId} Duration: ${Date.now() - began} ms ${answer.kind}\n`);
  return { result: resultOf(answer), reusable };
}

/** The next message of `worker`; how it broke, if it ends before; or what `late` says when the time is over. */
function answerOf(worker: Worker, milliseconds: number, late: () => EnvironmentMessage): Promise<EnvironmentMessage> {
  return new Promise((resolve) => {
    const finish = (message: EnvironmentMessage): void => {
      clearTimeout(timer);
      worker.off("message", finish).off("error", onError).off("exit", onExit);
      resolve(message);
    };
    const onError = (error: Error): void =>
      finish({ kind: "broken", errorType: "Runtime.UnhandledError", errorMessage: `${error.name}: ${error.message}` });
    const onExit = (status: number): void =>
      finish({
        kind: "broken",
        errorType: "Runtime.ExitError",
        errorMessage: `Error: Runtime exited with error: exit status ${status}`,
      });
    const timer = setTimeout(() => finish(late()), milliseconds);
    worker.on("message", finish).on("error", onError).on("exit", onExit);
  });
}

function resultOf(answer: EnvironmentMessage): InvocationResult {
  switch (answer.kind) {
    case "done":
      if (Buffer.byteLength(answer.payload) > payloadLimit) {
        return {
          errorType: "Function.ResponseSizeTooLarge",
          errorMessage: `Response payload size exceeded maximum allowed payload size (${payloadLimit} bytes).`,
        };
      }
      return { payload: JSON.parse(answer.payload) as Json };
    case "failed":
    case "broken":
      return { errorType: answer.errorType, errorMessage: answer.errorMessage };
    case "ready":
      throw new Failure("internal", "An execution environment said that it is ready twice.");
    default:
      answer satisfies never;
      throw new Failure("internal", "An execution environment answered with something unknown.");
  }
}
