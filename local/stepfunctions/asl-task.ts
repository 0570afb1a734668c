import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { localAccount, localRegion } from "../aws/aws-call.ts";
import { asList, asRecord, asText, type JsonObject, onlyMembers } from "../aws/json-shape.ts";
import type { Retrier } from "./asl-error.ts";
import {
  compileResultPath,
  compileSeconds,
  compileTemplate,
  isSeconds,
  type Next,
  type Reader,
  type StateFrame,
  type Writer,
} from "./asl-template.ts";

/**
 * How a task calls its function: by its ARN as the resource, through the Lambda integration, or through that and
 * then waiting for the task token.
 */
export type TaskStyle = "direct" | "invoke" | "invoke.waitForTaskToken";

/** One element of `Catch`. */
interface Catcher {
  readonly errors: readonly string[];
  readonly resultPath: Writer;
  readonly next: string;
}

/** A compiled Task state. */
export interface TaskState extends StateFrame {
  readonly type: "Task";
  readonly style: TaskStyle;
  readonly functionArn: string;
  readonly parameters: Reader | undefined;
  readonly resultSelector: Reader | undefined;
  readonly resultPath: Writer;
  readonly timeout: ((data: Json, context: JsonObject) => number) | undefined;
  readonly retriers: readonly Retrier[];
  readonly catchers: readonly Catcher[];
  readonly next: Next;
}

/** Compiles a Task state. Throws `invalid-request` for a resource or parameter that is not carried. */
export function compileTask(frame: StateFrame, state: JsonObject, next: Next): TaskState {
  const { name } = frame;
  const { Parameters: parameters, ResultSelector: selector } = state;
  return {
    ...frame,
    type: "Task",
    ...workOf(name, asText(state["Resource"], `${name}.Resource`), parameters),
    parameters: parameters === undefined ? undefined : compileTemplate(parameters, `${name}.Parameters`),
    resultSelector:
      selector === undefined ? undefined : compileTemplate(asRecord(selector, name), `${name}.ResultSelector`),
    resultPath: compileResultPath(state["ResultPath"], `${name}.ResultPath`),
    timeout: timeoutOf(name, state),
    retriers: asList(state["Retry"] ?? [], `${name}.Retry`).map((entry, index, all) =>
      compileRetrier(asRecord(entry, `${name}.Retry`), `${name}.Retry[${index}]`, index === all.length - 1),
    ),
    catchers: asList(state["Catch"] ?? [], `${name}.Catch`).map((entry, index, all) =>
      compileCatcher(asRecord(entry, `${name}.Catch`), `${name}.Catch[${index}]`, index === all.length - 1),
    ),
    next,
  };
}

const lambdaArn = /^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+$/;

function workOf(
  name: string,
  resource: string,
  parameters: Json | undefined,
): Pick<TaskState, "style" | "functionArn"> {
  if (lambdaArn.test(resource)) return { style: "direct", functionArn: resource };
  const integration = /^arn:aws:states:::lambda:(invoke|invoke\.waitForTaskToken)$/.exec(resource)?.[1];
  if (integration !== "invoke" && integration !== "invoke.waitForTaskToken") {
    throw new Failure("invalid-request", `State "${name}" has the resource ${resource}, which is not carried.`);
  }
  const call = asRecord(parameters, `${name}.Parameters`);
  onlyMembers(call, ["FunctionName", "Payload", "Payload.$"], `${name}.Parameters`);
  if (call["Payload"] === undefined && call["Payload.$"] === undefined) {
    throw new Failure("invalid-request", `State "${name}" passes no Payload.`);
  }
  if (integration === "invoke.waitForTaskToken" && !JSON.stringify(call).includes('"$$.Task.Token"')) {
    throw new Failure("invalid-request", `State "${name}" waits for a token that it gives to nobody.`);
  }
  const functionName = asText(call["FunctionName"], `${name}.Parameters.FunctionName`);
  const functionArn = /^[A-Za-z0-9_-]+$/.test(functionName)
    ? `arn:aws:lambda:${localRegion}:${localAccount}:function:${functionName}`
    : functionName;
  if (!lambdaArn.test(functionArn)) {
    throw new Failure("invalid-request", `State "${name}" calls ${functionName}, which is no function's name or ARN.`);
  }
  return { style: integration, functionArn };
}

function timeoutOf(name: string, state: JsonObject): TaskState["timeout"] {
  const { TimeoutSeconds: seconds, TimeoutSecondsPath: path } = state;
  if (path !== undefined && seconds === undefined) return compileSeconds(path, `${name}.TimeoutSecondsPath`, 1);
  if (seconds === undefined) return undefined;
  if (path === undefined && isSeconds(seconds, 1)) return () => seconds;
  throw new Failure(
    "invalid-request",
    `State "${name}" must have a whole TimeoutSeconds or a TimeoutSecondsPath, not both.`,
  );
}

function compileRetrier(retrier: JsonObject, place: string, last: boolean): Retrier {
  onlyMembers(
    retrier,
    ["Comment", "ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"],
    place,
  );
  const number = (member: string, otherwise: number, holds: (value: number) => boolean) => {
    const value = retrier[member] ?? otherwise;
    if (typeof value === "number" && holds(value)) return value;
    throw new Failure("invalid-request", `${place}.${member} is ${JSON.stringify(value)}, which is out of range.`);
  };
  const jitter = retrier["JitterStrategy"] ?? "NONE";
  if (jitter !== "NONE" && jitter !== "FULL")
    throw new Failure("invalid-request", `${place}.JitterStrategy is unknown.`);
  // Defaults: https://states-language.net/spec.html#errors
  return {
    errors: errorNames(retrier, place, last),
    intervalSeconds: number("IntervalSeconds", 1, (value) => isSeconds(value, 1)),
    maxAttempts: number("MaxAttempts", 3, (value) => isSeconds(value, 0)),
    backoffRate: number("BackoffRate", 2, (value) => value >= 1),
    maxDelaySeconds: number("MaxDelaySeconds", 31_622_400, (value) => isSeconds(value, 1) && value <= 31_622_400),
    fullJitter: jitter === "FULL",
  };
}

function compileCatcher(catcher: JsonObject, place: string, last: boolean): Catcher {
  onlyMembers(catcher, ["Comment", "ErrorEquals", "ResultPath", "Next"], place);
  return {
    errors: errorNames(catcher, place, last),
    resultPath: compileResultPath(catcher["ResultPath"], `${place}.ResultPath`),
    next: asText(catcher["Next"], `${place}.Next`),
  };
}

function errorNames(rule: JsonObject, place: string, last: boolean): readonly string[] {
  const names = asList(rule["ErrorEquals"], `${place}.ErrorEquals`).map((name) => asText(name, `${place}.ErrorEquals`));
  if (names.length === 0) throw new Failure("invalid-request", `${place}.ErrorEquals is empty.`);
  if (names.includes("States.ALL") && !(names.length === 1 && last)) {
    throw new Failure("invalid-request", `${place}: States.ALL must stand alone, in the last rule.`);
  }
  return names;
}
