import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { verificationOf } from "../cli/verify-file.ts";
import type { Instant } from "../core/encoding/instant.ts";
import { bundlesIn, signaturesIn, verifyBundles } from "./signatures.ts";

// A contender of `verify` in a process of its own, so that its memory is its own too:
// `node verify-contender.ts <name> <pack> [checkpoint]`. Prints what it measured as a line of JSON.

/** What a contender measured. */
export interface Measured {
  readonly seconds: number;
  /** Signatures, bundles or promotions. */
  readonly count: number;
  readonly peakMiB: number;
}

const [, , name = "", path = ""] = process.argv;
const contenders: Readonly<Record<string, () => Promise<Omit<Measured, "peakMiB">>>> = { ours, bare, sigstore };
const measured = await contenders[name]?.();
if (measured === undefined) throw new Error(`There is no contender '${name}'.`);
console.log(JSON.stringify({ ...measured, peakMiB: process.resourceUsage().maxRSS / 1024 } satisfies Measured));

async function ours(): Promise<Omit<Measured, "peakMiB">> {
  const began = performance.now();
  const result = await verificationOf(path, { mode: "full", now: "2026-11-24T01:00:00.000Z" as Instant, known: {} });
  const seconds = (performance.now() - began) / 1000;
  if (!result.holds) throw new Error(`The pack does not hold: ${JSON.stringify(result.findings.slice(0, 3))}`);
  return { seconds, count: result.promotions.reduce((sum, { signOffs = 0 }) => sum + signOffs, 0) };
}

/** Two threads that do nothing but `crypto.verify`, each over half of the signatures. */
async function bare(): Promise<Omit<Measured, "peakMiB">> {
  const { pem, jwk, signatures } = await signaturesIn(path);
  const half = Math.ceil(signatures.length / 2);
  const workers = [signatures.slice(0, half), signatures.slice(half)].map(
    (own) => new Worker(new URL("./verify-worker.ts", import.meta.url), { workerData: { pem, jwk, signatures: own } }),
  );
  await Promise.all(workers.map((worker) => once(worker, "message")));
  const began = performance.now();
  for (const worker of workers) worker.postMessage("go");
  const answers = await Promise.all(workers.map((worker) => once(worker, "message")));
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(workers.map((worker) => worker.terminate()));
  const held = answers.reduce((sum, [answer]) => sum + answer.held, 0);
  if (held !== signatures.length) throw new Error("Not every signature holds.");
  return { seconds, count: signatures.length };
}

/** Sigstore's verifier as it is used, in one thread. */
async function sigstore(): Promise<Omit<Measured, "peakMiB">> {
  const { pem, bundles } = await bundlesIn(path, 10_000);
  verifyBundles(pem, bundles.slice(0, 100));
  const began = performance.now();
  verifyBundles(pem, bundles);
  return { seconds: (performance.now() - began) / 1000, count: bundles.length };
}
