import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { fromBase64 } from "../core/encoding/base64.ts";
import { Failure } from "../core/failure.ts";
import { formatVerifierKey, noteKey } from "../core/ledger/note-key.ts";
import { localImage, scorerUrl } from "../examples/credit-scoring/artifacts.ts";
import { exampleCluster } from "../examples/credit-scoring/cluster.ts";
import { outputOf } from "../examples/credit-scoring/demo/pipeline.ts";
import { pipelineJob } from "../examples/credit-scoring/submission.ts";
import { peopleIn } from "./people.ts";
import { writePipelineFile } from "./pipeline-file.ts";
import { firstPort, requirePorts } from "./ports.ts";
import { seed } from "./seed.ts";
import { localParameters, type RunningStack, startStack } from "./stack.ts";
import { lockState } from "./state-lock.ts";
import { synthesizedAssembly } from "./synthesize.ts";
import { type RunningWitness, startWitness } from "./witness.ts";

/** `npm start`: the stack of this checkout with its portal, on fixed ports, until Ctrl-C. */

const root = fileURLToPath(new URL("../", import.meta.url));
/** A stop may take this long; then it ends without waiting any more. */
const stopMilliseconds = 5000;

try {
  await main();
} catch (error) {
  // A sentence for whoever typed the command; anything else is a fault of ours and shows its stack.
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { port, state, witness: beside } = options();
  const stateDirectory = state ?? join(root, ".countersign", "local");
  // Both before half a minute is spent on the templates; first whether it runs already, for then its ports are taken by itself.
  lockState(stateDirectory)();
  await requirePorts(stateDirectory, port);
  const cdkOut = await synthesizedAssembly(root, console.log);
  const witness = beside ? await witnessBeside(stateDirectory) : undefined;
  // What it is reached by does not change: it is told of the log once that is there.
  const first = await witness?.start([]);
  await first?.close();
  const witnesses = first === undefined ? [] : [{ url: first.url, key: first.key }];
  const stack = await startStack({
    stateDirectory,
    parameters: (addresses) => ({ ...localParameters(addresses), Witnesses: JSON.stringify(witnesses) }),
    cdkOut,
    people: fileURLToPath(new URL("./people.json", import.meta.url)),
    images: [{ ...localImage(), program: fileURLToPath(scorerUrl) }],
    cluster: exampleCluster(),
    ports: port,
    channels: fileURLToPath(new URL("./channels.yaml", import.meta.url)),
  });
  const running = await witness?.start([await logKey(stack)]);
  const stopping = stopOnSignals(stack, running);
  try {
    await seedOnce(stack);
  } catch (error) {
    // Whoever stops it meanwhile need not hear that an example was cut off.
    if (stopping.aborted) return;
    await running?.close();
    await stack.close();
    throw error;
  }
  if (!stopping.aborted) console.log(welcome(stack, pipelineFile(stack)));
  if (running !== undefined) console.log(`Witness  ${running.key}`);
}

function options() {
  const portOf = (text: string) => {
    const port = Number(text);
    if (Number.isInteger(port) && port >= 1024 && port <= 65_000) return port;
    throw new InvalidArgumentError("It is no port from 1024 to 65000.");
  };
  return new Command("npm start --")
    .description("Runs the whole service with its portal on this machine, until Ctrl-C.")
    .option("--port <port>", "first of the ports of 127.0.0.1 that it listens on", portOf, firstPort)
    .option(
      "--state <folder>",
      "what it keeps, so that the next start goes on where it was (default: .countersign/local)",
    )
    .option("--witness", "run a witness beside it, which cosigns the ledger's checkpoints", false)
    .allowExcessArguments(false)
    .parse()
    .opts<{ readonly port: number; readonly state?: string; readonly witness: boolean }>();
}

