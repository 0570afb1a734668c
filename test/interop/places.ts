import type { Json } from "../../core/encoding/canonical-json.ts";

// What a service may tell otherwise: each member of a document, and one more than there are.

export type Place = readonly (string | number)[];

/** Every place in a document, of lists the first two. */
export function placesIn(value: Json | undefined, deepest: number, at: Place = []): readonly Place[] {
  if (typeof value !== "object" || value === null || at.length > deepest) return [at];
  const inside = Array.isArray(value) ? [...value.slice(0, 2).entries()] : Object.entries(value);
  // Something more than it says, as well.
  const more = Array.isArray(value) ? [] : [[...at, "more"]];
  return [at, ...more, ...inside.flatMap(([name, each]) => placesIn(each as Json, deepest, [...at, name]))];
}

/** The document with another value at a place; with nothing there, where that is `undefined`. */
export function withValue(value: unknown, [name, ...rest]: Place, next: Json | undefined): unknown {
  if (name === undefined) return next;
  const copy: Record<string | number, unknown> = Array.isArray(value) ? [...value] : { ...Object(value) };
  if (rest.length > 0 || next !== undefined) copy[name] = withValue(copy[name], rest, next);
  else if (Array.isArray(copy)) copy.splice(Number(name), 1);
  else delete copy[name];
  return copy;
}
