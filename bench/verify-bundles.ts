import { parentPort, workerData } from "node:worker_threads";
import { verifyEcdsa } from "../adapters/node-crypto/signatures.ts";
import { openEnvelope, parseEnvelope, verifyingKey } from "../core/attestation/dsse.ts";
import type { sigstoreBundle } from "../core/attestation/sigstore-bundle.ts";

// One thread that does with bundles what Sigstore's verifier does, by this project's own rules: from its text each is
// parsed, its envelope read, and its one signature verified by the key that it names.

const { pem, bundles } = workerData as { readonly pem: string; readonly bundles: readonly string[] };
const keys = [verifyingKey(pem)];

// Once before it counts, as for everybody.
verifyAll(bundles.slice(0, 100));
parentPort?.on("message", () => parentPort?.postMessage({ held: verifyAll(bundles) }));
parentPort?.postMessage("ready");

function verifyAll(texts: readonly string[]): number {
  let held = 0;
  for (const text of texts) {
    const { dsseEnvelope, verificationMaterial }: ReturnType<typeof sigstoreBundle> = JSON.parse(text);
    // A bundle names its key beside the envelope.
    const signatures = dsseEnvelope.signatures.map(({ sig }) => ({ sig, keyid: verificationMaterial.publicKey.hint }));
    const envelope = parseEnvelope({ ...dsseEnvelope, signatures });
    if (openEnvelope(envelope, keys, verifyEcdsa).length > 0) held += 1;
  }
  return held;
}
