import { verifyEcdsa, verifyEd25519, verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import type { PolicyOf } from "../../../core/archive/promotion/verify-gates.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { EvaluatePolicy } from "../../../core/gates/policy-result.ts";

// One pack is verified hundreds of times, with one thing of it changed. What the very same bytes were found to be stays so:
// the answers are remembered, and whatever was changed is asked about anew.

/** A policy's answers are remembered: compiling and evaluating it takes longer than most else. */
export function rememberedPolicies(policyOf: PolicyOf): PolicyOf {
  const answers = new Map<string, ReturnType<EvaluatePolicy>>();
  // Of the very same array, which nobody changes in its place.
  const digests = new WeakMap<Uint8Array, string>();
  return (wasm) => {
    const digest = digests.get(wasm) ?? sha256Hex(wasm);
    digests.set(wasm, digest);
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
