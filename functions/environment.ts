import * as v from "valibot";
import type { FailureCode } from "../core/failure.ts";

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
  const incomplete = new Error(`The environment of this function is not complete: ${[...new Set(names)].join(", ")}.`);
  throw Object.assign(incomplete, { name: passes });
}

/**
 * By this name the state machine tries again. Lambda is given the code of a new version and its variables one after the
 * other, so that for some seconds of a deployment the one may run with the other's.
 * https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html
 */
const passes = "unavailable" satisfies FailureCode;
