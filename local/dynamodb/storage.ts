import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { Failure } from "../../core/failure.ts";
import type { AwsJsonAnswer } from "../aws/aws-json-server.ts";
import { asRecord, isRecord, type JsonObject } from "../aws/json-shape.ts";

/** The tables themselves: dynalite on LevelDB, which nobody but the front in dynamodb.ts talks to. */
export interface DynamoDbStorage {
  call(operation: string, body: JsonObject): Promise<AwsJsonAnswer>;
  close(): Promise<void>;
}

/** What an operation of dynalite takes, how it judges that, and what it does. */
interface Operation {
  readonly types: unknown;
  readonly custom: unknown;
  run(store: Store, request: unknown, done: (error: unknown, answer: unknown) => void): void;
}

/** LevelDB, as dynalite holds it: its ways to read and close with callbacks, and abstract-level's own ones. */
interface Level {
  open(): Promise<void>;
  getSync(key: string): unknown;
  get(key: string, done: (error: unknown, value?: unknown) => void): void;
  close(done: (error: unknown) => void): void;
}

interface Store {
  readonly db: Level;
}

/** The parts of dynalite's server (dynalite/index.js), which does the same with what it reads from a connection. */
const part = createRequire(import.meta.url);
const { create } = part("dynalite/db") as { create(options: JsonObject): Store };
const { checkTypes, checkValidations } = part("dynalite/validations") as {
  checkTypes(request: unknown, types: unknown): unknown;
  checkValidations(request: unknown, types: unknown, custom: unknown, store: Store): void;
};
const operations = new Map<string, Operation>();

function operationNamed(name: string): Operation {
  const known = operations.get(name);
  if (known !== undefined) return known;
  const file = name.slice(0, 1).toLowerCase() + name.slice(1);
  const { types, custom } = part(`dynalite/validations/${file}`) as Pick<Operation, "types" | "custom">;
  const operation = { types, custom, run: part(`dynalite/actions/${file}`) as Operation["run"] };
  operations.set(name, operation);
  return operation;
}

/**
 * Opens dynalite 4 on `directory`. Tried and right: conditional writes, `attribute_not_exists`, `if_not_exists`,
 * `list_append`, ConsistentRead, global secondary indexes with projections, paging. It lacks: transactions, TTL,
 * streams, `ReturnValuesOnConditionCheckFailure` and UpdateTable of attributes; parameters that it does not know it
 * ignores, so the front lets none of those through. A write is given to the operating system, not forced to disk.
 *
 * Its operations are called here, without the server around them: between two ends of one process a connection costs more
 * than what is asked for.
 */
export async function openDynamoDbStorage(directory: string): Promise<DynamoDbStorage> {
  mkdirSync(directory, { recursive: true });
  const store = create({ path: directory, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const { db } = store;
  await db.open();
  // What is asked for lies in memory nearly always; a thread that fetches it costs a hundred times what fetching does.
  db.get = (key, done) => {
    let found: { readonly error: unknown } | { readonly value: unknown };
    try {
      found = { value: db.getSync(key) };
    } catch (error) {
      found = { error };
    }
    setImmediate(() => ("error" in found ? done(found.error) : done(null, found.value)));
  };
  return {
    call: async (name, body) => {
      const { types, custom, run } = operationNamed(name);
      try {
        // It takes away from a request what it does not know.
        const request = checkTypes(structuredClone(body), types);
        checkValidations(request, types, custom, store);
        const answer = await new Promise((resolve, reject) => {
          run(store, request, (error, answer) => (error ? reject(error) : resolve(answer)));
        });
        return { status: 200, body: asRecord(answer, "dynalite's answer") };
      } catch (error) {
        return refusalOf(error);
      }
    },
    close: () =>
      new Promise((resolve, reject) => {
        db.close((error) => (error === undefined || error === null ? resolve() : reject(error)));
      }),
  };
}

/** What dynalite refuses it says in DynamoDB's words; anything else went wrong. */
function refusalOf(error: unknown): AwsJsonAnswer {
  const { statusCode, body } = error as { readonly statusCode?: unknown; readonly body?: unknown };
  if (typeof statusCode === "number" && isRecord(body)) return { status: statusCode, body };
  throw error instanceof Error ? error : new Failure("internal", `dynalite failed: ${String(error)}`);
}
