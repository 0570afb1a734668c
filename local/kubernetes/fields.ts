import { canonicalJson, type Json } from "../../core/encoding/canonical-json.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { MergeRules } from "./kinds.ts";

/** A step into an object: a member, or an item of a keyed list. */
type Step = { readonly field: string } | { readonly key: JsonObject };
export type Path = readonly Step[];

/** A field that somebody owns, by its path as conflicts name it. */
export type FieldSet = ReadonlyMap<string, Path>;

/** `.spec.template.spec.containers[name="scorer"].image` */
export function nameOfPath(path: Path): string {
  return path
    .map((step) =>
      "field" in step
        ? `.${step.field}`
        : `[${Object.entries(step.key)
            .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
            .join(",")}]`,
    )
    .join("");
}

/** Every field that a document sets, its leaves and the items of its keyed lists. */
export function fieldsOf(document: Json, rules: MergeRules, path: Path = []): FieldSet {
  const found = new Map<string, Path>();
  const add = (at: Path): void => {
    found.set(nameOfPath(at), at);
  };
  const walk = (value: Json, at: Path): void => {
    if (isRecord(value) && !rules.atomicMaps.includes(nameOfPath(at)) && Object.keys(value).length > 0) {
      for (const [field, member] of Object.entries(value)) walk(member, [...at, { field }]);
      return;
    }
    const keys = keysOfList(value, at, rules);
    if (keys === undefined || !isList(value)) {
      add(at);
      return;
    }
    for (const item of value) {
      const here = [...at, { key: keyOf(item, keys) }];
      add(here);
      walk(item, here);
    }
  };
  walk(document, path);
  return found;
}

/** The value at a path, or `undefined`. */
export function valueAt(document: Json | undefined, path: Path): Json | undefined {
  let value = document;
  for (const step of path) {
    if (value === undefined) return undefined;
    if ("field" in step) value = isRecord(value) ? value[step.field] : undefined;
    else value = isList(value) ? value.find((item) => hasKey(item, step.key)) : undefined;
  }
  return value;
}

/** `live` with all that `applied` sets: maps member by member, keyed lists item by item, everything else whole. */
export function merged(live: Json | undefined, applied: Json, rules: MergeRules, at: Path = []): Json {
  if (isRecord(applied) && isRecord(live) && !rules.atomicMaps.includes(nameOfPath(at))) {
    const members = Object.entries(applied).map(([field, value]): [string, Json] => [
      field,
      merged(live[field], value, rules, [...at, { field }]),
    ]);
    return { ...live, ...Object.fromEntries(members) };
  }
  const keys = keysOfList(applied, at, rules);
  if (keys === undefined || !isList(applied) || !isList(live)) return applied;
  const kept = live.map((item) => {
    const ours = applied.find((each) => hasKey(item, keyOf(each, keys)));
    return ours === undefined ? item : merged(item, ours, rules, [...at, { key: keyOf(ours, keys) }]);
  });
  const added = applied.filter((item) => !live.some((each) => hasKey(each, keyOf(item, keys))));
  return [...kept, ...added];
}

/** `document` without the field at `path`; containers that become empty by it stay, as on the real server. */
export function without(document: Json, path: Path): Json {
  const [step, ...rest] = path;
  if (step === undefined) return document;
  if ("field" in step) {
    if (!isRecord(document) || !(step.field in document)) return document;
    const { [step.field]: value, ...others } = document;
    return rest.length === 0 || value === undefined ? others : { ...document, [step.field]: without(value, rest) };
  }
  if (!isList(document)) return document;
  if (rest.length === 0) return document.filter((item) => !hasKey(item, step.key));
  return document.map((item) => (hasKey(item, step.key) ? without(item, rest) : item));
}

/** `fieldsV1` of `managedFields` (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). */
export function fieldsV1(fields: FieldSet): JsonObject {
  const root: Record<string, Json> = {};
  for (const path of fields.values()) {
    let node = root;
    for (const step of path) {
      const name = "field" in step ? `f:${step.field}` : `k:${canonicalJson(step.key)}`;
      node[name] ??= {};
      node = node[name] as Record<string, Json>;
    }
    const last = path.at(-1);
    if (last !== undefined && "key" in last) node["."] = {};
  }
  return root;
}

export function sameValue(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}

function keysOfList(value: Json, at: Path, rules: MergeRules): readonly string[] | undefined {
  const last = at.at(-1);
  const keys = last !== undefined && "field" in last ? rules.keyedLists[last.field] : undefined;
  return keys !== undefined && isList(value) && value.length > 0 ? keys : undefined;
}

function keyOf(item: Json, keys: readonly string[]): JsonObject {
  const record = isRecord(item) ? item : {};
  // The one key with a default in the types that are carried: a port's protocol.
  return Object.fromEntries(keys.map((key) => [key, record[key] ?? (key === "protocol" ? "TCP" : "")]));
}

function hasKey(item: Json, key: JsonObject): boolean {
  return canonicalJson(keyOf(item, Object.keys(key))) === canonicalJson(key);
}
