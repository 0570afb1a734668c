import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { asList, asRecord, asText, type JsonObject, onlyMembers } from "../aws/json-shape.ts";
import { type Condition, compileCondition } from "./asl-choice.ts";
import { compileTask, type TaskState } from "./asl-task.ts";
import {
  compileRead,
  compileResultPath,
  compileSeconds,
  compileSelection,
  compileTemplate,
  isSeconds,
  type Next,
  type Reader,
  type StateFrame,
  type Writer,
} from "./asl-template.ts";

/** A compiled state. */
export type State =
  | TaskState
  | (StateFrame & {
      readonly type: "Choice";
      readonly choices: readonly { readonly when: Condition; readonly next: string }[];
      readonly otherwise: Next;
    })
  | (StateFrame & {
      readonly type: "Wait";
      readonly seconds: (data: Json, context: JsonObject) => number;
      readonly next: Next;
    })
  | (StateFrame & {
      readonly type: "Pass";
      readonly parameters: Reader | undefined;
      readonly result: Json | undefined;
      readonly resultPath: Writer;
      readonly next: Next;
    })
  | (StateFrame & { readonly type: "Succeed" })
  | (StateFrame & { readonly type: "Fail"; readonly error: Reader; readonly cause: Reader });

/** A state machine that can be run. */
export interface Machine {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
  readonly timeoutSeconds: number | undefined;
}

const io = ["Type", "Comment", "QueryLanguage", "InputPath", "OutputPath"];
const flow = ["Next", "End"];

/**
 * Compiles a definition in the Amazon States Language, JSONPath form, after its substitutions
 * (https://states-language.net/spec.html). Carried is what the product's machine needs, no more: a state type, field,
 * operator or path beyond that throws `invalid-request` here, before anything runs.
 */
export function compileMachine(definition: string): Machine {
  const parsed: unknown = JSON.parse(definition);
  const machine = asRecord(parsed, "The definition");
  onlyMembers(
    machine,
    ["Comment", "StartAt", "States", "Version", "TimeoutSeconds", "QueryLanguage"],
    "The definition",
  );
  if ((machine["Version"] ?? "1.0") !== "1.0") throw new Failure("invalid-request", "Only version 1.0 is carried.");
  onlyJsonPath(machine, "The definition");
  const { TimeoutSeconds: timeout } = machine;
  if (timeout !== undefined && !isSeconds(timeout, 1)) {
    throw new Failure("invalid-request", "TimeoutSeconds must be a whole number of seconds.");
  }
  const states = new Map(
    Object.entries(asRecord(machine["States"], "States")).map(([name, state]) => [
      name,
      compileState(name, asRecord(state, name)),
    ]),
  );
  const startAt = asText(machine["StartAt"], "StartAt");
  checkTargets(startAt, states);
  return { startAt, states, timeoutSeconds: timeout };
}

function onlyJsonPath(value: JsonObject, place: string): void {
  if ((value["QueryLanguage"] ?? "JSONPath") !== "JSONPath") {
    throw new Failure("invalid-request", `${place} is written in another query language than JSONPath.`);
  }
}

function compileState(name: string, state: JsonObject): State {
  onlyJsonPath(state, name);
  const frame = {
    name,
    inputPath: compileSelection(state["InputPath"], `${name}.InputPath`),
    outputPath: compileSelection(state["OutputPath"], `${name}.OutputPath`),
  };
  const only = (...members: readonly string[]) => onlyMembers(state, members, `State "${name}"`);
  switch (state["Type"]) {
    case "Task":
      only(
        ...io,
        ...flow,
        "Resource",
        "Parameters",
        "ResultSelector",
        "ResultPath",
        "Retry",
        "Catch",
        "TimeoutSeconds",
        "TimeoutSecondsPath",
      );
      return compileTask(frame, state, nextOf(name, state));
    case "Choice":
      only(...io, "Choices", "Default");
      return { ...frame, type: "Choice", ...choicesOf(name, state) };
    case "Wait":
      only(...io, ...flow, "Seconds", "SecondsPath");
      return { ...frame, type: "Wait", seconds: secondsOf(name, state), next: nextOf(name, state) };
    case "Pass":
      only(...io, ...flow, "Result", "ResultPath", "Parameters");
      return {
        ...frame,
        type: "Pass",
        parameters:
          state["Parameters"] === undefined ? undefined : compileTemplate(state["Parameters"], `${name}.Parameters`),
        result: state["Result"],
        resultPath: compileResultPath(state["ResultPath"], `${name}.ResultPath`),
        next: nextOf(name, state),
      };
    case "Succeed":
      only(...io);
      return { ...frame, type: "Succeed" };
    case "Fail":
      only("Type", "Comment", "QueryLanguage", "Error", "ErrorPath", "Cause", "CausePath");
      return { ...frame, type: "Fail", error: wordsOf(name, state, "Error"), cause: wordsOf(name, state, "Cause") };
    default:
      throw new Failure(
        "invalid-request",
        `State "${name}" is of type ${String(state["Type"])}, which is not carried.`,
      );
  }
}

function nextOf(name: string, state: JsonObject): Next {
  const { Next: next, End: end } = state;
  if (typeof next === "string" && end === undefined) return next;
  if (next === undefined && end === true) return undefined;
  throw new Failure("invalid-request", `State "${name}" must have either Next or "End": true.`);
}

function choicesOf(name: string, state: JsonObject) {
  const choices = asList(state["Choices"], `${name}.Choices`).map((entry, index) => {
    const place = `${name}.Choices[${index}]`;
    const rule = asRecord(entry, place);
    return { when: compileCondition(rule, place, ["Next", "Comment"]), next: asText(rule["Next"], `${place}.Next`) };
  });
  if (choices.length === 0) throw new Failure("invalid-request", `${name}.Choices is empty.`);
  const otherwise = state["Default"] === undefined ? undefined : asText(state["Default"], `${name}.Default`);
  return { choices, otherwise };
}

function secondsOf(name: string, state: JsonObject) {
  const { Seconds: seconds, SecondsPath: path } = state;
  if (path !== undefined && seconds === undefined) return compileSeconds(path, `${name}.SecondsPath`, 0);
  if (path === undefined && isSeconds(seconds, 0)) return () => seconds;
  throw new Failure("invalid-request", `State "${name}" must have either Seconds or SecondsPath.`);
}

function wordsOf(name: string, state: JsonObject, member: "Error" | "Cause"): Reader {
  const { [member]: text, [`${member}Path`]: path } = state;
  if (text !== undefined && path !== undefined) {
    throw new Failure("invalid-request", `State "${name}" has both ${member} and ${member}Path.`);
  }
  if (path !== undefined) return compileRead(path, `${name}.${member}Path`);
  const words = text === undefined ? null : asText(text, `${name}.${member}`);
  return () => words;
}

function checkTargets(startAt: string, states: ReadonlyMap<string, State>): void {
  const targets = [...states.values()].flatMap((state): readonly Next[] => {
    switch (state.type) {
      case "Task":
        return [state.next, ...state.catchers.map(({ next }) => next)];
      case "Choice":
        return [state.otherwise, ...state.choices.map(({ next }) => next)];
      case "Wait":
      case "Pass":
        return [state.next];
      case "Succeed":
      case "Fail":
        return [];
      default:
        return state satisfies never;
    }
  });
  for (const target of [startAt, ...targets]) {
    if (target !== undefined && !states.has(target)) {
      throw new Failure("invalid-request", `There is no state "${target}" to go to.`);
    }
  }
}
