import { type Authorization, AwsRefusal } from "../aws/aws-json-server.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";

const token = ["taskToken"];
const page = ["maxResults", "nextToken"];

/** The operations that are carried, each with its parameters. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  StartExecution: ["stateMachineArn", "name", "input"],
  DescribeExecution: ["executionArn"],
  GetExecutionHistory: ["executionArn", "includeExecutionData", "reverseOrder", ...page],
  ListExecutions: ["stateMachineArn", "statusFilter", ...page],
  StopExecution: ["executionArn", "error", "cause"],
  SendTaskSuccess: [...token, "output"],
  SendTaskFailure: [...token, "error", "cause"],
};

/** Operations that functions may call. */
export const carriedOperations: ReadonlySet<string> = new Set(Object.keys(parameters));

/** Refuses a parameter that the stand-in does not carry. */
export function checkParameters(operation: string, body: JsonObject): void {
  const foreign = Object.keys(body).filter((key) => !(parameters[operation] ?? []).includes(key));
  if (foreign.length > 0)
    throw validation(`${operation} with ${foreign.join(", ")} is not carried by the local stand-in.`);
}

/**
 * What IAM judges. SendTaskSuccess and SendTaskFailure know no resource
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_stepfunctions.html).
 */
export function authorizationsOf(operation: string, body: JsonObject): readonly Authorization[] {
  const named = body["stateMachineArn"] ?? body["executionArn"];
  return [{ action: `states:${operation}`, resource: typeof named === "string" ? named : "*" }];
}

/** A parameter that must be text of at most `longest` characters. */
export function requiredText(body: JsonObject, member: string, longest: number): string {
  const value = optionalText(body, member, longest);
  if (value === undefined || value === "") throw validation(`${member} must be given.`);
  return value;
}

/** A parameter that may be text of at most `longest` characters. */
export function optionalText(body: JsonObject, member: string, longest: number): string | undefined {
  const value = body[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value.length <= longest) return value;
  throw validation(`${member} must be text of at most ${longest} characters.`);
}

/** The words of an error: what StopExecution and SendTaskFailure carry. */
export function reasonOf(body: JsonObject): { readonly error?: string; readonly cause?: string } {
  const error = optionalText(body, "error", 256);
  const cause = optionalText(body, "cause", 32_768);
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

/**
 * An execution's name (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html),
 * held to what the console shows and a file can be called.
 */
export function checkName(name: string): string {
  if (/^[0-9A-Za-z_-]{1,80}$/.test(name)) return name;
  throw new AwsRefusal("InvalidName", "A name has 1 to 80 letters, digits, - and _.");
}

/** One page of `all`, in the order given. */
export function pageOf<T>(
  all: readonly T[],
  body: JsonObject,
): { readonly items: readonly T[]; readonly nextToken?: string } {
  const size = body["maxResults"] ?? 0;
  if (typeof size !== "number" || !Number.isInteger(size) || size < 0 || size > 1000) {
    throw validation("maxResults must be a whole number from 0 to 1000.");
  }
  const given = optionalText(body, "nextToken", 1024);
  const from = given === undefined ? 0 : Number(given);
  if (!Number.isInteger(from) || from < 0) throw new AwsRefusal("InvalidToken", "The provided token is not valid.");
  const to = from + (size === 0 ? 100 : size);
  return { items: all.slice(from, to), ...(to < all.length ? { nextToken: String(to) } : {}) };
}

/** JSON text of an object or any other value; `code` is the refusal for anything else. */
export function checkJson(text: string, code: "InvalidExecutionInput" | "InvalidOutput", objectOnly: boolean): void {
  try {
    const value: unknown = JSON.parse(text);
    if (!objectOnly || isRecord(value)) return;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsRefusal(code, objectOnly ? "The input must be a JSON object." : "The output is not JSON.");
}

/** Step Functions' answer to a request that it cannot read. */
export function validation(message: string): AwsRefusal {
  return new AwsRefusal("ValidationException", message);
}
