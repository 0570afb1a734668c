import { randomUUID } from "node:crypto";
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  TransactionCanceledException,
  TransactionConflictException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { RecordedLoan } from "../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Promotion, Status } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { everyItem } from "./every-item.ts";
import { mostWriteMs } from "./in-time.ts";
import { type Item, toItem } from "./item.ts";
import { noCursor, readCursor, writeCursor } from "./listing-cursor.ts";
import {
  factItem,
  factRanges,
  installationPartition,
  keyOfFact,
  loanItem,
  modelTargetOf,
  outcomesOf,
  partitionOf,
  promotionItem,
  readPromotionsItem,
  signOffItem,
} from "./promotion-items.ts";
import { putNew } from "./put-new.ts";
import { promotionOf, readablePromotions } from "./readable-promotions.ts";
import { recordedSignOffs } from "./recorded-sign-offs.ts";

/** One page of promotions, newest first, and where the next begins. */
export interface PromotionPage {
  readonly promotions: readonly Promotion[];
  /** The ids of those that cannot be read, where it was asked for. */
  readonly unreadable?: readonly string[];
  readonly next?: string;
}

export type PromotionFilter = (
  | { readonly status: Status }
  | {
      readonly model: string;
      readonly target: string;
      /** Others are read over: a page is as much as DynamoDB looks through at once, 1 MB, and may be empty. */
      readonly among?: readonly Status[];
    }
) & {
  /** Of the submission; both ends are included. */
  readonly from?: Instant;
  readonly until?: Instant;
  /** Of one that cannot be read its id is told, and it holds up no other; otherwise it does: whoever asks would decide without it. */
  readonly unreadable?: "told";
};

// Before and after every instant, as text.
const always = { from: "0", until: "~" } as const;

