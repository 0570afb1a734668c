import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Marker, SequencerState, SequencerStore } from "../../core/ledger/sequencer-ports.ts";
import { inBatches, untilEmpty } from "./batches.ts";
import { conditionFailed, fromItem, type Item, toItem } from "./item.ts";

/** The sequencer's state, batches and markers in the ledger table: items of their own, all read consistently. */
export function sequencerStore(client: DynamoDBClient, table: string): SequencerStore {
  return {
    async loadState() {
      const item = await get({ pk: "STATE", sk: "STATE" });
      if (item === undefined) return undefined;
      return readState(fromItem<StoredState>(item));
    },

    async saveBatch(id, bytes) {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...toItem({ pk: `BATCH#${id}`, sk: "BATCH" }), bytes: { B: bytes } },
        }),
      );
    },

    async loadBatch(id) {
      const item = await get({ pk: `BATCH#${id}`, sk: "BATCH" });
      return item?.["bytes"]?.B;
    },

    async moveState(expectedRevision, next) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: toItem({ pk: "STATE", sk: "STATE", ...storedState(next) }),
            ...(expectedRevision === 0
              ? { ConditionExpression: "attribute_not_exists(pk)" }
              : {
                  ConditionExpression: "#revision = :expected",
                  ExpressionAttributeNames: { "#revision": "revision" },
                  ExpressionAttributeValues: toItem({ ":expected": expectedRevision }),
                }),
          }),
        );
        return "moved";
      } catch (error) {
        if (conditionFailed(error)) return "lost";
        throw error;
      }
    },

    async markers(ids) {
      const found = new Map<string, Marker>();
      await inBatches([...new Set(ids)], 100, async (some) => {
        let keys = some.map((id) => toItem(markerKey(id)));
        await untilEmpty(async () => {
          const answer = await client.send(
            new BatchGetItemCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }),
          );
          for (const item of answer.Responses?.[table] ?? []) {
            const { marker } = fromItem<{ marker: Marker }>(item);
            found.set(marker.id, marker);
          }
          keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
          return keys.length === 0;
        });
      });
      return found;
    },

    async writeMarkers(markers) {
      await inBatches(markers, 25, async (some) => {
        let requests = some.map((marker) => ({ PutRequest: { Item: toItem({ ...markerKey(marker.id), marker }) } }));
        await untilEmpty(async () => {
          const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: requests } }));
          requests = (answer.UnprocessedItems?.[table] ?? []) as typeof requests;
          return requests.length === 0;
        });
      });
    },
  };

  async function get(key: object): Promise<Item | undefined> {
    const answer = await client.send(new GetItemCommand({ TableName: table, Key: toItem(key), ConsistentRead: true }));
    return answer.Item;
  }
}

interface StoredState extends Omit<SequencerState, "range"> {
  readonly range: { readonly size: number; readonly hashes: readonly Uint8Array[] };
}

function storedState(state: SequencerState): StoredState {
  return { ...state, range: { size: state.range.size, hashes: [...state.range.hashes] } };
}

function readState({ revision, range, batch }: StoredState): SequencerState {
  return { revision, range, ...(batch === undefined ? {} : { batch }) };
}

function markerKey(id: string): { readonly pk: string; readonly sk: string } {
  return { pk: `FACT#${id}`, sk: "MARKER" };
}
