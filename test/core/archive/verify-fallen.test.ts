import { describe, expect, it } from "vitest";
import { recheckFallen } from "../../../core/archive/verify-fallen.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { digestOf, id, now } from "../promotion/promotion-in-review.ts";

type Given = Parameters<typeof recheckFallen>;

const [approval, rejection, requirements] = ["approval", "rejection", "requirements"].map(digestOf);
const held = [
  { signOff: { id: approval, result: "approve" } },
  { signOff: { id: rejection, result: "reject" } },
] as unknown as Given[1];

function reopened(number: number, review: number, body: object) {
  const record = { id: `${id}/${number}`, type: "seat-reopened", at: now, body } as unknown as Fact;
  return { record, index: number, after: { review } } as unknown as Given[0][number];
}

const kept = (signOff = approval) => ({ signOff, stage: 0, roles: ["sre"], review: 2 });
const why = "no longer holds the role";

describe("a rejection", () => {
  it.each<[string, Given[0]]>([
    ["with a seat", [reopened(5, 1, { fallen: [{ signOff: rejection, why }] })]],
    [
      "where approvals are kept",
      [reopened(5, 2, { review: 2, kept: [kept()], fallen: [{ signOff: rejection, why }] })],
    ],
    [
      "with its review, of which approvals are kept",
      [
        reopened(5, 2, { from: requirements, to: requirements, fallen: [rejection] }),
        reopened(7, 2, { review: 2, kept: [kept()], fallen: [] }),
      ],
    ],
  ])("does not fall %s", (_, steps) => {
    expect(recheckFallen(steps, held)).toMatchObject([{ code: "quorum-differs", index: 5 }]);
  });

  it("falls with all else of its review, as in logs of before", () => {
    const all = reopened(5, 2, { from: requirements, to: requirements, fallen: [approval, rejection] });
    expect(recheckFallen([all], held)).toEqual([]);
  });
});

it("approvals may fall", () => {
  expect(recheckFallen([reopened(5, 1, { fallen: [{ signOff: approval, why }] })], held)).toEqual([]);
});
