import type { EvaluatePolicy, PolicyEvaluation } from "../../core/gates/policy-result.ts";
import { warmPolicies } from "./warm-policies.ts";
import { watched } from "./watched.ts";

// Rules take milliseconds. On a machine with much else to do a minute is still far more than they need.
const defaultLimitMs = 60_000;
/** After so many that did not end, no other policy of the same pack is tried. */
const mostOverrun = 3;

/**
 * As `warmPolicies`, for wasm that nobody here has made: one that does not come to an end is stopped, and `failed` from
 * then on. Node's own watchdog stops it, inside wasm too, so no thread is needed for it.
 */
export function timedPolicies(limitMs = defaultLimitMs): (wasm: Uint8Array) => EvaluatePolicy {
  const policies = warmPolicies();
  const overrun = new Set<EvaluatePolicy>();
  const within = watched<PolicyEvaluation>(limitMs);
  return (wasm) => {
    const evaluate = policies(wasm);
    return (input, data) => {
      if (!overrun.has(evaluate)) {
        if (overrun.size >= mostOverrun)
          return failed(`No policy is run any more: ${mostOverrun} of this pack did not come to an end.`);
        const evaluation = within(() => evaluate(input, data));
        if (evaluation !== undefined) return evaluation;
        overrun.add(evaluate);
      }
      return failed(`The policy was stopped: it did not come to an end within ${limitMs / 1000} seconds.`);
    };
  };
}

function failed(sentence: string): PolicyEvaluation {
  return { kind: "failed", sentence };
}
