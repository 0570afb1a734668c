import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { verificationOf } from "../cli/verify-file.ts";
import type { Instant } from "../core/encoding/instant.ts";
import { parseCheckpoint } from "../core/ledger/checkpoint.ts";
import { bundlesIn, signaturesIn, verifyBundles } from "./signatures.ts";
import type { FloorLevel } from "./verify-floor.ts";

// A contender of `verify` in a process of its own, so that its memory is its own too:
// `node verify-contender.ts <name> <pack> [checkpoint]`. Prints what it measured as a line of JSON. `floor-read`,
// `floor-hash` and `floor-parse` go less far than `floor`: what each of these steps costs is told by their differences.

/** What a contender measured. */
export interface Measured {
  readonly seconds: number;
  /** Signatures, bundles or promotions. */
  readonly count: number;
  readonly peakMiB: number;
  /** Of all threads, from the beginning of the process. */
  readonly cpuSeconds: number;
}

/** As many as the goal names; in the fraction of a second that few take, much of what is measured is how soon code gets fast. */
const mostBundles = 100_000;

const [, , name = "", path = "", earlier] = process.argv;
const contenders: Readonly<Record<string, () => Promise<Timed>>> = {
  ours,
  bare,
  floor,
  "floor-read": () => floor("read"),
  "floor-hash": () => floor("hash"),
  "floor-parse": () => floor("parse"),
  bundles,
  sigstore,
};
const measured = await contenders[name]?.();
if (measured === undefined) throw new Error(`There is no contender '${name}'.`);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
console.log(JSON.stringify({ ...measured, peakMiB: maxRSS / 1024, cpuSeconds } satisfies Measured));

type Timed = Pick<Measured, "seconds" | "count">;

async function ours(): Promise<Timed> {
  const bytes = earlier === undefined ? undefined : readFileSync(earlier);
  const since = bytes === undefined ? {} : { since: { bytes, checkpoint: parseCheckpoint(bytes).checkpoint } };
  const now = "2026-11-24T01:00:00.000Z" as Instant;
  const began = performance.now();
  const result = await verificationOf(path, { mode: "full", now, known: {}, ...since });
  const seconds = (performance.now() - began) / 1000;
  if (!result.holds) throw new Error(`The pack does not hold: ${JSON.stringify(result.findings.slice(0, 3))}`);
  return { seconds, count: result.promotions.reduce((sum, { signOffs = 0 }) => sum + signOffs, 0) };
}

/** Two threads that do nothing but `crypto.verify`, each over half of the signatures. */
async function bare(): Promise<Timed> {
  const { pem, jwk, signatures } = await signaturesIn(path);
  const half = Math.ceil(signatures.length / 2);
  const timed = await raced(
    "./verify-worker.ts",
    [signatures.slice(0, half), signatures.slice(half)].map((own) => ({ pem, jwk, signatures: own })),
  );
  if (timed.count !== signatures.length) throw new Error("Not every signature holds.");
  return timed;
}

/** Two threads that do what no verification can do without, or less, each over half of the files. */
async function floor(level: FloorLevel = "verify"): Promise<Timed> {
  return await raced(
    "./verify-floor.ts",
    [0, 1].map((part) => ({ path, part, parts: 2, level })),
  );
}

/** How long threads take together, once all are ready; and how many signatures held. */
async function raced(script: string, data: readonly unknown[]): Promise<Timed> {
  const workers = data.map((workerData) => new Worker(new URL(script, import.meta.url), { workerData }));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const began = performance.now();
  for (const worker of workers) worker.postMessage("go");
  const answers = await Promise.all(workers.map((worker) => once(worker, "message")));
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return { seconds, count: answers.reduce((sum, [answer]) => sum + answer.held, 0) };
}

/** This project's own rules over the same bundles, and nothing but what Sigstore's verifier does with one. */
async function bundles(): Promise<Timed> {
  const { pem, bundles } = await bundlesIn(path, mostBundles);
  const half = Math.ceil(bundles.length / 2);
  const timed = await raced(
    "./verify-bundles.ts",
    [bundles.slice(0, half), bundles.slice(half)].map((own) => ({ pem, bundles: own })),
  );
  if (timed.count !== bundles.length) throw new Error("Not every bundle holds.");
  return timed;
}

/** Sigstore's verifier as it is used, in one thread. */
async function sigstore(): Promise<Timed> {
  const { pem, bundles } = await bundlesIn(path, mostBundles);
  verifyBundles(pem, bundles.slice(0, 100));
  const began = performance.now();
  verifyBundles(pem, bundles);
  return { seconds: (performance.now() - began) / 1000, count: bundles.length };
}
