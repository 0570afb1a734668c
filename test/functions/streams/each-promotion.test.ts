import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { eachPromotion } from "../../../functions/streams/each-promotion.ts";
import { digestOf } from "../../core/promotion/promotion-in-review.ts";

const [a, b, c] = ["a", "b", "c"].map((name) => promotionId(digestOf(name), 1)) as [
  PromotionId,
  PromotionId,
  PromotionId,
];

function event(...promotions: readonly string[]): DynamoDBStreamEvent {
  return {
    Records: promotions.map(
      (id, index): DynamoDBRecord => ({
        dynamodb: {
          Keys: { pk: { S: `PROMOTION#${id}` }, sk: { S: `SIGNOFF#${index}` } },
          SequenceNumber: String(100 + index),
        },
      }),
    ),
  };
}

function scene(failing?: PromotionId) {
  const worked: PromotionId[] = [];
  const lines: string[] = [];
  const handler = eachPromotion(
    async (id) => {
      if (id === failing) throw new Error("secret detail");
      worked.push(id);
    },
    (level, message, fields) => void lines.push(JSON.stringify({ level, message, ...fields })),
  );
  return { worked, lines, handler };
}

describe("a batch of the stream", () => {
  it("works once for each promotion, in the order of their first records", async () => {
    const { worked, handler } = scene();
    expect(await handler(event(b, a, b, a))).toEqual({ batchItemFailures: [] });
    expect(worked).toEqual([b, a]);
  });

  it("is reported from the first record of the promotion that failed, and the others do not wait for it", async () => {
    const { worked, lines, handler } = scene(b);
    expect(await handler(event(a, b, a, c, b))).toEqual({ batchItemFailures: [{ itemIdentifier: "101" }] });
    expect(worked).toEqual([a, c]);
    expect(lines.join()).toContain(b);
    expect(lines.join()).not.toContain("secret");
  });

  it("passes over records that are not about a promotion", async () => {
    const { worked, handler } = scene();
    const stray: DynamoDBStreamEvent = {
      Records: [{}, { dynamodb: {} }, { dynamodb: { Keys: { pk: { S: "OTHER#1" } } } }],
    };
    expect(await handler(stray)).toEqual({ batchItemFailures: [] });
    expect(worked).toEqual([]);
  });
});
