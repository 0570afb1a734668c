import { createContext, Script } from "node:vm";

/**
 * Runs something that may not come to an end, and stops it then: `undefined`. Node's own watchdog stops it, inside wasm too, so no
 * thread is needed for it.
 */
export function watched<Value>(limitMs: number): (run: () => Value) => Value | undefined {
  const globals: { run?: () => Value } = {};
  const context = createContext(globals);
  const script = new Script("run()");
  return (run) => {
    globals.run = run;
    try {
      return script.runInContext(context, { timeout: limitMs }) as Value;
    } catch (error) {
      // It comes from the other context, so it is no Error of this one.
      if ((error as { readonly code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
      throw error;
    }
  };
}
