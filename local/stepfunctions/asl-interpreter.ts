import type { Json } from "../../core/encoding/canonical-json.ts";
import { Failure } from "../../core/failure.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import type { State } from "./asl-definition.ts";
import { namesError, retryDelay, runtimeError, StateError } from "./asl-error.ts";
import { stateEntered, stateExited, type TaskNews, taskNews } from "./asl-history.ts";
import type { Happening, Position, Standing, Task, Turn } from "./asl-position.ts";
import type { TaskState } from "./asl-task.ts";
import type { Next } from "./asl-template.ts";

/** 256 KiB, also the most that a task may return (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html). */
export const largestData = 262_144;
/** A history of a Standard execution holds no more (same page). */
const largestHistory = 25_000;

type Outcome = { readonly go: string; readonly input: Json } | Position;

/** Starts an execution and runs it up to the first thing it has to wait for. */
export function begin(turn: Turn, input: Json): Position {
  return run(turn, { go: turn.machine.startAt, input });
}

/** Goes on from `position` after `happening`, up to the next thing to wait for. */
export function advance(turn: Turn, position: Position, happening: Happening): Position {
  if (position.at === "ended") return position;
  const { standing } = position;
  const state = turn.machine.states.get(standing.state);
  if (state === undefined) throw new Failure("internal", `There is no state "${standing.state}" to go on from.`);
  if (position.at === "sleeping") {
    return run(turn, position.purpose === "retry" ? attempt(turn, state, standing) : afterWait(turn, state, standing));
  }
  if (state.type !== "Task") throw new Failure("internal", `State "${state.name}" is no task.`);
  return run(turn, afterTask(turn, state, position, happening));
}

/** Ends an execution that was stopped, or that took longer than the whole of it may. */
export function cutOff(
  turn: Turn,
  status: "ABORTED" | "TIMED_OUT",
  reason: { error?: string; cause?: string },
): Position {
  if (status === "ABORTED") turn.pen.write("ExecutionAborted", { executionAbortedEventDetails: reason });
  else turn.pen.write("ExecutionTimedOut", { executionTimedOutEventDetails: reason });
  return { at: "ended", ending: { status, ...reason } };
}

function run(turn: Turn, from: Outcome): Position {
  let outcome = from;
  while ("go" in outcome) {
    const { go, input } = outcome;
    const state = turn.machine.states.get(go);
    if (state === undefined) throw new Failure("internal", `There is no state "${go}".`);
    stateEntered(turn.pen, state.type, state.name, input);
    const tooLong = (turn.pen.written.at(-1)?.id ?? 0) > largestHistory;
    const retries = state.type === "Task" ? state.retriers.map(() => 0) : [];
    outcome = tooLong
      ? fail(turn, runtimeError("The execution makes no end of events."))
      : attempt(turn, state, { state: go, input, enteredAt: new Date(turn.now).toISOString(), retries });
  }
  return outcome;
}

/** Does a state's work, for the first time or again. */
function attempt(turn: Turn, state: State, standing: Standing): Outcome {
  try {
    switch (state.type) {
      case "Task":
        return schedule(turn, state, standing);
      case "Choice": {
        const [data, context] = inputOf(turn, state, standing);
        const next = state.choices.find(({ when }) => when(data, context))?.next ?? state.otherwise;
        if (next === undefined) throw new StateError("States.NoChoiceMatched", `No choice of "${state.name}" applies.`);
        return leave(turn, state, standing, data, next);
      }
      case "Wait": {
        const until = turn.now + 1000 * state.seconds(...inputOf(turn, state, standing));
        return { at: "sleeping", standing, until, purpose: "exit" };
      }
      case "Pass": {
        const [data, context] = inputOf(turn, state, standing);
        const result = state.result === undefined ? (state.parameters?.(data, context) ?? data) : state.result;
        return leave(turn, state, standing, state.resultPath(standing.input, result), state.next);
      }
      case "Succeed":
        return leave(turn, state, standing, inputOf(turn, state, standing)[0], undefined);
      case "Fail":
        return fail(turn, failureOf(turn, state, standing));
      default:
        return state satisfies never;
    }
  } catch (error) {
    return recover(turn, state, standing, error);
  }
}

function contextOf(turn: Turn, standing: Standing, token?: string): JsonObject {
  const RetryCount = standing.retries.reduce((sum, count) => sum + count, 0);
  return {
    ...turn.context,
    State: { Name: standing.state, EnteredTime: standing.enteredAt, RetryCount },
    ...(token === undefined ? {} : { Task: { Token: token } }),
  };
}

function inputOf(turn: Turn, state: State, standing: Standing, token?: string): readonly [Json, JsonObject] {
  const context = contextOf(turn, standing, token);
  return [state.inputPath(standing.input, context), context];
}

function leave(turn: Turn, state: State, standing: Standing, data: Json, next: Next): Outcome {
  const output = withinLimit(state.outputPath(data, contextOf(turn, standing)));
  stateExited(turn.pen, state.type, state.name, output);
  if (next !== undefined) return { go: next, input: output };
  const text = JSON.stringify(output);
  turn.pen.write("ExecutionSucceeded", {
    executionSucceededEventDetails: { output: text, outputDetails: { truncated: false } },
  });
  return { at: "ended", ending: { status: "SUCCEEDED", output: text } };
}

function withinLimit(data: Json): Json {
  if (Buffer.byteLength(JSON.stringify(data)) <= largestData) return data;
  throw new StateError("States.DataLimitExceeded", `The data is larger than ${largestData} bytes.`);
}

