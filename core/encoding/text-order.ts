/**
 * Compares two texts by their UTF-16 code units, as `<` does and RFC 8785 (section 3.2.3) sorts, whatever language the machine
 * speaks. Of equal ones it answers 0, so that what is equal stays in the order in which it came, on every engine.
 */
export function compareText(a: string, b: string): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares things by a text of theirs, such as a name or an instant; for `toSorted`. */
export function by<Thing>(text: (thing: Thing) => string): (a: Thing, b: Thing) => -1 | 0 | 1 {
  return (a, b) => compareText(text(a), text(b));
}
