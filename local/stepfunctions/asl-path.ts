import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";

/** A path that picks one value: `$.a['b c'][0]` out of the state's data, `$$.Task.Token` out of the context object. */
export interface Path {
  readonly text: string;
  readonly root: "data" | "context";
  readonly steps: readonly (string | number)[];
}

const step = /\.([A-Za-z_][A-Za-z0-9_-]*)|\['([^'\\]+)'\]|\[(\d+)\]/y;

/**
 * Reads a path of the subset that picks exactly one value. Throws `invalid-request` for any other JSONPath (filters,
 * wildcards, slices) and for intrinsic functions: neither is carried.
 */
export function parsePath(text: unknown, place: string): Path {
  const refused = () =>
    new Failure(
      "invalid-request",
      `${place} is ${JSON.stringify(text)}; only paths like $.name['a b'][0] are carried.`,
    );
  if (typeof text !== "string" || !text.startsWith("$")) throw refused();
  const root = text.startsWith("$$") ? "context" : "data";
  const steps: (string | number)[] = [];
  step.lastIndex = root === "context" ? 2 : 1;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) throw refused();
    steps.push(match[3] === undefined ? (match[1] ?? match[2] ?? "") : Number(match[3]));
  }
  return { text, root, steps };
}

/** The value at `path`, or `undefined` where it leads nowhere. */
export function readPath(path: Path, data: Json, context: JsonObject): Json | undefined {
  let value: Json | undefined = path.root === "context" ? context : data;
  for (const key of path.steps) {
    if (typeof key === "number") value = isList(value) ? value[key] : undefined;
    else value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return value;
}

/** Reads a path that a result can be written to: names only, in the state's data. */
export function parseTarget(text: unknown, place: string): readonly string[] {
  const path = parsePath(text, place);
  const names = path.steps.filter((key) => typeof key === "string");
  if (path.root === "context" || names.length < path.steps.length) {
    throw new Failure("invalid-request", `${place} is ${path.text}; a result can only be written below $, by name.`);
  }
  return names;
}

/** `data` with `value` at `target`; objects on the way are made. `undefined` where something else stands there. */
export function writePath(data: Json, target: readonly string[], value: Json): Json | undefined {
  const [name, ...rest] = target;
  if (name === undefined) return value;
  if (!isRecord(data)) return undefined;
  const inner = writePath(data[name] ?? {}, rest, value);
  return inner === undefined ? undefined : { ...data, [name]: inner };
}
