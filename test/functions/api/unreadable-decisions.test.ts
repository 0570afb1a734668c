import { expect, it } from "vitest";
import { Failure } from "../../../core/failure.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import type { ReadPromotionsPorts } from "../../../functions/api/read-promotions/handler.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { byCora, inReview, scene } from "./reading-scene.ts";

const broken = { ...inReview, id: promotionId(inReview.freezeDigest, 9) };
const store = new MemoryPromotions([broken, inReview], [byCora]);

/** A list with a promotion about which the sign-offs are refused by this. */
function listed(query: Readonly<Record<string, string>>, why: Failure) {
  const promotions: ReadPromotionsPorts["promotions"] = {
    load: store.load,
    loans: store.loans,
    facts: store.facts,
    outcomes: store.outcomes,
    countOutcomes: store.countOutcomes,
    signOffs: async (id) => {
      if (id === broken.id) throw why;
      return store.signOffs(id);
    },
    list: async () => ({ promotions: [broken, inReview] }),
  };
  return scene(inReview, { promotions }).get("/v1/promotions", { query: { status: "in-review", ...query } });
}

const unreadable = new Failure("internal", "What was decided cannot be read.");

it.each([{ standing: "true" }, { person: "cora@example.org" }, { person: "cora@example.org", standing: "true" }])(
  "one promotion of which a decision cannot be read is named, and keeps nobody from the others: %j",
  async (query) => {
    const { json } = await listed(query, unreadable);
    expect(json).toMatchObject({ promotions: [{ id: inReview.id }], unreadable: [broken.id] });
  },
);

it("is in a list that asks for nothing that was decided", async () => {
  const { json } = await listed({}, unreadable);
  expect(json).toMatchObject({ promotions: [{ id: broken.id }, { id: inReview.id }] });
  expect(json).not.toHaveProperty("unreadable");
});

it("is no promotion of which the table could not be asked: that whoever asks is told", async () => {
  const why = new Failure("unavailable", "The table answers nobody.");
  await expect(listed({ standing: "true" }, why)).rejects.toThrow(why);
});
