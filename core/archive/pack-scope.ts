import type { PromotionId } from "../promotion/promotion-id.ts";
import type { PackScope } from "./pack-manifest.ts";
import type { IndexedRecord } from "./records-table.ts";

/** Which promotions a scope means; `undefined`: all, and the records about the installation as well. */
export async function promotionsInScope(
  scope: PackScope,
  entries: () => AsyncIterable<IndexedRecord>,
): Promise<ReadonlySet<PromotionId> | undefined> {
  switch (scope.kind) {
    case "everything":
      return undefined;
    case "promotion":
      return new Set([scope.promotion]);
    case "model":
    case "time": {
      const found = new Set<PromotionId>();
      for await (const { record } of entries()) {
        if (record?.promotion !== undefined && isMeant(scope, record)) found.add(record.promotion);
      }
      return found;
    }
    default:
      return scope satisfies never;
  }
}

function isMeant(
  scope: Extract<PackScope, { kind: "model" | "time" }>,
  record: NonNullable<IndexedRecord["record"]>,
): boolean {
  if (scope.kind === "time") return scope.from <= record.at && record.at < scope.to;
  const model = record.body["model"];
  return (
    record.type === "request" &&
    typeof model === "object" &&
    model !== null &&
    "name" in model &&
    model["name"] === scope.model
  );
}
