import { existsSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { keptInside } from "../outside.ts";

/**
 * One execution environment of a function, in a thread of its own: imports the bundle as the Node.js runtime of
 * Lambda does and answers one invocation after the other.
 * See https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html and .../nodejs-context.html.
 */

/** What the environment is started with. */
export interface EnvironmentStart {
  readonly taskRoot: string;
  readonly handler: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
  readonly logGroup: string;
  /** Where requests to other services go instead; absent where they leave this machine. */
  readonly receivers?: string;
  /** The folder in which its code is kept compiled for the next environment; absent where nobody keeps it. */
  readonly compiled?: string;
}

/** One invocation, sent into the thread. */
export interface InvocationMessage {
  readonly requestId: string;
  /** The event as JSON text. */
  readonly event: string;
  /** Milliseconds since the Unix epoch at which the invocation is cut off. */
  readonly deadline: number;
}

/** What the thread answers: once `ready`, or why it never will be, then one `done` or `failed` an invocation. */
export type EnvironmentMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "done"; readonly payload: string }
  | { readonly kind: "failed" | "broken"; readonly errorType: string; readonly errorMessage: string };

type Handler = (event: unknown, context: unknown) => unknown;

class ImportModuleError extends Error {
  override readonly name = "Runtime.ImportModuleError";
}

class HandlerNotFound extends Error {
  override readonly name = "Runtime.HandlerNotFound";
}

const start = workerData as EnvironmentStart;
const port = parentPort;
if (port === null) throw new Error("An execution environment runs in a thread that lambda.ts starts.");

let isKept = false;

const post = (message: EnvironmentMessage): void => port.postMessage(message);

try {
  if (start.receivers !== undefined) globalThis.fetch = keptInside(globalThis.fetch, start.receivers);
  const handler = await load(start);
  port.on("message", (message: InvocationMessage) => void run(handler, message));
  post({ kind: "ready" });
} catch (error) {
  console.error(error);
  post({ kind: "broken", ...describe(error) });
}

async function load({ taskRoot, handler }: EnvironmentStart): Promise<Handler> {
  const dot = handler.lastIndexOf(".");
  const [file, name] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const path = [".js", ".mjs", ".cjs"].map((ending) => join(taskRoot, file + ending)).find((path) => existsSync(path));
  if (path === undefined) throw new ImportModuleError(`Error: Cannot find module '${file}'`);
  const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  const exported = module[name];
  if (typeof exported !== "function") throw new HandlerNotFound(`${handler} is undefined or not exported`);
  return exported as Handler;
}

async function run(handler: Handler, message: InvocationMessage): Promise<void> {
  try {
    const result = await handler(JSON.parse(message.event), contextOf(message));
    keepCompiled();
    post({ kind: "done", payload: JSON.stringify(result) ?? "null" });
  } catch (error) {
    console.error(error);
    keepCompiled();
    post({ kind: "failed", ...describe(error) });
  }
}

/**
 * Once, with what the first invocation needed beside what loading did; it is written no second time. And before anybody hears of
 * its end: an environment is ended without a word.
 */
function keepCompiled(): void {
  if (!isKept) flushCompileCache();
  isKept = true;
}

function contextOf({ requestId, deadline }: InvocationMessage): unknown {
  return {
    awsRequestId: requestId,
    callbackWaitsForEmptyEventLoop: true,
    functionName: start.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: start.functionArn,
    memoryLimitInMB: String(start.memoryMegabytes),
    logGroupName: start.logGroup,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function describe(error: unknown): { readonly errorType: string; readonly errorMessage: string } {
  if (error instanceof Error) return { errorType: error.name, errorMessage: error.message };
  return { errorType: typeof error, errorMessage: String(error) };
}
