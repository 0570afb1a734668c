import opa, { type LoadedPolicy } from "@open-policy-agent/opa-wasm";
// The package shows its builtins to nobody but its own loader, which reads whatever a module says without a bound, and prints it.
import builtinsOfRego from "../../node_modules/@open-policy-agent/opa-wasm/src/builtins/index.js";
import { whyNotLoadable } from "./policy-module.ts";

/** In pages of 64 KB: what opa-wasm starts with, and 128 MB at the most. A module with a memory of its own is not loaded. */
const memoryPages = { initial: 5, maximum: 2048 };
/** Far more than rules answer; as JSON of nothing but empty lists, that is 200 MB of this process. */
const mostBytes = 8 * 1024 * 1024;
/** Of why a module stopped itself. */
const mostBytesOfWhy = 500;

/** What a module exports of the interface of compiled Rego: https://www.openpolicyagent.org/docs/wasm#exports */
interface PolicyExports {
  builtins(): number;
  opa_json_dump(address: number): number;
  opa_json_parse(address: number, length: number): number;
  opa_malloc(length: number): number;
  opa_eval?(...given: readonly number[]): number;
}

export interface PolicyHost {
  /** The builtins that it asks its host for, by their ids: their names in Rego. */
  readonly builtins: ReadonlyMap<number, string>;
  /** Ready to be asked. Throws where that cannot be. */
  policy(): LoadedPolicy;
}

/**
 * A module of rules that anybody may have made, in a memory of its own: whatever it says is read up to a bound and no further, and
 * printed nowhere. Throws `NotLoadable`, or whatever the engine and the module say, where it is not loaded.
 */
export function policyHost(wasm: Uint8Array): PolicyHost {
  const why = whyNotLoadable(wasm);
  if (why !== undefined) throw new NotLoadable(why);
  const memory = new WebAssembly.Memory(memoryPages);
  /** Where a text ends that begins there; 0 is its end. */
  const endOf = (begin: number, most: number): number | undefined => {
    const length = new Uint8Array(memory.buffer).subarray(begin, begin + most + 1).indexOf(0);
    return length < 0 ? undefined : begin + length;
  };
  const textFrom = (begin: number, end: number): string =>
    new TextDecoder().decode(new Uint8Array(memory.buffer).slice(begin, end));
  /** The address of a text that is there, and not too long to be read. */
  const readable = (address: number): number => {
    if (address < 0) throw new Error("it says something that is nowhere");
    if (endOf(address, mostBytes) === undefined) throw new Error(`it says more than ${mostBytes} bytes at once`);
    return address;
  };
  const valueAt = (address: number): unknown => JSON.parse(textFrom(address, endOf(readable(address), mostBytes) ?? 0));
  const put = (value: unknown): number => {
    if (value === undefined) return 0;
    // A number in a text's form is a width as well, and an alias of YAML is written out each time.
    if (isLonger(value, mostBytes)) throw new Error(`it asks for more than ${mostBytes} bytes at once`);
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const address = own.opa_malloc(bytes.length);
    new Uint8Array(memory.buffer).set(bytes, address);
    return own.opa_json_parse(address, bytes.length);
  };
  const answer = (id: number, _context: number, ...given: readonly number[]): number =>
    put(
      callBuiltin(
        id,
        builtins.get(id) ?? "",
        given.map((each) => valueAt(own.opa_json_dump(each))),
      ),
    );
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(wasm)), {
    env: {
      memory,
      opa_abort: (address: number) => {
        throw new Error(textFrom(address, endOf(address, mostBytesOfWhy) ?? address + mostBytesOfWhy));
      },
      opa_println: () => {},
      ...Object.fromEntries([0, 1, 2, 3, 4].map((given) => [`opa_builtin${given}`, answer])),
    },
  });
  if (!isPolicy(exports)) throw new Error("it was not compiled by opa");
  const own: PolicyExports = exports;
  const builtins = new Map<number, string>();
  const listed = valueAt(own.opa_json_dump(own.builtins()));
  if (typeof listed !== "object" || listed === null) throw new Error("it lists no builtins");
  for (const [name, id] of Object.entries(listed)) builtins.set(Number(id), name);
  return {
    builtins,
    policy: () => {
      const bounded: PolicyExports = {
        ...own,
        opa_json_dump: (address) => readable(own.opa_json_dump(address)),
        ...(own.opa_eval === undefined ? {} : { opa_eval: (...given) => readable(own.opa_eval?.(...given) ?? 0) }),
      };
      return new opa.LoadedPolicy({ exports: bounded }, memory, minorVersionOf(exports));
    },
  };
}

/** Whether a value would be longer than that as JSON, by what is in it: found without writing it. */
function isLonger(value: unknown, most: number): boolean {
  let left = most;
  const waiting = [value];
  while (waiting.length > 0 && left >= 0) {
    const each = waiting.pop();
    left -= typeof each === "string" ? each.length : 1;
    if (typeof each !== "object" || each === null || left < 0) continue;
    for (const [name, part] of Array.isArray(each) ? each.entries() : Object.entries(each)) {
      left -= String(name).length;
      waiting.push(part);
    }
  }
  return left < 0;
}

/** Why a module is not even begun, in its message. */
export class NotLoadable extends Error {}

/** What a builtin of Rego answers; there is none that the module has not listed yet. */
function callBuiltin(id: number, name: string, given: readonly unknown[]): unknown {
  const builtin = Object.hasOwn(builtinsOfRego, name) ? builtinsOfRego[name] : undefined;
  if (builtin === undefined) throw new Error(`not implemented: built-in function ${id}: ${name.slice(0, 80)}`);
  return builtin(...given);
}

function isPolicy(exports: WebAssembly.Exports): exports is WebAssembly.Exports & PolicyExports {
  return ["builtins", "opa_json_dump", "opa_json_parse", "opa_malloc"].every(
    (name) => typeof exports[name] === "function",
  );
}

/** Which minor version of the interface it has; 0 where it says none. */
function minorVersionOf(exports: WebAssembly.Exports): number {
  const [version = 1, minor = 0] = ["opa_wasm_abi_version", "opa_wasm_abi_minor_version"].map((name) => {
    const global = exports[name];
    return global instanceof WebAssembly.Global ? Number(global.value) : undefined;
  });
  if (version !== 1) throw new Error(`unsupported ABI version ${version}`);
  return minor;
}
