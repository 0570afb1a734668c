import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { holdPort } from "../ports.ts";

/** One image of the local registry: where its repository is, its digest, and the program that it stands for. */
export interface LocalImage {
  readonly repository: string;
  /** `sha256:` and the SHA-256 of the program's file: checked at every pull, as a registry would guarantee. */
  readonly digest: string;
  /** Path of the program, run with this process's Node. */
  readonly program: string;
}

/** A container that answered its ping. */
export interface Container {
  readonly url: string;
  /** Sends it SIGTERM, after 30 seconds SIGKILL, and removes its files. */
  stop(): Promise<void>;
}

export interface ContainerOrder {
  /** `repository@sha256:…` */
  readonly image: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Puts the model's files into the folder that it is given. */
  readonly download: (directory: string) => Promise<void>;
  /** How long it may take to the first good ping, in milliseconds. */
  readonly startupTimeout: number;
  /** Folder for the container's files. */
  readonly directory: string;
  /** File that its output is added to. */
  readonly logFile: string;
  /** Gives up when it is aborted. */
  readonly signal: AbortSignal;
}

/** Why a container did not come up; SageMaker words it for `FailureReason`. */
export class ContainerFailure extends Error {
  override readonly name = "ContainerFailure";
  readonly kind: "image" | "model-data" | "ping";

  constructor(kind: ContainerFailure["kind"], message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.kind = kind;
  }
}

/** Pulls, downloads, starts, and waits for the first good ping. Throws `ContainerFailure`; leaves nothing behind then. */
export async function startContainer(images: readonly LocalImage[], order: ContainerOrder): Promise<Container> {
  const program = pull(images, order.image);
  mkdirSync(order.directory, { recursive: true });
  const home = mkdtempSync(join(order.directory, "container-"));
  const clear = () => rmSync(home, { recursive: true, force: true });
  let child: ChildProcess | undefined;
  let letGo = () => {};
  try {
    const model = join(home, "model");
    mkdirSync(model);
    await download(order, model);
    const held = await holdPort();
    letGo = held.letGo;
    child = run(program, order, { model, port: held.port });
    const url = `http://127.0.0.1:${held.port}`;
    await healthy(child, url, order);
    const running = child;
    return {
      url,
      async stop() {
        await end(running);
        letGo();
        clear();
      },
    };
  } catch (error) {
    if (child !== undefined) await end(child);
    letGo();
    clear();
    throw error;
  }
}

function pull(images: readonly LocalImage[], reference: string): string {
  const image = images.find(({ repository, digest }) => `${repository}@${digest}` === reference);
  if (image === undefined) throw new ContainerFailure("image", `The local registry has no ${reference}.`);
  const digest = `sha256:${createHash("sha256").update(readFileSync(image.program)).digest("hex")}`;
  if (digest !== image.digest) throw new ContainerFailure("image", `The program of ${reference} has another digest.`);
  return image.program;
}

async function download(order: ContainerOrder, directory: string): Promise<void> {
  try {
    await order.download(directory);
  } catch (cause) {
    throw new ContainerFailure("model-data", "The model data could not be downloaded.", { cause });
  }
}

function run(program: string, order: ContainerOrder, place: { model: string; port: number }): ChildProcess {
  mkdirSync(dirname(order.logFile), { recursive: true });
  const output = openSync(order.logFile, "a", 0o600);
  // As an address: in a path '#', '?' and '%' would be taken for parts of one.
  const { href: parentWatch } = new URL("../end-with-parent.ts", import.meta.url);
  // Nothing of this process's environment: no address of a stand-in, no access key. But where code is kept compiled, that of the
  // container is as well: a third of the time that one takes to start.
  const { NODE_COMPILE_CACHE: compiled } = process.env;
  const child = spawn(process.execPath, ["--import", parentWatch, program, "serve"], {
    env: {
      ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
      ...order.environment,
      SAGEMAKER_BIND_TO_PORT: String(place.port),
      SM_MODEL_DIR: place.model,
      HOST: "127.0.0.1",
    },
    stdio: ["pipe", output, output],
  });
  closeSync(output);
  // Without a listener a child that cannot be started would end this process; `healthy` sees that it did not start.
  child.on("error", () => undefined);
  return child;
}

/** Polls `/ping` as SageMaker does, until it answers 200, the process ends, the time is over or nobody waits any more. */
async function healthy(child: ChildProcess, url: string, order: ContainerOrder): Promise<void> {
  const deadline = AbortSignal.timeout(order.startupTimeout);
  while (!hasEnded(child) && child.pid !== undefined && !deadline.aborted && !order.signal.aborted) {
    // SageMaker gives a ping two seconds.
    const ping = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await ping?.body?.cancel();
    if (ping?.status === 200 && !hasEnded(child)) return;
    await delay(25);
  }
  throw new ContainerFailure("ping", "The container did not answer its ping.");
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), 30_000);
  await ended;
  clearTimeout(kill);
}
