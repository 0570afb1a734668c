import { parentPort } from "node:worker_threads";
import { startSha256 } from "../adapters/node-crypto/running-sha256.ts";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../adapters/node-crypto/signatures.ts";
import { timedPolicies } from "../adapters/opa/timed-policies.ts";
import { type InspectionContext, inspect, type PackJob, type PackJobResult } from "../core/archive/inspect-pack.ts";
import { inspectionOf, openPack } from "../core/archive/open-pack.ts";
import { checkedSource, type FileStates } from "../core/archive/pack/file-states.ts";
import type { VerifyPackOptions } from "../core/archive/pack-verification.ts";
import type { ZipRows } from "../core/archive/zip/zip-directory.ts";
import { reopenZip } from "./pack-file.ts";

// One of the threads of `countersign verify`: opens the pack for itself and does the parts of the work that it is sent.

/** What a thread is told first. */
export interface WorkerStart {
  readonly path: string;
  readonly rows: ZipRows;
  readonly states: FileStates;
  readonly options: Pick<VerifyPackOptions, "mode" | "now" | "known" | "since">;
}

/** What it answers to a job. */
export type WorkerAnswer =
  | { readonly kind: "done"; readonly result: PackJobResult }
  | { readonly kind: "failed"; readonly message: string };

// One for all jobs: it keeps what they have in common.
const tools = { verifyEd25519, verifySignature: verifyEcdsa, verifyJws, policyOf: timedPolicies(), startSha256 };

async function opened({ path, rows, states, options }: WorkerStart): Promise<InspectionContext | undefined> {
  const pack = reopenZip(path, rows);
  const source = checkedSource(pack, states, startSha256);
  const settings: VerifyPackOptions = { ...options, ...tools };
  const it = await openPack(source, settings);
  return "code" in it ? undefined : inspectionOf({ pack, source, states, opened: it, options: settings });
}

parentPort?.once("message", (start: WorkerStart) => {
  // Not before there is something to do: whether the pack can be opened at all is seen elsewhere.
  let context: Promise<InspectionContext | undefined> | undefined;
  const open = () => {
    context ??= opened(start);
    return context;
  };
  parentPort?.on("message", (job: PackJob) => {
    void answer(job, open).then((message) => parentPort?.postMessage(message));
  });
});

async function answer(job: PackJob, open: () => Promise<InspectionContext | undefined>): Promise<WorkerAnswer> {
  try {
    const own = await open();
    if (own === undefined) return { kind: "failed", message: "The pack could not be opened again." };
    return { kind: "done", result: await inspect(job, own) };
  } catch (error) {
    return { kind: "failed", message: String(error) };
  }
}
