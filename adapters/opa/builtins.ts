import { Failure } from "../../core/failure.ts";
import { NotLoadable, policyHost } from "./policy-host.ts";
import { watched } from "./watched.ts";

/** As `builtinsIn`, of wasm that may not come to an end as it is begun: it is stopped, and `invalid-policy`. */
export function builtinsWithin(limitMs: number): (wasm: Uint8Array) => readonly string[] {
  const within = watched<readonly string[]>(limitMs);
  return (wasm) => {
    const found = within(() => builtinsIn(wasm));
    if (found !== undefined) return found;
    throw new Failure(
      "invalid-policy",
      `compiled/gates.wasm was stopped: it did not come to an end within ${limitMs / 1000} seconds.`,
    );
  };
}

/**
 * The builtins that compiled gates ask their host for, by their names in Rego: what the wasm itself lists, without a rule
 * being asked (https://www.openpolicyagent.org/docs/wasm#exports). Throws `invalid-policy` where it lists none.
 */
export function builtinsIn(wasm: Uint8Array): readonly string[] {
  try {
    return [...policyHost(wasm).builtins.values()].toSorted();
  } catch (cause) {
    const why = cause instanceof NotLoadable ? cause.message : "it does not list what it needs";
    throw new Failure("invalid-policy", `compiled/gates.wasm cannot be read: ${why}.`, { cause });
  }
}
