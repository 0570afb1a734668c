import type { Json } from "../../core/encoding/canonical-json.ts";

/**
 * How an invocation of a function ended: with what it returned, or with the error that Lambda reports
 * (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html). Whoever promises one rejects only where
 * nobody knows the outcome (the function was cut off); then it has to be asked again, and functions bear that.
 */
export type InvocationResult =
  | { readonly payload: Json }
  | { readonly errorType: string; readonly errorMessage: string };
