import type { LoadedPolicy } from "@open-policy-agent/opa-wasm";
import { canonicalJson } from "../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import type { PolicyData } from "../../core/gates/policy-data.ts";
import type { EvaluatePolicy, PolicyEvaluation } from "../../core/gates/policy-result.ts";
import { NotLoadable, policyHost } from "./policy-host.ts";

/** The compiled gates, ready to judge. */
export interface CompiledPolicy {
  /** SHA-256 of the wasm bytes. */
  readonly digest: Sha256;
  readonly evaluate: EvaluatePolicy;
}

const entrypoint = "countersign/gates/findings";
/** Far more than rules need; wasm of this size would take a function's memory before a rule is asked. */
const maximumBytes = 16 * 1024 * 1024;

/**
 * Wraps the wasm that policies/compile.ts makes. The instance is made at the first evaluation and kept warm; the data
 * is loaded again only when it differs. Nothing here throws: wasm that does not load, a rule that aborts and a result
 * that is not there are `failed`, and after each the next evaluation starts with a new instance.
 */
export function compiledPolicy(wasm: Uint8Array): CompiledPolicy {
  let warm:
    | { readonly instance: LoadedPolicy; loaded?: { readonly data: PolicyData; readonly text: string } }
    | undefined;

  function evaluate(...[input, data]: Parameters<EvaluatePolicy>): PolicyEvaluation {
    if (wasm.byteLength > maximumBytes)
      return {
        kind: "failed",
        sentence: `The policy has ${wasm.byteLength} bytes; at most ${maximumBytes} are loaded.`,
      };
    try {
      warm ??= { instance: policyHost(wasm).policy() };
      if (warm.loaded?.data !== data) {
        const text = canonicalJson(data);
        if (warm.loaded?.text !== text) warm.instance.setData({ ...data });
        warm.loaded = { data, text };
      }
      return resultOf(warm.instance.evaluate(input, entrypoint));
    } catch (cause) {
      warm = undefined;
      if (cause instanceof NotLoadable)
        return { kind: "failed", sentence: `The policy is not loaded: ${cause.message}.` };
      // opa-wasm throws texts and plain objects as well as errors.
      return { kind: "failed", sentence: `The policy engine stopped: ${messageOf(cause)}.` };
    }
  }

  return { digest: sha256Hex(wasm), evaluate };
}

/** opa-wasm answers with a set of results; the gates have exactly one, and an undefined entrypoint has none. */
function resultOf(answer: unknown): PolicyEvaluation {
  const [first, ...more] = Array.isArray(answer) ? answer : [];
  if (more.length > 0 || typeof first !== "object" || first === null || !("result" in first))
    return { kind: "failed", sentence: "The policy gave no answer." };
  return { kind: "evaluated", result: first.result };
}

function messageOf(cause: unknown): string {
  if (typeof cause === "string") return cause;
  if (typeof cause === "object" && cause !== null && "message" in cause) return String(cause.message);
  return "for a reason it does not give";
}