/** A witness with a state of its own: it shares nothing with the service but its addresses. */
async function witnessBeside(stateDirectory: string) {
  const cdkOut = await synthesizedAssembly(root, console.log, "witness");
  const own = { stateDirectory: `${stateDirectory}-witness`, cdkOut, name: "witness.localhost/w1" };
  return { start: (watched: readonly string[]) => startWitness({ ...own, watched }) };
}

/** The log's verifier key, as anybody may ask the service for it. */
async function logKey({ addresses }: RunningStack): Promise<string> {
  const { logOrigin, keys } = (await (await fetch(`${addresses.portal}/v1/service`)).json()) as {
    readonly logOrigin: string;
    readonly keys: { readonly checkpoint: { readonly ed25519: string } };
  };
  return formatVerifierKey(noteKey(logOrigin, "ed25519", fromBase64(keys.checkpoint.ed25519)));
}

/** Example promotions, once for each state directory: after a restart everything goes on where it was. */
async function seedOnce(stack: RunningStack): Promise<void> {
  const [begun, seeded] = ["seeding", "seeded"].map((name) => join(stack.stateDirectory, name)) as [string, string];
  if (existsSync(seeded)) return;
  if (existsSync(begun)) {
    console.log(`The examples were interrupted and are not complete. For new ones, remove ${stack.stateDirectory}.`);
    return;
  }
  console.log("Putting example promotions in …");
  writeFileSync(begun, "");
  // The schedule would come to it in five minutes, when the examples are told.
  await stack.ring("PublishKeysSchedule");
  try {
    await seed(stack);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "invalid-policy") throw error;
    // Whoever tries policies of their own has no use for them, and none for a stack that ends here.
    console.log(`The examples are left out, since they do not fit the policies of this checkout. ${error.message}`);
  }
  renameSync(begun, seeded);
}

/** Whoever wants to submit something from a shell reads this file in: docs/ci.md. */
function pipelineFile(stack: RunningStack): string {
  const { addresses, runner, stateDirectory: directory } = stack;
  const bucket = outputOf(stack, "ExchangeBucketName");
  const job = { ...pipelineJob, run_id: "1" };
  return writePipelineFile({ directory, portal: addresses.portal, bucket, s3: addresses.s3, runner, job });
}

function welcome({ addresses, peopleFile, stateDirectory, callLog }: RunningStack, pipeline: string): string {
  const people = peopleIn(peopleFile).everybody();
  const width = Math.max(...people.map(({ name }) => name.length));
  const lines = people.map(
    ({ name, username, password, groups }) =>
      `  ${name.padEnd(width)}  ${username.padEnd(8)} ${password.padEnd(20)} ${groups.join(", ") || "no role"}`,
  );
  return [
    "",
    `Portal   ${addresses.portal}`,
    `Mailbox  ${addresses.mailbox}`,
    `Channels ${addresses.channels}`,
    `Issuer   ${addresses.issuer}`,
    `State    ${stateDirectory}`,
    `Calls    ${callLog.path}`,
    `Pipeline ${pipeline}: a shell that reads it in submits as the example's pipeline (docs/ci.md)`,
    "",
    "Who can sign in, with their passwords for this trial:",
    ...lines,
    "",
    "Ctrl-C stops it; the next start goes on where it was.",
  ].join("\n");
}

/** Stops the stack on SIGINT and SIGTERM; the signal it gives is aborted as soon as that begins. */
function stopOnSignals(stack: RunningStack, witness: RunningWitness | undefined): AbortSignal {
  const stopping = new AbortController();
  const stop = (): void => {
    // A second Ctrl-C does not wait.
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort();
    // From now on the stand-ins warn of everything that is cut off; the next start takes it up again.
    process.removeAllListeners("warning");
    const deadline = setTimeout(() => {
      stack.callLog.flush();
      console.error("Something did not stop in time; it goes on at the next start.");
      process.exit(1);
    }, stopMilliseconds);
    Promise.all([stack.close(), witness?.close()]).then(
      () => clearTimeout(deadline),
      (error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return stopping.signal;
}
