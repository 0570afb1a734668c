import type { Json } from "../../core/encoding/canonical-json.ts";
import { localRegion } from "../aws/aws-call.ts";
import type { JsonObject } from "../aws/json-shape.ts";
import type { TaskStyle } from "./asl-task.ts";

/** One event as GetExecutionHistory gives it, its time in milliseconds since the Unix epoch. */
export type HistoryEvent = JsonObject & {
  readonly id: number;
  readonly previousEventId: number;
  readonly timestamp: number;
  readonly type: string;
};

/** Takes down the events of one transition, numbered on from those before. */
export interface HistoryPen {
  /** `details` is the one member that events of this type carry, if any. */
  write(type: string, details?: JsonObject): HistoryEvent;
  readonly written: readonly HistoryEvent[];
}

/** `before` is how many events the execution has already. */
export function historyPen(before: number, now: number): HistoryPen {
  const written: HistoryEvent[] = [];
  return {
    written,
    write(type, details = {}) {
      const previousEventId = before + written.length;
      const event = { id: previousEventId + 1, previousEventId, timestamp: now, type, ...details };
      written.push(event);
      return event;
    },
  };
}

const whole = { truncated: false };

/** `TaskStateEntered` and its like. */
export function stateEntered(pen: HistoryPen, type: string, name: string, input: Json): void {
  const stateEnteredEventDetails = { name, input: JSON.stringify(input), inputDetails: whole };
  pen.write(`${type}StateEntered`, { stateEnteredEventDetails });
}

/** `TaskStateExited` and its like. */
export function stateExited(pen: HistoryPen, type: string, name: string, output: Json): void {
  const stateExitedEventDetails = { name, output: JSON.stringify(output), outputDetails: whole };
  pen.write(`${type}StateExited`, { stateExitedEventDetails });
}

/** What can become of a task, as both families of events tell it. */
export type TaskNews =
  | { readonly is: "Scheduled"; readonly arn: string; readonly parameters: Json; readonly timeout: number | undefined }
  | { readonly is: "Started" }
  | { readonly is: "Submitted" | "Succeeded"; readonly output: Json }
  | { readonly is: "Failed" | "TimedOut"; readonly error: string; readonly cause: string };

/**
 * Writes `TaskSucceeded` or, for a function that is itself the resource, `LambdaFunctionSucceeded`, and their like.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function taskNews(pen: HistoryPen, style: TaskStyle, news: TaskNews): HistoryEvent {
  const type = `${style === "direct" ? "LambdaFunction" : "Task"}${news.is}`;
  const details = detailsOf(style, news);
  // LambdaFunctionStarted has none.
  if (Object.keys(details).length === 0) return pen.write(type);
  return pen.write(type, { [`${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`]: details });
}

function detailsOf(style: TaskStyle, news: TaskNews): JsonObject {
  const where: JsonObject = style === "direct" ? {} : { resourceType: "lambda", resource: style };
  switch (news.is) {
    case "Scheduled": {
      const timeout = news.timeout === undefined ? {} : { timeoutInSeconds: news.timeout };
      const parameters = JSON.stringify(news.parameters);
      return style === "direct"
        ? { resource: news.arn, input: parameters, inputDetails: whole, ...timeout }
        : { ...where, region: localRegion, parameters, ...timeout };
    }
    case "Started":
      return where;
    case "Submitted":
    case "Succeeded":
      return { ...where, output: JSON.stringify(news.output), outputDetails: whole };
    case "Failed":
    case "TimedOut":
      return { ...where, error: news.error, cause: news.cause };
    default:
      return news satisfies never;
  }
}
