import { describe, expect, it } from "vitest";
import { expiresAt, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { open } from "./tables.ts";

const base = promotionInReview();

describe("task tokens", () => {
  it("are forgotten only if no newer one has come", async () => {
    const { tokens } = await open();
    await tokens.keep(base.id, "first", expiresAt);
    await tokens.keep(base.id, "second", expiresAt);
    await tokens.forget(base.id, "first");
    expect(await tokens.find(base.id)).toBe("second");
    await tokens.forget(base.id, "second");
    expect(await tokens.find(base.id)).toBeUndefined();
  });
});
