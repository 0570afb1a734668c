/** The same value with its texts as canonical JSON takes them: what was half of a surrogate pair is U+FFFD. */
export function wellFormed<Value>(value: Value): Value {
  return made(value) as Value;
}

function made(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(made);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.toWellFormed(), made(member)]));
}
