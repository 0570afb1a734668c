import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Cast, castOf } from "../../examples/credit-scoring/demo/cast.ts";
import { startExampleStack } from "../../examples/credit-scoring/demo/tell-stories.ts";
import type { AwsCall } from "../../local/aws/aws-call.ts";
import { compiledFolder } from "../../local/lambda/compiled-code.ts";
import type { RunningStack, StackOptions } from "../../local/stack.ts";
import { synthesizedAssembly } from "../../local/synthesize.ts";
import { type RunningWitness, startWitness } from "../../local/witness.ts";
import type { Evidence } from "../grants/judge-calls.ts";
import { rolesOf } from "../grants/roles.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What `test/setup/cloud-assembly.ts` has made. */
export const assembly = join(root, "cdk.out");
/** Each start of each trial runs fifty functions of the same bundles; emptied by the same setup when those are others. */
const compiled = join(root, ".countersign", "test", "functions", compiledFolder);

/** The example's stack on free ports, in a state directory of its own that is removed at the end. */
export class Trial {
  readonly folder = mkdtempSync(join(tmpdir(), "countersign-trial-"));
  #running: RunningStack | undefined;
  #cast: Cast | undefined;
  #witness: RunningWitness | undefined;
  readonly #calls: AwsCall[] = [];
  /** How much of the call log those are. */
  #read = 0;

  /** Starts the stack, or starts it again where it was. */
  async start(cdkOut: string = assembly, options: Partial<StackOptions> = {}): Promise<Cast> {
    this.#running = await startExampleStack(this.folder, cdkOut, { compiled, ...options });
    this.#cast = castOf(this.#running, () => undefined);
    return this.#cast;
  }

  /** Starts a witness in another account, or starts it again where it was. */
  async startWitness(watched: readonly string[]): Promise<RunningWitness> {
    await this.#witness?.close();
    const cdkOut = await synthesizedAssembly(root, () => undefined, "witness");
    const stateDirectory = join(this.folder, "witness");
    this.#witness = await startWitness({ stateDirectory, cdkOut, name: "witness.example/w1", watched });
    return this.#witness;
  }

  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  /** Stops it and leaves nothing behind. */
  async remove(): Promise<void> {
    await this.stop();
    await this.#witness?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get cast(): Cast {
    if (this.#cast === undefined) throw new Error("The stack was not started.");
    return this.#cast;
  }

  get stack(): RunningStack {
    return this.cast.stack;
  }

  /** Every AWS call so far, over restarts too. */
  calls(): readonly AwsCall[] {
    this.stack.callLog.flush();
    const log = readFileSync(this.stack.callLog.path, "utf8");
    // What was read once is there still: the log only grows.
    const lines = log.slice(this.#read).split("\n").slice(0, -1);
    this.#calls.push(...lines.map((line) => JSON.parse(line) as AwsCall));
    this.#read = log.length;
    return [...this.#calls];
  }

  evidence(): Evidence {
    const { resources } = this.stack;
    return { calls: this.calls(), resources, roles: rolesOf(resources) };
  }
}

/** What `probe` finds once it finds something. Gives up after a minute with a sentence that says what it waited for. */
export async function eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`Waited a minute in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
