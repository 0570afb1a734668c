import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

/** A DynamoDB item. */
export type Item = Record<string, AttributeValue>;

/** An item of plain JSON; properties that are undefined are left out. */
export function toItem(value: object): Item {
  return marshall(mapped(value, { name: nameKept, part: numberKept }), { removeUndefinedValues: true });
}

/** Plain JSON of an item. */
export function fromItem<Value>(item: Item): Value {
  return mapped(unmarshall(item), { name: nameRead, part: numberRead }) as Value;
}

/** The member under which a number is kept that DynamoDB has no room for, or that its client takes for one that lost digits. */
const double = "$double";

/** DynamoDB's numbers go from 1E-130 to 9.99E+125, and a p-value or a sum may lie outside: it is kept as its text. */
function numberKept(value: unknown): unknown {
  if (typeof value !== "number" || value === 0 || !Number.isFinite(value)) return value;
  const size = Math.abs(value);
  return size >= 1e-130 && size <= Number.MAX_SAFE_INTEGER ? value : { [double]: String(value) };
}

function numberRead(value: unknown): unknown {
  if (!isPlain(value)) return value;
  const { [double]: text, ...others } = value;
  return typeof text === "string" && Object.keys(others).length === 0 ? Number(text) : value;
}

/** What others may call a metric and the client trips over, and what would be taken for a name of ours, stands behind a `$`. */
function nameKept(name: string): string {
  return name === "constructor" || name === "__proto__" || name.startsWith("$") ? `$${name}` : name;
}

function nameRead(name: string): string {
  return name.startsWith("$") && name !== double ? name.slice(1) : name;
}

interface Change {
  name(name: string): string;
  part(value: unknown): unknown;
}

/** The value with each name and part of it changed, the inner ones first. Bytes and sets are no parts of JSON, and stay. */
function mapped(value: unknown, change: Change): unknown {
  if (Array.isArray(value)) return value.map((each) => mapped(each, change));
  if (!isPlain(value)) return change.part(value);
  const entries = Object.entries(value).map(([name, each]) => [change.name(name), mapped(each, change)] as const);
  return change.part(Object.fromEntries(entries));
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Whether an error is DynamoDB's answer that a condition did not hold. */
export function conditionFailed(error: unknown): boolean {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}
