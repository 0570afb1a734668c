import { randomBytes } from "node:crypto";
import type { JsonLines } from "../json-lines.ts";
import type { InvocationResult } from "../lambda/invocation.ts";
import type { WakeClock } from "../wake-clock.ts";
import { compileMachine } from "./asl-definition.ts";
import { type HistoryEvent, historyPen } from "./asl-history.ts";
import { advance, begin, cutOff } from "./asl-interpreter.ts";
import type { Ending, Happening, Position, Task, Turn } from "./asl-position.ts";

/** What is fixed when an execution starts; the first line of its file. */
export interface ExecutionHead {
  readonly arn: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly name: string;
  /** The input as it was sent. */
  readonly input: string;
  /** Milliseconds since the Unix epoch. */
  readonly startDate: number;
  /** The definition it runs under to its end, whatever becomes of the machine. */
  readonly definition: string;
}

/** One transition: the further lines of the file. Events and position stand or fall together. */
export interface Transition {
  readonly events: readonly HistoryEvent[];
  readonly position: Position;
}

/** What executions need from outside. */
export interface ExecutionWorld {
  readonly clock: WakeClock;
  /** Calls the function as the state machine. A rejected promise means that nobody knows the outcome. */
  invoke(machineArn: string, functionArn: string, payload: Task["payload"]): Promise<InvocationResult>;
  /** Makes `token` lead to the execution, also when it is no longer waited for. */
  onToken(token: string, execution: Execution): void;
  random(): number;
  /** Once aborted, nothing more is begun; what is on disk is gone on from after a restart. */
  readonly closing: AbortSignal;
}

/** How a token was answered. */
export type TokenAnswer = Extract<Happening, { readonly happened: "token-succeeded" | "token-failed" }>;

/** An execution that runs, or has run. */
export interface Execution {
  readonly head: ExecutionHead;
  readonly events: readonly HistoryEvent[];
  /** How and when (ms) it ended; nothing while it runs. */
  readonly ended: (Ending & { readonly stopDate: number }) | undefined;
  /** Takes an answer to `token`; false where the task no longer waits for it. */
  answerToken(token: string, answer: TokenAnswer): boolean;
  stop(reason: { readonly error?: string; readonly cause?: string }): void;
  /** Resolves when no function that it called is under way. */
  idle(): Promise<void>;
  close(): void;
}

/** How long to wait before asking again, where nobody knows what became of an invocation. */
const pauseAfterUnknown = 1000;

/** 4 + 600 characters in Step Functions' alphabet, `/` and `+` included, so that whoever mangles them finds out here. */
const tokenForm = /^AQCs[A-Za-z0-9+/]{600}$/;

/** Whether `token` looks like one of ours. */
export function isTaskToken(token: string): boolean {
  return tokenForm.test(token);
}

/**
 * Runs an execution, or goes on with one from the `transitions` of its `file`. Every transition is on disk before
 * anything follows from it. After a restart a token keeps its value and its deadline, a wait its end, and a function
 * that was being called is called again with its whole time: at least once, like a retry on AWS.
 */
