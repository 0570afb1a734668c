import fc from "fast-check";
import { expect, it } from "vitest";
import { leavesOpen, leftOpen } from "../../../core/archive/left-open.ts";
import type { FactType, LedgerRecord } from "../../../core/promotion/fact.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../promotion/promotion-in-review.ts";

const promotion = promotionId(digestOf("one"), 1);
const record = (type: FactType, body: LedgerRecord["body"] = {}): LedgerRecord => ({
  ...{ recordVersion: 1, id: "x", type, at: now, promotion, summary: "", body, attachments: [] },
});
const request = record("request");

it("what was asked for leaves something to be told until an end is", () => {
  const open = (...records: readonly LedgerRecord[]) => {
    const told = leftOpen();
    for (const each of records) told.tell(promotion, each);
    return told.promotions();
  };
  expect(open(record("sign-off", { result: "reject" }))).toEqual([]);
  expect(open(request, record("sign-off", { result: "reject" }))).toEqual([promotion]);
  expect(open(request, record("deployment-started"))).toEqual([promotion]);
  for (const type of ["deployed", "rejected", "rolled-back", "failed"] as const)
    expect(open(request, record("deployment-started"), record(type))).toEqual([]);
  // The archive had to give the sign-off up, and the reconciliation told it.
  expect(open(request, record("rejected"), record("sign-off", { result: "reject" }))).toEqual([]);
});

it("whatever a pack of what came since brings for that is asked about", () => {
  const types = ["loan", "loan-ended", "loan-taken-back", "rejected", "clean-up", "expired", "verdict"] as const;
  const any = fc.constantFrom(...types.map((type) => record(type)));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), (after) => {
      const records = [request, ...after];
      const told = leftOpen();
      for (const each of records) told.tell(promotion, each);
      if (told.promotions().length > 0) expect(leavesOpen(records.map((each) => ({ record: each })))).toBe(true);
    }),
  );
});
