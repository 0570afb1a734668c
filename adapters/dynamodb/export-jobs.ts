import { type DynamoDBClient, GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { ExportBook } from "../../core/archive/export/export-book.ts";
import type { ExportId, ExportJob } from "../../core/archive/export/export-job.ts";
import type { Identity } from "../../core/promotion/identity.ts";
import { conditionFailed, toItem } from "./item.ts";
import { exportItem, exportKey, exportsOfItem, exportsOfKey, readPromotionsItem } from "./promotion-items.ts";
import { putNew } from "./put-new.ts";
import { loadRevised, moveRevised } from "./revised-document.ts";

/** Exports of the audit archive on their way, in the promotions table: its stream carries their facts to the ledger. */
export function exportJobStore(client: DynamoDBClient, table: string) {
  return {
    async load(id: ExportId): Promise<ExportJob | undefined> {
      const { Item: item } = await client.send(
        new GetItemCommand({ TableName: table, Key: toItem(exportKey(id)), ConsistentRead: true }),
      );
      const read = item === undefined ? undefined : readPromotionsItem(item);
      return read?.kind === "export" ? read.job : undefined;
    },

    async create(job: ExportJob): Promise<void> {
      if (!(await putNew(client, table, exportItem(job)))) throw new Error("an export's id is taken");
    },

    /** The exports that somebody asked for last. */
    recentOf: (by: Identity): Promise<ExportBook | undefined> => loadRevised(client, table, exportsOfKey(by)),

    /** Writes the next revision of them; `lost` where another request wrote it meanwhile. */
    noteRecent: (by: Identity, next: ExportBook): Promise<"moved" | "lost"> =>
      moveRevised(client, table, exportsOfItem(by, next), next.revision),

    /** Writes the next revision; `lost` where another attempt moved the export meanwhile. */
    async move(next: ExportJob): Promise<"moved" | "lost"> {
      try {
        await client.send(
          new UpdateItemCommand({
            TableName: table,
            Key: toItem(exportKey(next.id)),
            UpdateExpression: "SET #document = :document, #revision = :revision",
            ConditionExpression: "#revision = :expected",
            ExpressionAttributeNames: { "#document": "document", "#revision": "revision" },
            ExpressionAttributeValues: {
              ":document": exportItem(next)["document"] ?? { NULL: true },
              ...toItem({ ":revision": next.revision, ":expected": next.revision - 1 }),
            },
          }),
        );
        return "moved";
      } catch (error) {
        if (conditionFailed(error)) return "lost";
        throw error;
      }
    },
  };
}
