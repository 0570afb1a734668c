import { join } from "node:path";
import { Failure } from "../../core/failure.ts";
import type { AwsCallLog, LocalService } from "../aws/aws-call.ts";
import { type AwsJsonAnswer, serveAwsJson } from "../aws/aws-json-server.ts";
import { isRecord, type JsonObject } from "../aws/json-shape.ts";
import { type Deliver, type StreamConsumer, startStreamConsumer } from "../lambda/stream-consumer.ts";
import { systemClock, type WakeClock } from "../wake-clock.ts";
import { itemLocks } from "./item-locks.ts";
import {
  authorizationsOf,
  carriedOperations,
  checkParameters,
  notFound,
  tableNames,
  transactedCalls,
  validation,
  type WrittenItem,
  writtenItems,
} from "./request.ts";
import { type DynamoDbStorage, openDynamoDbStorage } from "./storage.ts";
import { openTableStream, type TableStream } from "./stream.ts";
import { ensureTable, type Item, type Table } from "./table.ts";
import { type TransactedWrite, writeTogether } from "./transaction.ts";

/** DynamoDB on this machine, with its streams and the event source mappings that follow them. */
export interface LocalDynamoDb extends LocalService {
  /**
   * Makes a table from its CloudFormation properties (all intrinsic functions resolved), or takes up the one that is
   * there from an earlier run. Tables that were not named here in this run do not exist for callers.
   */
  createTable(properties: JsonObject): Promise<Table>;
  /** Lets a function follow the stream of `tableName`, from where it stopped the last time. */
  addConsumer(tableName: string, consumer: StreamConsumer, deliver: Deliver): void;
  /** Calls `listener` with the key of each item that was changed in a table with a stream. */
  onChange(listener: (key: Item) => void): void;
}

/**
 * Starts it on loopback, with its data under `directory`. Only the operations that the product uses are carried; any
 * other, and any parameter that is not carried, is refused with DynamoDB's own error.
 */
export async function startDynamoDb(options: {
  readonly directory: string;
  readonly log: AwsCallLog;
  readonly port?: number;
  readonly clock?: WakeClock;
  readonly scan?: boolean;
}): Promise<LocalDynamoDb> {
  const clock = options.clock ?? systemClock;
  const storage = await openDynamoDbStorage(join(options.directory, "tables"));
  const tables = new Map<string, Table>();
  const streams = new Map<string, TableStream>();
  const consumers: { close(): Promise<void> }[] = [];
  const listeners: ((key: Item) => void)[] = [];
  const write = writer({ storage, streams, now: clock.now });

  const service = await serveAwsJson(
    {
      target: "DynamoDB_20120810",
      operations: carriedOperations(options.scan ?? false),
      authorize: ({ operation, body }) => authorizationsOf(operation, body),
      async handle({ operation, body }) {
        checkParameters(operation, body);
        if (tableNames(body).some((name) => !tables.has(name))) throw notFound();
        const items = writtenItems(operation, body, tables);
        return items.length === 0 ? storage.call(operation, body) : write(operation, body, items);
      },
    },
    { port: options.port, log: options.log, now: clock.now },
  );

  return {
    url: service.url,
    async createTable(properties) {
      const table = await ensureTable(storage, properties);
      if (table.streamArn !== undefined && !streams.has(table.name)) {
        const stream = openTableStream(join(options.directory, "streams"), { ...table, streamArn: table.streamArn });
        // A write that was cut short by a crash: the item itself tells whether it took place.
        for (const intent of stream.open()) stream.settle(intent, await readItem(storage, table, intent.key));
        stream.onRecord(({ dynamodb }) => {
          for (const listener of listeners) listener(dynamodb.Keys);
        });
        streams.set(table.name, stream);
      }
      tables.set(table.name, table);
      return table;
    },
    addConsumer(tableName, consumer, deliver) {
      const stream = streams.get(tableName);
      if (stream === undefined) throw new Failure("invalid-request", `Table ${tableName} has no stream to follow.`);
      consumers.push(startStreamConsumer(stream, consumer, deliver, { clock, log: options.log }));
    },
    onChange: (listener) => {
      listeners.push(listener);
    },
    async close() {
      // Consumers first: the functions that they wait for still need the tables.
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await service.close();
      await storage.close();
      for (const stream of streams.values()) stream.close();
    },
  };
}