function schedule(turn: Turn, state: TaskState, standing: Standing): Position {
  const token = state.style === "invoke.waitForTaskToken" ? turn.newToken() : undefined;
  const [data, context] = inputOf(turn, state, standing, token);
  const parameters = withinLimit(state.parameters?.(data, context) ?? data);
  const timeout = state.timeout?.(data, context);
  const scheduled = taskNews(turn.pen, state.style, { is: "Scheduled", arn: state.functionArn, parameters, timeout });
  taskNews(turn.pen, state.style, { is: "Started" });
  const task: Task = {
    style: state.style,
    functionArn: state.functionArn,
    payload: state.style === "direct" || !isRecord(parameters) ? parameters : (parameters["Payload"] ?? null),
    ...(timeout === undefined ? {} : { deadline: turn.now + 1000 * timeout }),
    ...(token === undefined ? {} : { token }),
    attempt: scheduled.id,
  };
  return { at: "invoking", standing, task };
}

function afterWait(turn: Turn, state: State, standing: Standing): Outcome {
  if (state.type !== "Wait") throw new Failure("internal", `State "${state.name}" does not wait.`);
  try {
    return leave(turn, state, standing, inputOf(turn, state, standing)[0], state.next);
  } catch (error) {
    return recover(turn, state, standing, error);
  }
}

type TaskPosition = Extract<Position, { readonly task: Task }>;

function afterTask(turn: Turn, state: TaskState, position: TaskPosition, happening: Happening): Outcome {
  const { standing } = position;
  const news = newsOf(position, happening);
  if (news === undefined) return position;
  taskNews(turn.pen, state.style, news);
  try {
    switch (news.is) {
      case "Submitted":
        return { ...position, at: "awaiting-token" };
      case "Succeeded": {
        const result = withinLimit(news.output);
        const selected = state.resultSelector?.(result, contextOf(turn, standing)) ?? result;
        return leave(turn, state, standing, state.resultPath(standing.input, selected), state.next);
      }
      case "Failed":
      case "TimedOut":
        throw new StateError(news.error, news.cause);
      default:
        return news satisfies never;
    }
  } catch (error) {
    return recover(turn, state, standing, error);
  }
}

/** What a happening means to a task; nothing where the task does not wait for it. */
function newsOf(
  { at, task }: TaskPosition,
  happening: Happening,
): Exclude<TaskNews, { is: "Scheduled" | "Started" }> | undefined {
  switch (happening.happened) {
    case "invoked": {
      if (at !== "invoking") return undefined;
      const { result } = happening;
      if ("errorType" in result) return { is: "Failed", error: result.errorType, cause: JSON.stringify(result) };
      if (task.style === "direct") return { is: "Succeeded", output: result.payload };
      const output = { ExecutedVersion: "$LATEST", Payload: result.payload, StatusCode: 200 };
      return { is: task.style === "invoke" ? "Succeeded" : "Submitted", output };
    }
    case "token-succeeded":
      return { is: "Succeeded", output: happening.output };
    case "token-failed":
      return { is: "Failed", error: happening.error, cause: happening.cause };
    case "task-timed-out":
      return { is: "TimedOut", error: "States.Timeout", cause: "" };
    case "woken":
      return undefined;
    default:
      return happening satisfies never;
  }
}

/** Retry, then Catch, then the end (https://states-language.net/spec.html#errors). */
function recover(turn: Turn, state: State, standing: Standing, thrown: unknown): Outcome {
  if (!(thrown instanceof StateError)) throw thrown;
  if (state.type !== "Task") return fail(turn, thrown);
  // The first retrier that names the error counts, even when its attempts are used up.
  const index = state.retriers.findIndex(({ errors }) => namesError(errors, thrown.error));
  const retrier = state.retriers[index];
  const made = standing.retries[index] ?? 0;
  if (retrier !== undefined && made < retrier.maxAttempts) {
    const retries = standing.retries.map((count, place) => (place === index ? count + 1 : count));
    const until = turn.now + retryDelay(retrier, made, turn.random());
    return { at: "sleeping", standing: { ...standing, retries }, until, purpose: "retry" };
  }
  const catcher = state.catchers.find(({ errors }) => namesError(errors, thrown.error));
  if (catcher === undefined) return fail(turn, thrown);
  try {
    const output = withinLimit(catcher.resultPath(standing.input, { Error: thrown.error, Cause: thrown.message }));
    stateExited(turn.pen, state.type, state.name, output);
    return { go: catcher.next, input: output };
  } catch (error) {
    if (error instanceof StateError) return fail(turn, error);
    throw error;
  }
}

function failureOf(turn: Turn, state: Extract<State, { type: "Fail" }>, standing: Standing) {
  const context = contextOf(turn, standing);
  const [error, cause] = [state.error(standing.input, context), state.cause(standing.input, context)];
  const texts = (value: Json) => value === null || typeof value === "string";
  if (!texts(error) || !texts(cause)) throw runtimeError(`Error and Cause of "${state.name}" must be text.`);
  return { ...(error === null ? {} : { error: String(error) }), ...(cause === null ? {} : { message: String(cause) }) };
}

function fail(turn: Turn, why: { readonly error?: string; readonly message?: string }): Position {
  const reason = {
    ...(why.error === undefined ? {} : { error: why.error }),
    ...(why.message === undefined ? {} : { cause: why.message }),
  };
  turn.pen.write("ExecutionFailed", { executionFailedEventDetails: reason });
  return { at: "ended", ending: { status: "FAILED", ...reason } };
}
