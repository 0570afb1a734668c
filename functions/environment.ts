import * as v from "valibot";

/**
 * A function's environment, checked when it starts: a missing or misspelt variable stops the function at once, and
 * says which, instead of failing in the middle of a request. Values are not repeated in the error.
 */
export function readEnvironment<const Schema extends v.GenericSchema>(
  schema: Schema,
  variables: Readonly<Record<string, string | undefined>>,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, variables);
  if (result.success) return result.output;
  const names = result.issues.map((issue) => v.getDotPath(issue) ?? "?");
  throw new Error(`The environment of this function is not complete: ${[...new Set(names)].join(", ")}.`);
}
