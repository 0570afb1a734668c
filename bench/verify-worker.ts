import { parentPort, workerData } from "node:worker_threads";
import type { Jwk } from "../core/attestation/id-token.ts";
import { type BareSignature, verifyBare } from "./signatures.ts";

// One thread of the bare loop: says that it is ready, and runs when it is told to.

const { pem, jwk, signatures } = workerData as {
  readonly pem: string;
  readonly jwk: Jwk;
  readonly signatures: readonly BareSignature[];
};
// Once before it counts, as for everybody.
verifyBare(pem, jwk, signatures.slice(0, 100));
parentPort?.on("message", () => parentPort?.postMessage(verifyBare(pem, jwk, signatures)));
parentPort?.postMessage("ready");
