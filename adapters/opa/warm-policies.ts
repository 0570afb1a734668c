import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { EvaluatePolicy } from "../../core/gates/policy-result.ts";
import { compiledPolicy } from "./evaluate.ts";

/**
 * Compiling a policy costs more than a hundred evaluations: each one that is asked for is compiled once. And hashing it costs as
 * much as evaluating it does: whoever hands over the very same array again, which nobody changes, has it hashed once.
 */
export function warmPolicies(): (wasm: Uint8Array) => EvaluatePolicy {
  const warm = new Map<string, EvaluatePolicy>();
  const handed = new WeakMap<Uint8Array, EvaluatePolicy>();
  return (wasm) => {
    const known = handed.get(wasm);
    if (known !== undefined) return known;
    const digest = sha256Hex(wasm);
    const evaluate = warm.get(digest) ?? compiledPolicy(wasm).evaluate;
    warm.set(digest, evaluate);
    handed.set(wasm, evaluate);
    return evaluate;
  };
}
