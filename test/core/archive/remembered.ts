import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { verifyEcdsa, verifyEd25519, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import type { PolicyOf } from "../../../core/archive/promotion/verify-gates.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";

// One pack is verified hundreds of times, with one thing of it changed. What the very same bytes were found to be stays so:
// the answers are remembered, and whatever was changed is asked about anew.

// Of the very same array or fact, which nobody changes in its place: most of a pack's files are those of the pack before.
const digests = new WeakMap<Uint8Array, Sha256>();
const entries = new WeakMap<Fact, Uint8Array>();

export function sha256Once(bytes: Uint8Array): Sha256 {
  const digest = digests.get(bytes) ?? sha256Hex(bytes);
  digests.set(bytes, digest);
  return digest;
}

export function ledgerEntryOnce(fact: Fact): Uint8Array {
  const bytes = entries.get(fact) ?? ledgerEntry(fact);
  entries.set(fact, bytes);
  return bytes;
}

/** The product's own running hash; of what comes as one array, the answer is remembered. */
export function startSha256Once(): ReturnType<typeof startSha256> {
  let first: Uint8Array | undefined;
  let running: ReturnType<typeof startSha256> | undefined;
  return {
    update(bytes) {
      if (first === undefined) {
        first = bytes;
        return;
      }
      if (running === undefined) {
        running = startSha256();
        running.update(first);
      }
      running.update(bytes);
    },
    digest: () => running?.digest() ?? (first === undefined ? startSha256().digest() : sha256Once(first)),
  };
}

/** A policy's answers are remembered: compiling and evaluating it takes longer than most else. */
export function rememberedPolicies(policyOf: PolicyOf): PolicyOf {
  const answers = new Map<string, ReturnType<EvaluatePolicy>>();
  return (wasm) => {
    const digest = sha256Once(wasm);
    return (...input) => {
      const key = `${digest} ${JSON.stringify(input)}`;
      const known = answers.get(key) ?? policyOf(wasm)(...input);
      answers.set(key, known);
      return known;
    };
  };
}

/** The product's own verification of signatures, each asked for once. */
export function rememberedSignatures(): Pick<VerifyPackOptions, "verifyEd25519" | "verifySignature" | "verifyJws"> {
  const answers = new Map<string, boolean>();
  const once = (parts: readonly (string | Uint8Array)[], verify: () => boolean): boolean => {
    // The length tells where one part ends: nothing that was changed can look like something else.
    const key = parts.map((part) => `${part.length} ${typeof part === "string" ? part : latin1(part)}`).join(" ");
    const known = answers.get(key) ?? verify();
    answers.set(key, known);
    return known;
  };
  return {
    verifyEd25519: (...given) => once(["Ed25519", ...given], () => verifyEd25519(...given)),
    verifySignature: (...given) => once(["ECDSA", ...given], () => verifyEcdsa(...given)),
    verifyJws: (algorithm, jwk, input, signature) =>
      once(["JWS", algorithm, JSON.stringify(jwk), input, signature], () =>
        verifyJws(algorithm, jwk, input, signature),
      ),
  };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}