export function runExecution(
  head: ExecutionHead,
  transitions: readonly Transition[],
  file: JsonLines,
  world: ExecutionWorld,
): Execution {
  const machine = compileMachine(head.definition);
  const events: HistoryEvent[] = transitions.flatMap((transition) => transition.events);
  const alarms: (() => void)[] = [];
  const invocations = new Set<Promise<void>>();
  const { closing } = world;
  let position: Position | undefined = transitions.at(-1)?.position;

  const deadline = machine.timeoutSeconds === undefined ? undefined : head.startDate + 1000 * machine.timeoutSeconds;

  /** Makes one transition, and sets up what it waits for next. */
  function move(make: (turn: Turn) => Position): void {
    const now = world.clock.now();
    const pen = historyPen(events.length, now);
    const next = make({
      machine,
      context: {
        Execution: {
          Id: head.arn,
          Input: JSON.parse(head.input),
          Name: head.name,
          StartTime: new Date(head.startDate).toISOString(),
        },
        StateMachine: { Id: head.machineArn, Name: head.machineName },
      },
      now,
      pen,
      newToken: () => `AQCs${randomBytes(450).toString("base64")}`,
      random: world.random,
    });
    const transition: Transition = { events: pen.written, position: next };
    file.append(transition);
    events.push(...pen.written);
    position = next;
    if ("task" in next && next.task.token !== undefined) world.onToken(next.task.token, execution);
    attend(next);
  }

  /** Sets up the alarms and the invocation that belong to a position. */
  function attend(here: Position): void {
    for (const cancel of alarms.splice(0)) cancel();
    if (closing.aborted || here.at === "ended") return;
    const { clock } = world;
    if (deadline !== undefined) alarms.push(clock.at(deadline, () => move((turn) => cutOff(turn, "TIMED_OUT", {}))));
    if (here.at === "sleeping") {
      alarms.push(clock.at(here.until, () => move((turn) => advance(turn, here, { happened: "woken" }))));
      return;
    }
    const { task } = here;
    if (task.deadline !== undefined) alarms.push(clock.at(task.deadline, () => timeOut(here)));
    const late = task.deadline !== undefined && task.deadline <= clock.now();
    if (here.at === "invoking" && !late) track(invoke(task));
  }

  /**
   * A function that is called again has its whole time again: AWS does not stand still for a night between two starts,
   * and this machine does. A token keeps its deadline, which is a promise about the calendar.
   */
  function withTimeRefreshed(past: Position): Position {
    if (past.at !== "invoking" || past.task.token !== undefined || past.task.deadline === undefined) return past;
    const scheduled = events.find(({ id }) => id === past.task.attempt)?.timestamp ?? past.task.deadline;
    const deadline = world.clock.now() + Math.max(0, past.task.deadline - scheduled);
    return { ...past, task: { ...past.task, deadline } };
  }

  function timeOut(here: Position): void {
    move((turn) => advance(turn, here, { happened: "task-timed-out" }));
  }

  function track(invocation: Promise<void>): void {
    invocations.add(invocation);
    void invocation.finally(() => invocations.delete(invocation));
  }

  async function invoke(task: Task): Promise<void> {
    let result: InvocationResult;
    try {
      result = await world.invoke(head.machineArn, task.functionArn, task.payload);
    } catch (error) {
      if (closing.aborted) return;
      process.emitWarning(`The outcome of ${task.functionArn} is unknown: ${String(error)}`);
      const again = () => {
        if (waitsFor(task) !== undefined) track(invoke(task));
      };
      alarms.push(world.clock.at(world.clock.now() + pauseAfterUnknown, again));
      return;
    }
    // In the meantime the task may have timed out, its token been answered or the execution been stopped.
    const here = waitsFor(task);
    if (here !== undefined) move((turn) => advance(turn, here, { happened: "invoked", result }));
  }

  /** Where the execution stands, if that is still at `task`. */
  function waitsFor(task: Task): Position | undefined {
    return position !== undefined && "task" in position && position.task.attempt === task.attempt
      ? position
      : undefined;
  }

  const execution: Execution = {
    head,
    get events() {
      return events;
    },
    get ended() {
      const stopDate = events.at(-1)?.timestamp ?? head.startDate;
      return position?.at === "ended" ? { ...position.ending, stopDate } : undefined;
    },
    answerToken(token, answer) {
      const here = position;
      if (here === undefined || !("task" in here) || here.task.token !== token) return false;
      if (here.task.deadline !== undefined && here.task.deadline <= world.clock.now()) {
        timeOut(here);
        return false;
      }
      move((turn) => advance(turn, here, answer));
      return true;
    },
    stop(reason) {
      if (position?.at !== "ended") move((turn) => cutOff(turn, "ABORTED", reason));
    },
    async idle() {
      await Promise.all(invocations);
    },
    close: () => file.close(),
  };

  closing.addEventListener("abort", () => {
    for (const cancel of alarms.splice(0)) cancel();
  });
  for (const { position: past } of transitions) {
    if ("task" in past && past.task.token !== undefined) world.onToken(past.task.token, execution);
  }
  if (position !== undefined) {
    position = withTimeRefreshed(position);
    attend(position);
  } else {
    move((turn) => {
      const executionStartedEventDetails = { input: head.input, inputDetails: { truncated: false } };
      turn.pen.write("ExecutionStarted", { executionStartedEventDetails });
      return begin(turn, JSON.parse(head.input));
    });
  }
  return execution;
}
