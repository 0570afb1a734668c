import type { Json } from "../encoding/canonical-json.ts";
import { type JsonPlace, memberOf } from "./json-places.ts";

/** Those of the sections that say something: a section of empty texts and lists says nothing. */
export function sectionsIn(card: JsonPlace, sections: readonly string[]): readonly string[] {
  return sections.filter((section) => saysSomething(memberOf(card, section).value));
}

/** The number in a text that holds nothing else, for formats that write numbers as texts; undefined for any other value. */
export function decimalOf({ value }: JsonPlace): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || !/^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?$/.test(value)) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function saysSomething(value: Json | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === "string") return value.trim() !== "";
  return typeof value !== "object" || Object.values(value).some(saysSomething);
}
