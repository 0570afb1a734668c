import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { EvaluatePolicy } from "../../core/gates/policy-result.ts";
import { compiledPolicy } from "./evaluate.ts";

/** Compiling a policy costs more than a hundred evaluations: each one that is asked for is compiled once. */
export function warmPolicies(): (wasm: Uint8Array) => EvaluatePolicy {
  const warm = new Map<string, EvaluatePolicy>();
  return (wasm) => {
    const digest = sha256Hex(wasm);
    const evaluate = warm.get(digest) ?? compiledPolicy(wasm).evaluate;
    warm.set(digest, evaluate);
    return evaluate;
  };
}