type Write = (operation: string, body: JsonObject, items: readonly WrittenItem[]) => Promise<AwsJsonAnswer>;

/** Writes one at a time per item, and brackets each write to a table with a stream (see `TableStream`). */
function writer({
  storage,
  streams,
  now,
}: {
  readonly storage: DynamoDbStorage;
  readonly streams: ReadonlyMap<string, TableStream>;
  readonly now: () => number;
}): Write {
  const locks = itemLocks();
  /** Intents whose outcome could not be read after the write, by the item's name. */
  const unsettled = new Map<string, () => Promise<void>>();

  const begin = async ({ table, key, name }: WrittenItem, wanted: boolean): Promise<Item | null> => {
    await unsettled.get(name)?.();
    const stream = streams.get(table.name);
    // Reading costs as much as writing: only where the stream or the caller needs the item as it was.
    if (stream === undefined && !wanted) return null;
    const old = await readItem(storage, table, key);
    if (stream !== undefined) {
      const intent = stream.begin(key, old, now());
      unsettled.set(name, async () => {
        stream.settle(intent, await readItem(storage, table, key));
        unsettled.delete(name);
      });
    }
    return old;
  };

  return (operation, body, items) =>
    locks.hold(
      items.map(({ name }) => name),
      async () => {
        const { ReturnValuesOnConditionCheckFailure: wanted, ...rest } = body;
        const distinct = [...new Map(items.map((item) => [item.name, item])).values()];
        const calls = transactedCalls(operation, body);
        const olds = await Promise.all(distinct.map((item) => begin(item, wanted === "ALL_OLD" || calls.length > 0)));
        const answer =
          calls.length === 0
            ? await storage.call(operation, rest)
            : await writeTogether(storage, withItems(calls, distinct, olds));
        await Promise.all(distinct.map(({ name }) => unsettled.get(name)?.()));
        return wanted === "ALL_OLD" ? withOldItem(answer, olds[0] ?? null) : answer;
      },
    );
}

/** The writes of a transaction with their items. DynamoDB takes each item once; one whose key is incomplete it takes not at all. */
function withItems(
  calls: ReturnType<typeof transactedCalls>,
  items: readonly WrittenItem[],
  olds: readonly (Item | null)[],
): readonly TransactedWrite[] {
  if (items.length !== calls.length)
    throw validation("Transaction request cannot include multiple operations on one item, or one without its key.");
  return calls.flatMap((call, at) => {
    const item = items[at];
    return item === undefined ? [] : [{ ...call, item, old: olds[at] ?? null }];
  });
}

/** dynalite leaves out the item that stood in the way of a condition. */
function withOldItem(answer: AwsJsonAnswer, old: Item | null): AwsJsonAnswer {
  const failed = String(answer.body["__type"]).endsWith("#ConditionalCheckFailedException");
  return failed && old !== null ? { ...answer, body: { ...answer.body, Item: old } } : answer;
}

async function readItem(storage: DynamoDbStorage, table: Table, key: Item): Promise<Item | null> {
  const { status, body } = await storage.call("GetItem", { TableName: table.name, Key: key, ConsistentRead: true });
  if (status === 200) return isRecord(body["Item"]) ? body["Item"] : null;
  // A key that GetItem refuses (wrong type, empty) names no item; the write itself will be refused for it.
  if (String(body["__type"]).endsWith("#ValidationException")) return null;
  throw new Failure("unavailable", `An item of ${table.name} could not be read: ${String(body["__type"])}.`);
}
