import type { Json } from "../../core/encoding/canonical-json.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import type { InvocationResult } from "../lambda/invocation.ts";
import type { Machine } from "./asl-definition.ts";
import type { HistoryPen } from "./asl-history.ts";
import type { TaskStyle } from "./asl-task.ts";

/** The state that an execution is in. Plain data: it is what a restart goes on from. */
export interface Standing {
  readonly state: string;
  /** The state's raw input. */
  readonly input: Json;
  readonly enteredAt: string;
  /** Retries made so far, one count for each element of `Retry`. */
  readonly retries: readonly number[];
}

/** A task under way. */
export interface Task {
  readonly style: TaskStyle;
  readonly functionArn: string;
  readonly payload: Json;
  /** Milliseconds since the Unix epoch at which the task is too late. */
  readonly deadline?: number;
  readonly token?: string;
  /** Id of the event that scheduled it: tells one attempt from the next. */
  readonly attempt: number;
}

/** How an execution ended; texts as DescribeExecution gives them. */
export type Ending =
  | { readonly status: "SUCCEEDED"; readonly output: string }
  | { readonly status: "FAILED" | "TIMED_OUT" | "ABORTED"; readonly error?: string; readonly cause?: string };

/** What an execution waits for. Plain data. */
export type Position =
  | { readonly at: "invoking" | "awaiting-token"; readonly standing: Standing; readonly task: Task }
  | { readonly at: "sleeping"; readonly standing: Standing; readonly until: number; readonly purpose: "exit" | "retry" }
  | { readonly at: "ended"; readonly ending: Ending };

/** What an execution may have waited for. */
export type Happening =
  | { readonly happened: "invoked"; readonly result: InvocationResult }
  | { readonly happened: "token-succeeded"; readonly output: Json }
  | { readonly happened: "token-failed"; readonly error: string; readonly cause: string }
  | { readonly happened: "task-timed-out" | "woken" };

/** Everything that one transition needs from outside. */
export interface Turn {
  readonly machine: Machine;
  /** The context object's unchanging part: `Execution` and `StateMachine`. */
  readonly context: JsonObject;
  readonly now: number;
  readonly pen: HistoryPen;
  newToken(): string;
  /** From 0 up to 1. */
  random(): number;
}
