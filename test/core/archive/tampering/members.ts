import type { Json } from "../../../../core/encoding/canonical-json.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";

/** One thing that a record says: the place in its body, or when it was told. */
export interface Member {
  /** `model.sha256`, `steps.#.percent`: whichever item of a list it is. */
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly value: Json;
}

/** What a record says in members; its sentence (`summary`) is for people, and no rule reads it. */
export function membersOf({ at, body }: Fact): readonly Member[] {
  return [{ name: "at", path: ["at"], value: at }, ...leavesOf(body, ["body"])];
}

/** The names of all members of these records, each with its type. */
export function memberNames(facts: readonly Fact[]): ReadonlySet<string> {
  return new Set(facts.flatMap((fact) => membersOf(fact).map(({ name }) => `${fact.type} ${name}`)));
}

export function withMember(fact: Fact, { path }: Member, value: Json): Fact {
  return replaced(fact, path, value) as Fact;
}

function leavesOf(value: Json, path: Member["path"]): readonly Member[] {
  const inner = typeof value === "object" && value !== null ? Object.entries(value) : [];
  if (inner.length === 0) return path.length === 1 ? [] : [{ name: nameOf(path), path, value }];
  return inner.flatMap(([key, each]) => leavesOf(each, [...path, Array.isArray(value) ? Number(key) : key]));
}

function nameOf([_, ...path]: Member["path"]): string {
  return path.map((part) => (typeof part === "number" ? "#" : part)).join(".");
}

function replaced(value: unknown, [first, ...rest]: Member["path"], to: Json): unknown {
  if (first === undefined) return to;
  if (Array.isArray(value)) return value.map((each, at) => (at === first ? replaced(each, rest, to) : each));
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [first]: replaced(object[first], rest, to) };
}
