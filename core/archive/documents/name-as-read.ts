import { asRead } from "../../policy/as-read.ts";

/** What is longer is nobody's name, and would push what is said behind it out of the line. */
const longest = 200;

/**
 * A name that whoever runs the service chose, and a reader is to compare with what they know: what does not show in it, or may be
 * taken for something else, is written by its code point.
 */
export function nameAsRead(name: string): string {
  const read = asRead(name);
  return read.length <= longest ? read : `${read.slice(0, longest)}…`;
}
