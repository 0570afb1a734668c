import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";

/** Tells whether a record passes a filter. */
export type EventFilter = (record: unknown) => boolean;

type LeafRule = (value: Json | undefined) => boolean;

/**
 * Compiles the patterns of an event source mapping's `FilterCriteria` (each JSON text); a record passes if it
 * matches any of them, or if there are none. Carried: equality, `prefix`, `exists`, `anything-but` (plain values),
 * nested keys. Throws `invalid-request` for any other rule.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 */
export function compileEventFilter(patterns: readonly string[]): EventFilter {
  const matchers = patterns.map((pattern) => {
    const parsed: unknown = JSON.parse(pattern);
    if (!isRecord(parsed)) throw new Failure("invalid-request", "A filter pattern must be a JSON object.");
    return compileNode(parsed, "pattern");
  });
  return (record) => matchers.length === 0 || matchers.some((matches) => matches(record as Json));
}

function compileNode(pattern: JsonObject, place: string): LeafRule {
  const members = Object.entries(pattern).map(([key, rule]): readonly [string, LeafRule] => {
    const at = `${place}.${key}`;
    if (isRecord(rule)) return [key, compileNode(rule, at)];
    if (isList(rule) && rule.length > 0) return [key, compileLeaf(rule, at)];
    throw new Failure("invalid-request", `${at} must be an object or a list with at least one rule.`);
  });
  // A missing branch is walked all the same: `exists: false` below it holds.
  return (value) => members.every(([key, matches]) => matches(isRecord(value) ? value[key] : undefined));
}

function compileLeaf(rules: readonly Json[], place: string): LeafRule {
  const compiled = rules.map((rule) => compileRule(rule, place));
  return (value) => compiled.some((matches) => matches(value));
}

function compileRule(rule: Json, place: string): LeafRule {
  if (!isRecord(rule)) return onEach((value) => value === plain(rule, place));
  const [[name, operand] = ["", null], ...others] = Object.entries(rule);
  if (others.length === 0 && name === "exists" && typeof operand === "boolean") {
    // Only leaf nodes exist, as in EventBridge: an object below the key does not count.
    return (value) => (value !== undefined && !isRecord(value)) === operand;
  }
  if (others.length === 0 && name === "prefix" && typeof operand === "string") {
    return onEach((value) => typeof value === "string" && value.startsWith(operand));
  }
  if (others.length === 0 && name === "anything-but") {
    const barred = (isList(operand) ? operand : [operand]).map((value) => plain(value, place));
    return onEach((value) => !barred.includes(value));
  }
  throw new Failure("invalid-request", `${place} uses the rule ${JSON.stringify(rule)}, which is not carried.`);
}

function plain(value: Json, place: string): Json {
  if (isRecord(value) || isList(value))
    throw new Failure("invalid-request", `${place} compares with more than a plain value.`);
  return value;
}

/** A list matches if one of its elements does; what is missing matches nothing. */
function onEach(matches: (value: Json) => boolean): LeafRule {
  return (value) => value !== undefined && !isRecord(value) && (isList(value) ? value.some(matches) : matches(value));
}
