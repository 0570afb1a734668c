import { expect, it } from "vitest";
import { sharedTexts } from "../../cli/shared-texts.ts";

it("what a thread was sent says the same, and its buffers are the same", () => {
  const sent = {
    leaves: Uint8Array.of(1, 2),
    byPromotion: [["p-1", [1, 2, 3]]],
    promotions: [{ promotion: "p-1", row: ["p-1", "Deployed", 8, null], told: { lane: "a in b" }, none: undefined }],
    found: [],
    count: 3,
  };
  const { leaves } = sent;
  const before = structuredClone(sent);
  expect(sharedTexts()(sent)).toBe(sent);
  expect(sent).toEqual(before);
  expect(sent.leaves).toBe(leaves);
});

it("nothing that has no texts is looked at", () => {
  const share = sharedTexts();
  expect([share(7), share("text"), share(null), share(undefined)]).toEqual([7, "text", null, undefined]);
  // A list of numbers is left as it is, whatever comes after the first of them.
  const frozen = Object.freeze([1, Object.freeze({ a: "b" })]);
  expect(share(frozen)).toBe(frozen);
});
