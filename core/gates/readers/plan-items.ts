import { itemsOf, type JsonPlace, memberOf } from "../json-places.ts";

/** What is in a member that is a list; nothing where it is none. */
export function itemsIn(place: JsonPlace, name: string): readonly JsonPlace[] {
  const list = memberOf(place, name);
  return Array.isArray(list.value) ? itemsOf(list) : [];
}