/** Promotions, their sign-offs and other facts in DynamoDB. Reads by id are strongly consistent. */
export function promotionStore(client: DynamoDBClient, table: string, mostMs = mostWriteMs) {
  return {
    async load(id: PromotionId): Promise<Promotion | undefined> {
      const key = toItem({ pk: partitionOf(id), sk: "PROMOTION" });
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true }),
      );
      return item === undefined ? undefined : promotionOf(item);
    },

    /** Writes a new promotion; `exists` where its id is taken. */
    async create(promotion: Promotion): Promise<"created" | "exists"> {
      return (await putNew(client, table, promotionItem(promotion))) ? "created" : "exists";
    },

    /**
     * Writes the next revision; `lost` where somebody else moved the promotion meanwhile, `late` where the table has not answered for
     * `mostMs`: it may be written all the same, as whoever loads it again sees. Where an answer was lost, the client tries again by itself
     * and finds what it wrote: that is known as its own, as what is put is.
     */
    async move(next: Promotion): Promise<"moved" | "lost" | "late"> {
      const late = AbortSignal.timeout(mostMs);
      const write = randomUUID();
      try {
        const update = { ...moveTo(next, write), ReturnValuesOnConditionCheckFailure: "ALL_OLD" } as const;
        await client.send(new UpdateItemCommand(update), { abortSignal: late });
        return "moved";
      } catch (error) {
        if (late.aborted) return "late";
        if (error instanceof ConditionalCheckFailedException)
          return error.Item?.["moved"]?.S === write ? "moved" : "lost";
        // In the midst of a transaction that moves it, it is about to be another one.
        if (error instanceof TransactionConflictException) return "lost";
        throw error;
      }
    },

    signOffs: (id: PromotionId): Promise<readonly RecordedSignOff[]> => recordedSignOffs(client, table, id),

    /**
     * With `next`, the sign-off and the promotion's next revision are written together, or neither of them. Throws `unavailable` where the
     * table has not answered for `mostMs`.
     */
    async recordSignOff(recorded: RecordedSignOff, next?: Promotion): Promise<"recorded" | "exists" | "lost"> {
      const item = signOffItem(recorded);
      const late = AbortSignal.timeout(mostMs);
      try {
        if (next === undefined) return (await putNew(client, table, item, late)) ? "recorded" : "exists";
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Update: moveTo(next, randomUUID()) },
              { Put: { TableName: table, Item: item, ConditionExpression: "attribute_not_exists(pk)" } },
            ],
          }),
          { abortSignal: late },
        );
        return "recorded";
      } catch (error) {
        // It may be recorded all the same: the same request again finds it.
        if (late.aborted) throw new Failure("unavailable", "The sign-off was not recorded in time: try again.");
        if (!(error instanceof TransactionCanceledException)) throw error;
        const [moved, given] = (error.CancellationReasons ?? []).map(({ Code: code }) => code);
        if (given === "ConditionalCheckFailed") return "exists";
        if (moved === "ConditionalCheckFailed" || moved === "TransactionConflict" || given === "TransactionConflict")
          return "lost";
        throw error;
      }
    },

    /** What lenders signed about a promotion, in no order. */
    async loans(id: PromotionId): Promise<readonly RecordedLoan[]> {
      const items = await queryAll(partitionOf(id), "LOAN#");
      return items.flatMap((item) => {
        const read = readPromotionsItem(item);
        return read.kind === "loan" ? [read.recorded] : [];
      });
    },

    async recordLoan(recorded: RecordedLoan): Promise<"recorded" | "exists"> {
      return (await putNew(client, table, loanItem(recorded))) ? "recorded" : "exists";
    },

    /** Facts of a promotion that stand by themselves, beside those in its history and its sign-offs, and its outcomes. */
    async facts(id: PromotionId): Promise<readonly Fact[]> {
      const condition = "pk = :pk AND sk BETWEEN :from AND :to";
      const parts = factRanges(id).map(([from, to]) =>
        everyItem(client, table, condition, { ":pk": partitionOf(id), ":from": from, ":to": to }),
      );
      return (await Promise.all(parts)).flat().flatMap(factOf);
    },

    /** Those of them whose ids go on so: a few, of the letters and reports that a promotion may have for years. */
    factsUnder: async (id: PromotionId, name: "question" | "intruder"): Promise<readonly Fact[]> =>
      (await queryAll(partitionOf(id), `FACT#${id}/${name}/`)).flatMap(factOf),

    /** The newest outcomes of a promotion. Not strongly consistent: one that was just told may be missing. */
    async outcomes(id: PromotionId, limit: number): Promise<readonly Fact[]> {
      const found: Item[] = [];
      let from: Item | undefined;
      do {
        const page: QueryCommandOutput = await client.send(
          new QueryCommand({
            TableName: table,
            IndexName: "byModel",
            KeyConditionExpression: "modelTarget = :outcomes",
            ExpressionAttributeValues: toItem({ ":outcomes": outcomesOf(id) }),
            ScanIndexForward: false,
            Limit: limit - found.length,
            ...(from === undefined ? {} : { ExclusiveStartKey: from }),
          }),
        );
        found.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from !== undefined && found.length < limit);
      return found.flatMap(factOf);
    },

    /** How many outcomes a promotion has; `more` where there are more than DynamoDB looks through at once, which is 1 MB of them. */
    async countOutcomes(id: PromotionId): Promise<{ readonly number: number; readonly more: boolean }> {
      const { Count: number = 0, LastEvaluatedKey: last } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "byModel",
          KeyConditionExpression: "modelTarget = :outcomes",
          ExpressionAttributeValues: toItem({ ":outcomes": outcomesOf(id) }),
          Select: "COUNT",
        }),
      );
      return { number, more: last !== undefined };
    },

    /** A fact that stands by itself, by its id. */
    async fact(fact: Pick<Fact, "id" | "promotion">): Promise<Fact | undefined> {
      const get = { TableName: table, Key: toItem(keyOfFact(fact)), ConsistentRead: true };
      const { Item: item } = await client.send(new GetItemCommand(get));
      return item === undefined ? undefined : factOf(item)[0];
    },

    async recordFact(fact: Fact): Promise<"recorded" | "exists"> {
      return (await putNew(client, table, factItem(fact))) ? "recorded" : "exists";
    },

    /** What is recorded about the service's keys. */
    keyFacts: () => installationFacts("installation/key/"),

    /** Facts about no promotion whose ids begin so. */
    installationFacts,

    async list(filter: PromotionFilter, limit: number, from?: string): Promise<PromotionPage> {
      const [index, key, value] =
        "status" in filter
          ? ["byStatus", "status", filter.status]
          : ["byModel", "modelTarget", modelTargetOf(filter.model, filter.target)];
      const between = { from: filter.from ?? always.from, until: filter.until ?? always.until };
      const among = "among" in filter ? amongStatuses(filter.among) : undefined;
      const query = new QueryCommand({
        TableName: table,
        IndexName: index,
        KeyConditionExpression: "#key = :value AND submittedAt BETWEEN :from AND :until",
        ExpressionAttributeNames: { "#key": key, ...among?.names },
        ExpressionAttributeValues: toItem({
          ":value": value,
          ":from": between.from,
          ":until": between.until,
          ...among?.values,
        }),
        ScanIndexForward: false,
        // With a filter it would bound what is read over, and not what is found.
        ...(among === undefined ? { Limit: limit } : { FilterExpression: among.expression }),
        ...(from === undefined ? {} : { ExclusiveStartKey: readCursor(from) }),
      });
      const { Items: items = [], LastEvaluatedKey: last } = await client.send(query).catch((cause: unknown) => {
        // Of all that is asked only the cursor is somebody else's words: a key of another index, or beyond what is listed.
        if (from !== undefined && cause instanceof Error && cause.name === "ValidationException") throw noCursor(cause);
        throw cause;
      });
      const found = filter.unreadable === "told" ? readablePromotions(items) : { promotions: items.map(promotionOf) };
      return last === undefined ? found : { ...found, next: writeCursor(last) };
    },
  };

  /** The write of a promotion's next revision, on condition that the one before is stored. `write`: an id of its own. */
  function moveTo(next: Promotion, write: string) {
    return {
      TableName: table,
      Key: toItem({ pk: partitionOf(next.id), sk: "PROMOTION" }),
      UpdateExpression: "SET #document = :document, #status = :status, #revision = :revision, #moved = :moved",
      ConditionExpression: "#revision = :expected",
      ExpressionAttributeNames: {
        ...{ "#document": "document", "#status": "status", "#revision": "revision", "#moved": "moved" },
      },
      ExpressionAttributeValues: {
        ":document": promotionItem(next)["document"] ?? { NULL: true },
        ...toItem({ ":status": next.status, ":revision": next.revision, ":expected": next.revision - 1 }),
        ":moved": { S: write },
      },
    };
  }

  async function installationFacts(prefix: string): Promise<readonly Fact[]> {
    const items = await queryAll(installationPartition, `FACT#${prefix}`);
    return items.flatMap(factOf);
  }

  function queryAll(partition: string, prefix: string): Promise<readonly Item[]> {
    const values = { ":pk": partition, ":prefix": prefix };
    return everyItem(client, table, "pk = :pk AND begins_with(sk, :prefix)", values);
  }
}

function amongStatuses(statuses: readonly Status[] = []) {
  if (statuses.length === 0) return undefined;
  const values = Object.fromEntries(statuses.map((status, at) => [`:among${at}`, status]));
  return { expression: `#status IN (${Object.keys(values).join(", ")})`, names: { "#status": "status" }, values };
}

function factOf(item: Item): readonly Fact[] {
  const read = readPromotionsItem(item);
  return read.kind === "fact" ? [read.fact] : [];
}
