/** Member names and indexes from the root of a document down to one of its values. */
export type JsonPath = readonly (string | number)[];

/** The JSON pointer (RFC 6901 section 3) of a path; empty for the document itself. */
export function jsonPointer(path: JsonPath): string {
  return path.map((step) => `/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** Where something was read, as findings give it: `<document>#<JSON pointer>`. */
export function placeIn(document: string, path: JsonPath): string {
  return `${document}#${jsonPointer(path)}`;
}
