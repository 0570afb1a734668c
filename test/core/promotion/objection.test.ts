import { expect, it } from "vitest";
import {
  awaitsItsVerdict,
  isObjection,
  requireEveryObjection,
  withObjection,
} from "../../../core/promotion/objection.ts";
import { codeOf, told } from "../refusal.ts";
import { digestOf, now, promotionInReview } from "./promotion-in-review.ts";

const [approval, rejection, withdrawal] = (["approve", "reject", "withdraw"] as const).map((result) => ({ result }));

it("a rejection speaks against a promotion, and an approval that is taken back; an approval does not", () => {
  expect([approval, rejection, withdrawal].map((each) => each && isObjection(each))).toEqual([false, true, true]);
});

it("what everybody approved can be rejected until a verdict over it stands", () => {
  expect(awaitsItsVerdict(promotionInReview({ status: "approved" }))).toBe(true);
  expect(awaitsItsVerdict(promotionInReview())).toBe(false);
  const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
  expect(awaitsItsVerdict(promotionInReview({ status: "approved", verdict }))).toBe(false);
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
