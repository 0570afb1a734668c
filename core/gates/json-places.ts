import type { Json } from "../encoding/canonical-json.ts";
import { NotOfThisFormat } from "./evidence-reader.ts";
import type { Gap, GapSubject } from "./facts.ts";
import { type JsonPath, placeIn } from "./json-pointer.ts";

type JsonObject = { readonly [key: string]: Json };

/** A value of a document together with where it stands; `value` is undefined where nothing stands. */
export interface JsonPlace {
  readonly value: Json | undefined;
  readonly path: JsonPath;
  readonly document: string;
}

/** The whole document as a place. */
export function rootOf(value: Json, document: string): JsonPlace {
  return { value, path: [], document };
}

/** The named member; its value is undefined where the place holds no object or the object has no such member of its own. */
export function memberOf(place: JsonPlace, name: string): JsonPlace {
  const object = isObject(place.value) ? place.value : {};
  return {
    value: Object.hasOwn(object, name) ? object[name] : undefined,
    path: [...place.path, name],
    document: place.document,
  };
}

/** All members with their names, in the order of the document; throws `NotOfThisFormat` where there is no object. */
export function membersOf(place: JsonPlace): readonly (readonly [string, JsonPlace])[] {
  if (!isObject(place.value)) throw new NotOfThisFormat(place.path, `An object is expected; it ${clause(place)}.`);
  return Object.keys(place.value).map((name) => [name, memberOf(place, name)]);
}

/** All items; throws `NotOfThisFormat` where there is no array. */
export function itemsOf(place: JsonPlace): readonly JsonPlace[] {
  if (!Array.isArray(place.value)) throw new NotOfThisFormat(place.path, `A list is expected; it ${clause(place)}.`);
  return place.value.map((value: Json, index) => ({ value, path: [...place.path, index], document: place.document }));
}

/** The text; throws `NotOfThisFormat` where there is none. */
export function textOf(place: JsonPlace): string {
  if (typeof place.value !== "string" || place.value === "")
    throw new NotOfThisFormat(place.path, `A text is expected; it ${clause(place)}.`);
  return place.value;
}

/** The number, or undefined where something else or nothing stands. */
export function numberOf(place: JsonPlace): number | undefined {
  return typeof place.value === "number" ? place.value : undefined;
}

/** `<document>#<JSON pointer>` of a place. */
export function whereOf(place: JsonPlace): string {
  return placeIn(place.document, place.path);
}

/** Says that a rule which needs `subject` finds nothing to judge at this place. */
export function gapAt(place: JsonPlace, subject: GapSubject): Gap {
  return { subject, where: whereOf(place), why: clause(place) };
}

/** What stands at a place, as a clause: `is absent`, `is the text "NaN"`, `is a list`. */
export function clause(place: JsonPlace): string {
  const { value } = place;
  if (value === undefined) return "is absent";
  if (typeof value === "string") return `is the text ${JSON.stringify(shortened(value))}`;
  if (value === null || typeof value === "boolean" || typeof value === "number") return `is ${String(value)}`;
  return Array.isArray(value) ? "is a list" : "is an object";
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
