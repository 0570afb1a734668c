import { compareText } from "../../core/encoding/text-order.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import { onlyCarried, validationException, wholeNumber } from "./input.ts";

/**
 * One page of a List operation, newest first as SageMaker sorts by default: `NameContains` (case does not count),
 * `StatusEquals` where `statusOf` is given, `MaxResults` (10) and `NextToken`.
 */
export function listing<Entry extends { readonly name: string; readonly createdAt: number }>(
  body: JsonObject,
  member: string,
  entries: readonly Entry[],
  summary: (entry: Entry) => JsonObject,
  statusOf?: (entry: Entry) => string,
): JsonObject {
  const filters = ["NameContains", "MaxResults", "NextToken", ...(statusOf === undefined ? [] : ["StatusEquals"])];
  onlyCarried(body, filters, `List${member}`);
  const text = body["NameContains"] ?? "";
  if (typeof text !== "string") throw validationException("NameContains must be text.");
  const status = body["StatusEquals"];
  const found = entries
    .filter((entry) => entry.name.toLowerCase().includes(text.toLowerCase()))
    .filter((entry) => status === undefined || statusOf?.(entry) === status)
    .toSorted((a, b) => b.createdAt - a.createdAt || compareText(a.name, b.name));
  const size = body["MaxResults"] === undefined ? 10 : wholeNumber(body, "MaxResults", 1);
  const start = startOf(body["NextToken"], found.length);
  const next = start + size;
  return {
    [member]: found.slice(start, next).map(summary),
    ...(next < found.length ? { NextToken: String(next) } : {}),
  };
}

function startOf(token: unknown, length: number): number {
  if (token === undefined) return 0;
  const start = typeof token === "string" && /^\d+$/.test(token) ? Number(token) : Number.NaN;
  if (!(start <= length)) throw validationException("The NextToken is not one that was given out.");
  return start;
}
