import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { Worker } from "node:worker_threads";
import { defineConfig } from "vitest/config";
import {
  BaseSequencer,
  type PoolOptions,
  type PoolWorker,
  type TestSpecification,
  type WorkerRequest,
} from "vitest/node";

/**
 * What Stryker runs for each change of core/: the tests of rules, in one thread that outlives a run. Starting one and
 * loading modules anew costs several times what those tests do. Of core's modules nothing is remembered between runs but
 * what hangs on an object of the tests, and the tests' own modules are loaded again for each run.
 */
const rules = ["core", "functions", "policies", "api"].map((folder) => `test/${folder}`);
const ofTheTests = globSync(rules.map((folder) => `${folder}/**/*.ts`)).map((file) => join(import.meta.dirname, file));
/** The thread's channel to Vitest is opened once more for each run; after so many it is time for another. */
const runsPerThread = 100;

let kept: { readonly thread: Worker; runs: number } | undefined;

class KeptThread implements PoolWorker {
  readonly name = "kept";
  readonly #options: PoolOptions;
  #thread: Worker | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get thread(): Worker {
    if (this.#thread === undefined) throw new Error("The thread has not been started.");
    return this.#thread;
  }

  on(event: string, callback: (argument: unknown) => void): void {
    this.thread.on(event, callback);
  }

  off(event: string, callback: (argument: unknown) => void): void {
    this.thread.off(event, callback);
  }

  send(message: WorkerRequest): void {
    // Its answer to a stop would be to listen no more.
    if (message.type === "stop") {
      this.thread.emit("message", { type: "stopped", __vitest_worker_response__: true });
      return;
    }
    this.thread.postMessage(
      message.type === "run" ? { ...message, context: { ...message.context, invalidates: ofTheTests } } : message,
    );
  }

  async start(): Promise<void> {
    const { distPath, env, execArgv } = this.#options;
    kept ??= { thread: new Worker(join(distPath, "workers/threads.js"), { env, execArgv }), runs: 0 };
    this.#thread = kept.thread;
    this.#thread.ref();
  }

  async stop(): Promise<void> {
    for (const event of ["message", "error", "exit"]) this.thread.removeAllListeners(event);
    // Nothing waits for it any more, should this have been the last run.
    this.thread.unref();
    if (kept === undefined || ++kept.runs < runsPerThread) return;
    kept = undefined;
    await this.thread.terminate();
  }

  deserialize(data: unknown): unknown {
    return data;
  }
}

/** A run ends with the first test that notices the change: most likely where the last change was noticed, else the quickest. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ project, moduleId }: TestSpecification): number => {
      const last = this.ctx.cache.getFileTestResults(`${project.name}:${relative(this.ctx.config.root, moduleId)}`);
      return last?.failed === true ? -1 : (last?.duration ?? 0);
    };
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  plugins: [
    {
      name: "kept-thread",
      configureVitest({ project }) {
        project.config.pool = "kept";
        project.config.poolRunner = { name: "kept", createPoolWorker: (options) => new KeptThread(options) };
      },
    },
  ],
  test: {
    include: rules.map((folder) => `${folder}/**/*.test.ts`),
    setupFiles: ["test/setup/no-mutant.ts"],
    isolate: false,
    sequence: { sequencer: QuickestFirst },
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
