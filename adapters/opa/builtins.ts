import { Failure } from "../../core/failure.ts";
import { watched } from "./watched.ts";

/** In pages of 64 KB, as for judging (adapters/opa/evaluate.ts). */
const memoryPages = { initial: 5, maximum: 2048 };
const imports = [
  "opa_abort",
  "opa_println",
  "opa_builtin0",
  "opa_builtin1",
  "opa_builtin2",
  "opa_builtin3",
  "opa_builtin4",
];

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
    const memory = new WebAssembly.Memory(memoryPages);
    const refused = () => {
      throw new Error("nothing is called while the list is read");
    };
    const env = { memory, ...Object.fromEntries(imports.map((name) => [name, refused])) };
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(wasm)), { env });
    const { builtins, opa_json_dump: dump } = exports;
    if (typeof builtins !== "function" || typeof dump !== "function") throw new Error("it was not compiled by opa");
    const bytes = new Uint8Array(memory.buffer);
    const begin: number = dump(builtins());
    const listed: unknown = JSON.parse(Buffer.from(bytes.subarray(begin, bytes.indexOf(0, begin))).toString("utf8"));
    if (typeof listed !== "object" || listed === null) throw new Error("it lists no builtins");
    return Object.keys(listed).toSorted();
  } catch (cause) {
    throw new Failure("invalid-policy", "compiled/gates.wasm cannot be read: it does not list what it needs.", {
      cause,
    });
  }
}
