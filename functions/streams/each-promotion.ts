import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import { errorFields, type Log } from "../log.ts";

/**
 * A Lambda on the stream that does its work once for each promotion that a batch is about. Where one fails, the batch
 * is reported from its first record on: the stream keeps the order and comes again. The others are done all the same,
 * each time: one that fails for good is tried for minutes, and nobody else's rejection may wait for that.
 */
export function eachPromotion(
  work: (id: PromotionId) => Promise<void>,
  log: Log,
): (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse> {
  return async (event) => {
    const first = new Map<PromotionId, string>();
    for (const { dynamodb } of event.Records) {
      const id = dynamodb?.Keys?.["pk"]?.S?.replace(/^PROMOTION#/, "");
      if (isPromotionId(id) && !first.has(id)) first.set(id, dynamodb?.SequenceNumber ?? "");
    }
    const failed: string[] = [];
    for (const [promotionId, sequenceNumber] of first) {
      try {
        await work(promotionId);
      } catch (error) {
        log("error", "promotion not decided", { promotionId, ...errorFields(error) });
        failed.push(sequenceNumber);
      }
    }
    return { batchItemFailures: failed.slice(0, 1).map((itemIdentifier) => ({ itemIdentifier })) };
  };
}
