import type * as v from "valibot";

/** Outcomes that a step's answer may have. */
export function outcomesOf(schema: v.GenericSchema): readonly string[] {
  if ("options" in schema && Array.isArray(schema.options)) return schema.options.flatMap(outcomesOf);
  const entries = "entries" in schema ? (schema.entries as Record<string, v.GenericSchema>) : {};
  const outcome = entries["outcome"];
  return outcome !== undefined && "literal" in outcome ? [String(outcome.literal)] : [];
}
