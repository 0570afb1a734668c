import { expect, it } from "vitest";
import { isObjection, requireEveryObjection, withObjection } from "../../../core/promotion/objection.ts";
import { codeOf, told } from "../refusal.ts";
import { promotionInReview } from "./promotion-in-review.ts";

const [approval, rejection, withdrawal] = (["approve", "reject", "withdraw"] as const).map((result) => ({ result }));

it("a rejection speaks against a promotion, and an approval that is taken back; an approval does not", () => {
  expect([approval, rejection, withdrawal].map((each) => each && isObjection(each))).toEqual([false, true, true]);
});

it("each is counted in its promotion, one revision later", () => {
  const promotion = promotionInReview();
  const once = withObjection(promotion);
  expect(once).toEqual({ ...promotion, revision: promotion.revision + 1, objections: 1 });
  expect(withObjection(once)).toEqual({ ...promotion, revision: promotion.revision + 2, objections: 2 });
});

it("nothing is decided by fewer objections than are recorded", () => {
  const signed = [approval, rejection, withdrawal].flatMap((each) => each ?? []);
  expect(() => requireEveryObjection({}, [])).not.toThrow();
  expect(() => requireEveryObjection({ objections: 1 }, signed)).not.toThrow();
  expect(() => requireEveryObjection({ objections: 2 }, signed)).not.toThrow();
  expect(told(codeOf(() => requireEveryObjection({ objections: 3 }, signed)))).toBe(
    "unavailable: A rejection or withdrawal is recorded that cannot be read yet.",
  );
});
