import { join } from "node:path";
import type { Json } from "../../core/encoding/canonical-json.ts";
import { localRegion } from "../aws/aws-call.ts";
import { isList, isRecord } from "../aws/json-shape.ts";
import { openJsonLines, replaceFile } from "../json-lines.ts";
import { openKeptDocuments } from "../kept-documents.ts";
import type { Item, Table } from "./table.ts";

/** One record of a stream, as a function gets it (`DynamoDBRecord` of @types/aws-lambda). */
export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: "INSERT" | "MODIFY" | "REMOVE";
  readonly eventVersion: "1.1";
  readonly eventSource: "aws:dynamodb";
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly StreamViewType: "NEW_AND_OLD_IMAGES";
  };
}

/** A table that has a stream. */
export type StreamedTable = Table & { readonly streamArn: string };

/** A write that is about to reach the table: its record is owed until it is settled. */
interface Intent {
  readonly id: number;
  readonly key: Item;
  readonly old: Item | null;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/**
 * The stream of one table, on disk. Each write to the table is bracketed: `begin` notes the item as it is before the
 * write, `settle` compares it with the item after and writes the record of what changed. A crash between the two leaves
 * an open intent; since an item is written by one at a time, reading it again tells whether the write took place.
 */
export interface TableStream {
  readonly table: StreamedTable;
  /** Intents without an outcome, oldest first. */
  open(): readonly Intent[];
  begin(key: Item, old: Item | null, at: number): Intent;
  /** Closes `intent`, with a record if `current` differs from what it noted. */
  settle(intent: Intent, current: Item | null): void;
  /** The records after `position`, in order. */
  after(position: number): readonly StreamRecord[];
  /** Sequence number up to which `consumer` has got everything; 0 for one that is new. */
  position(consumer: string): number;
  moveTo(consumer: string, position: number): void;
  /** Calls `listener` after each new record, with it. */
  onRecord(listener: (record: StreamRecord) => void): void;
  close(): void;
}

type Line =
  | { readonly intent: Intent }
  | { readonly settled: number; readonly record?: StreamRecord }
  | { readonly lastSequence: number };

/** The place of a record in its stream. */
export function sequenceOf(record: StreamRecord): number {
  return Number(record.dynamodb.SequenceNumber);
}

/** Opens the stream of `table` under `directory` and drops what every consumer of it has had. */
export function openTableStream(directory: string, table: StreamedTable): TableStream {
  const path = join(directory, `${table.name}.jsonl`);
  const positionsPath = join(directory, `${table.name}.positions.jsonl`);
  const kept = openKeptDocuments<number>(positionsPath);
  const positions = kept.all;
  const { lastSequence, ...left } = compact(path, positions);
  const { records, intents } = left;
  const { file } = openJsonLines(path);
  const append = (line: Line) => file.append(line);
  const listeners: ((record: StreamRecord) => void)[] = [];
  let sequence = lastSequence;
  let lastIntent = Math.max(0, ...intents.keys());

  return {
    table,
    open: () => [...intents.values()],
    begin(key, old, at) {
      lastIntent += 1;
      const intent = { id: lastIntent, key, old, at };
      append({ intent });
      intents.set(intent.id, intent);
      return intent;
    },
    settle(intent, current) {
      if (sameItem(intent.old, current)) {
        append({ settled: intent.id });
        intents.delete(intent.id);
        return;
      }
      const record = recordOf(table, intent, current, sequence + 1);
      append({ settled: intent.id, record });
      intents.delete(intent.id);
      sequence += 1;
      records.push(record);
      for (const listener of listeners) listener(record);
    },
    after: (position) => {
      const first = records[0];
      // Sequence numbers have no gaps, so the place in the list follows from the first of them.
      return first === undefined ? [] : records.slice(Math.max(0, position + 1 - sequenceOf(first)));
    },
    position: (consumer) => positions.get(consumer) ?? 0,
    moveTo(consumer, position) {
      kept.set(consumer, position);
    },
    onRecord: (listener) => {
      listeners.push(listener);
    },
    close: () => file.close(),
  };
}

function compact(path: string, positions: ReadonlyMap<string, number>) {
  const { documents, file } = openJsonLines(path);
  file.close();
  const intents = new Map<number, Intent>();
  const all: StreamRecord[] = [];
  let lastSequence = 0;
  for (const line of documents as readonly Line[]) {
    if ("intent" in line) intents.set(line.intent.id, line.intent);
    else if ("lastSequence" in line) lastSequence = line.lastSequence;
    else {
      intents.delete(line.settled);
      if (line.record === undefined) continue;
      all.push(line.record);
      lastSequence = sequenceOf(line.record);
    }
  }
  const consumed = positions.size === 0 ? 0 : Math.min(...positions.values());
  const records = all.filter((record) => sequenceOf(record) > consumed);
  const kept: Line[] = [
    { lastSequence: lastSequence - records.length },
    ...records.map((record) => ({ settled: 0, record })),
    ...[...intents.values()].map((intent) => ({ intent })),
  ];
  replaceFile(path, kept);
  return { intents, records, lastSequence };
}

function recordOf(table: StreamedTable, intent: Intent, current: Item | null, sequence: number): StreamRecord {
  const SequenceNumber = String(sequence).padStart(21, "0");
  return {
    eventID: `${table.name}-${SequenceNumber}`,
    eventName: intent.old === null ? "INSERT" : current === null ? "REMOVE" : "MODIFY",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: localRegion,
    eventSourceARN: table.streamArn,
    dynamodb: {
      // DynamoDB gives whole seconds here.
      ApproximateCreationDateTime: Math.floor(intent.at / 1000),
      Keys: intent.key,
      ...(current === null ? {} : { NewImage: current }),
      ...(intent.old === null ? {} : { OldImage: intent.old }),
      SequenceNumber,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
  };
}

/** DynamoDB emits nothing for a write that changes nothing; its sets have no order. */
function sameItem(one: Item | null, other: Item | null): boolean {
  return isSame(one ?? undefined, other ?? undefined);
}

function isSame(one: Json | undefined, other: Json | undefined, name = ""): boolean {
  if (isList(one) && isList(other)) {
    if (one.length !== other.length) return false;
    const [ours, theirs] = setNames.has(name) ? [one.toSorted(), other.toSorted()] : [one, other];
    return ours.every((each, at) => isSame(each, theirs[at]));
  }
  if (!isRecord(one) || !isRecord(other)) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((each) => Object.hasOwn(other, each) && isSame(one[each], other[each], each))
  );
}

/** An attribute of one of these names that is no set holds no list of texts, but one value by its type. */
const setNames: ReadonlySet<string> = new Set(["SS", "NS", "BS"]);
