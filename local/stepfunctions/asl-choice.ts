import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { asList, asRecord, type JsonObject, onlyMembers } from "../aws/json-shape.ts";
import { runtimeError } from "./asl-error.ts";
import { parsePath, readPath } from "./asl-path.ts";

/** Whether a choice applies; throws `StateError` where its variable is not there. */
export type Condition = (data: Json, context: JsonObject) => boolean;

/** What compares with a constant of one type; a value of another type is simply not equal. */
const comparisons: Readonly<
  Record<string, { readonly type: string; readonly holds: (value: Json, to: Json) => boolean }>
> = {
  StringEquals: { type: "string", holds: (value, to) => value === to },
  BooleanEquals: { type: "boolean", holds: (value, to) => value === to },
  NumericEquals: { type: "number", holds: (value, to) => value === to },
  NumericLessThan: { type: "number", holds: (value, to) => typeof value === "number" && value < Number(to) },
  NumericLessThanEquals: { type: "number", holds: (value, to) => typeof value === "number" && value <= Number(to) },
  NumericGreaterThan: { type: "number", holds: (value, to) => typeof value === "number" && value > Number(to) },
  NumericGreaterThanEquals: { type: "number", holds: (value, to) => typeof value === "number" && value >= Number(to) },
  IsNull: { type: "boolean", holds: (value, to) => (value === null) === to },
  IsString: { type: "boolean", holds: (value, to) => (typeof value === "string") === to },
  IsNumeric: { type: "boolean", holds: (value, to) => (typeof value === "number") === to },
  IsBoolean: { type: "boolean", holds: (value, to) => (typeof value === "boolean") === to },
};

/**
 * Compiles a rule of a Choice state, `outer` being the members that only its outermost form has. Throws
 * `invalid-request` for an operator that is not carried. https://states-language.net/spec.html#choice-state
 */
export function compileCondition(rule: JsonObject, place: string, outer: readonly string[] = []): Condition {
  const own = Object.keys(rule).filter((key) => !outer.includes(key));
  const [operator = ""] = own.filter((key) => key !== "Variable");
  if (own.length !== (Object.hasOwn(rule, "Variable") ? 2 : 1)) {
    throw new Failure("invalid-request", `${place} must have exactly one operator.`);
  }
  if (!Object.hasOwn(rule, "Variable")) return compileBoolean(rule, operator, place);
  const path = parsePath(rule["Variable"], `${place}.Variable`);
  const constant = rule[operator] ?? null;
  if (operator === "IsPresent" && typeof constant === "boolean") {
    return (data, context) => (readPath(path, data, context) !== undefined) === constant;
  }
  const comparison = comparisons[operator];
  if (comparison === undefined || typeof constant !== comparison.type) {
    throw new Failure(
      "invalid-request",
      `${place} uses ${operator} ${JSON.stringify(constant)}, which is not carried.`,
    );
  }
  return (data, context) => {
    const value = readPath(path, data, context);
    if (value === undefined) throw runtimeError(`${path.text}, asked for by ${place}, is not there.`);
    return comparison.holds(value, constant);
  };
}

function compileBoolean(rule: JsonObject, operator: string, place: string): Condition {
  const inner = (value: unknown, at: string) => compileCondition(asRecord(value, at), at);
  const operand = rule[operator];
  if (operator === "Not") {
    const condition = inner(operand, `${place}.Not`);
    return (data, context) => !condition(data, context);
  }
  onlyMembers({ [operator]: null }, ["And", "Or"], place);
  const conditions = asList(operand, `${place}.${operator}`).map((value, index) =>
    inner(value, `${place}.${operator}[${index}]`),
  );
  if (conditions.length === 0) throw new Failure("invalid-request", `${place}.${operator} is empty.`);
  return operator === "And"
    ? (data, context) => conditions.every((condition) => condition(data, context))
    : (data, context) => conditions.some((condition) => condition(data, context));
}
