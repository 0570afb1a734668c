import { randomUUID } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";

import { Failure } from "../../core/failure.ts";
import { type AwsCallLog, type LocalService, localAccount, localRegion } from "../aws/aws-call.ts";
import { AwsRefusal } from "../aws/aws-json-server.ts";
import { operation, serveOperations } from "../aws/aws-operations.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { DeliveryQueue } from "../sqs/delivery-queue.ts";
import { systemClock, type WakeClock } from "../wake-clock.ts";
import { compileEventFilter, type EventFilter } from "./filter.ts";

export interface EventBridgeOptions {
  /** Folder for events on their way. */
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly clock?: WakeClock;
}

/** A rule with one target. Its name says after a restart which events were its own. */
export interface LocalRule {
  readonly name: string;
  /** Name of the bus; `default` where it is left out. */
  readonly busName?: string;
  readonly pattern: JsonObject;
  /** Takes a whole event (`source`, `detail-type`, `detail`, …). A rejection means: again, later. */
  readonly target: (event: JsonObject) => Promise<void>;
  /** Takes what the target refused for the last time. Without it such an event is dropped with a line on stderr. */
  readonly deadLetter?: (event: JsonObject, error: unknown) => Promise<void>;
  /** Attempts beyond the first: 5 where it is left out (AWS makes 185 within a day). */
  readonly retries?: number;
}

/** An event of an AWS service itself, such as SageMaker's. */
export interface ServiceEvent {
  readonly source: string;
  readonly detailType: string;
  readonly resources?: readonly string[];
  readonly detail: JsonObject;
}

export interface LocalEventBridge extends LocalService {
  createBus(name: string): void;
  /** Adds a rule, or replaces the one of that name; what is left of it from before a restart is delivered. */
  addRule(rule: LocalRule): void;
  /** Puts an event of an AWS service on the default bus. */
  emit(event: ServiceEvent): void;
  /** Resolves once every event so far has been taken by its targets or dead letters. */
  idle(): Promise<void>;
}

// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
const mostEntries = 10;
const largestRequest = 256 * 1024;
const entry = v.strictObject({
  EventBusName: v.optional(v.string(), "default"),
  Source: v.optional(v.string()),
  DetailType: v.optional(v.string()),
  Detail: v.optional(v.string()),
  Resources: v.optional(v.array(v.string()), []),
  // Seconds since the epoch, as the JSON protocol writes times.
  Time: v.optional(v.number()),
});
const putEvents = v.strictObject({ Entries: v.pipe(v.array(entry), v.minLength(1), v.maxLength(mostEntries)) });
type Entry = v.InferOutput<typeof entry>;

/** Starts the stand-in for EventBridge: PutEvents, rules by code, delivery at least once and over restarts. */
export async function startEventBridge(options: EventBridgeOptions): Promise<LocalEventBridge> {
  const { directory, log, port, clock = systemClock } = options;
  const buses = new Set(["default"]);
  const rules = new Map<string, { readonly bus: string; readonly matches: EventFilter }>();
  const queue = new DeliveryQueue(join(directory, "deliveries"), clock);

  const publish = (bus: string, event: JsonObject): void => {
    for (const [name, rule] of rules) if (rule.bus === bus && rule.matches(event)) queue.add(name, event);
  };

  const operations = {
    PutEvents: operation(putEvents, "ValidationException", ({ Entries }, need) => {
      for (const each of Entries) {
        const resource = `arn:aws:events:${localRegion}:${localAccount}:event-bus/${busOf(each)}`;
        const context = { "events:source": each.Source ?? "", "events:detail-type": each.DetailType ?? "" };
        need({ action: "events:PutEvents", resource, context });
      }
      if (JSON.stringify(Entries).length > largestRequest) {
        throw new AwsRefusal("ValidationException", "Total size of the entries in the request is over the limit.");
      }
      const results = Entries.map((each) => {
        const problem = problemOf(each, buses);
        if (problem !== undefined) return problem;
        const event = eventOf(each, clock.now());
        publish(busOf(each), event);
        return { EventId: event["id"] ?? "" };
      });
      return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
    }),
  };
  const server = await serveOperations({ target: "AWSEvents", operations, log, port, clock: () => clock.now() });
  return {
    url: server.url,
    createBus: (name) => void buses.add(name),
    addRule: (rule) => {
      const { name, busName: bus = "default", target, deadLetter = reportLoss(name), retries = 5 } = rule;
      if (!buses.has(bus))
        throw new Failure("invalid-request", `The rule ${name} is on the bus ${bus}, which is not there.`);
      rules.set(name, { bus, matches: compileEventFilter([JSON.stringify(rule.pattern)]) });
      queue.connect(name, { target, deadLetter, retries });
    },
    emit: ({ source, detailType, resources = [], detail }) => {
      publish("default", envelope({ source, detailType, resources, detail, time: clock.now() }));
    },
    idle: () => queue.idle(),
    close: async () => {
      await server.close();
      await queue.close();
    },
  };
}

function busOf({ EventBusName }: Entry): string {
  return EventBusName.startsWith("arn:") ? (EventBusName.split("event-bus/")[1] ?? "") : EventBusName;
}

function problemOf(each: Entry, buses: ReadonlySet<string>): { ErrorCode: string; ErrorMessage: string } | undefined {
  for (const name of ["Source", "DetailType", "Detail"] as const) {
    if (each[name]) continue;
    const what = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
    return { ErrorCode: "InvalidArgument", ErrorMessage: what };
  }
  if (each.Source?.startsWith("aws.")) {
    const what = `Not authorized to put events with source ${each.Source}: the prefix is reserved.`;
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: what };
  }
  if (!buses.has(busOf(each))) {
    return { ErrorCode: "ResourceNotFoundException", ErrorMessage: `Event bus ${busOf(each)} does not exist.` };
  }
  if (detailOf(each) === undefined) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  return undefined;
}

function detailOf({ Detail = "" }: Entry): JsonObject | undefined {
  try {
    const detail: unknown = JSON.parse(Detail);
    return isRecord(detail) ? detail : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function eventOf(each: Entry, now: number): JsonObject {
  const { Source = "", DetailType = "", Resources, Time } = each;
  const time = Time === undefined ? now : Time * 1000;
  return envelope({ source: Source, detailType: DetailType, resources: Resources, detail: detailOf(each) ?? {}, time });
}

// https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
function envelope(event: Required<ServiceEvent> & { readonly time: number }): JsonObject {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": event.detailType,
    source: event.source,
    account: localAccount,
    // Events carry whole seconds.
    time: new Date(event.time).toISOString().replace(/\.\d{3}Z$/, "Z"),
    region: localRegion,
    resources: event.resources,
    detail: event.detail,
  };
}

function reportLoss(rule: string): (event: JsonObject, error: unknown) => Promise<void> {
  return async (event, error) => {
    console.error(`The rule ${rule} gave up on the event ${String(event["id"])} and has no dead letter:`, error);
  };
}
