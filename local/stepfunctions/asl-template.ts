import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { isList, isRecord, type JsonObject } from "../aws/json-shape.ts";
import { runtimeError, StateError } from "./asl-error.ts";
import { parsePath, parseTarget, readPath, writePath } from "./asl-path.ts";

/** Makes a value out of the state's data and the context object; throws `StateError`. */
export type Reader = (data: Json, context: JsonObject) => Json;

/** Puts a result into a state's raw input; throws `StateError`. */
export type Writer = (input: Json, result: Json) => Json;

/** What every state has. */
export interface StateFrame {
  readonly name: string;
  readonly inputPath: Reader;
  readonly outputPath: Reader;
}

/** Where a state goes; `undefined` ends the execution. */
export type Next = string | undefined;

/** A payload template (`Parameters`, `ResultSelector`): members that end in `.$` take the value of their path. */
export function compileTemplate(template: Json, place: string): Reader {
  if (isList(template)) {
    const items = template.map((item, index) => compileTemplate(item, `${place}[${index}]`));
    return (data, context) => items.map((read) => read(data, context));
  }
  if (!isRecord(template)) return () => template;
  const members = Object.entries(template).map(([key, value]): readonly [string, Reader] => {
    if (!key.endsWith(".$")) return [key, compileTemplate(value, `${place}.${key}`)];
    const name = key.slice(0, -2);
    if (Object.hasOwn(template, name)) throw new Failure("invalid-request", `${place} has both ${name} and ${key}.`);
    const path = parsePath(value, `${place}.${key}`);
    const read: Reader = (data, context) => {
      const found = readPath(path, data, context);
      if (found !== undefined) return found;
      throw new StateError("States.ParameterPathFailure", `${path.text}, asked for by ${place}.${key}, is not there.`);
    };
    return [name, read];
  });
  return (data, context) => Object.fromEntries(members.map(([name, read]) => [name, read(data, context)]));
}

/** `InputPath` or `OutputPath`: everything where it is absent, an empty object where it is null. */
export function compileSelection(path: Json | undefined, place: string): Reader {
  if (path === null) return () => ({});
  return compileRead(path ?? "$", place);
}

/** A path that has to lead somewhere. */
export function compileRead(text: Json, place: string): Reader {
  const path = parsePath(text, place);
  return (data, context) => {
    const found = readPath(path, data, context);
    if (found !== undefined) return found;
    throw runtimeError(`${path.text}, asked for by ${place}, is not there.`);
  };
}

/** `ResultPath`: the whole output where it is absent, no part of it where it is null. */
export function compileResultPath(path: Json | undefined, place: string): Writer {
  if (path === null) return (input) => input;
  const target = parseTarget(path ?? "$", place);
  return (input, result) => {
    const written = writePath(input, target, result);
    if (written !== undefined) return written;
    throw new StateError(
      "States.ResultPathMatchFailure",
      `${String(path)} of ${place} does not fit the state's input.`,
    );
  };
}

/** A whole number of seconds at a path. */
export function compileSeconds(path: Json, place: string, least: number): (data: Json, context: JsonObject) => number {
  const read = compileRead(path, place);
  return (data, context) => {
    const value = read(data, context);
    if (isSeconds(value, least)) return value;
    throw runtimeError(`${String(path)}, asked for by ${place}, is not a whole number from ${least} to 99999999.`);
  };
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html: at most 99999999 seconds. */
export function isSeconds(value: unknown, least: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= 99_999_999;
}
