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
const rejection = record("sign-off", { result: "reject" });

it("a rejection leaves something to be told until an end is, wherever in the log that stands", () => {
  const open = (...records: readonly LedgerRecord[]) => {
    const told = leftOpen();
    for (const each of records) told.tell(promotion, each);
    return told.promotions();
  };
  expect(open(record("sign-off", { result: "approve" }))).toEqual([]);
  expect(open(rejection)).toEqual([promotion]);
  expect(open(rejection, record("rejected"))).toEqual([]);
  // The archive had to give the sign-off up, and the reconciliation told it.
  expect(open(record("rejected"), rejection)).toEqual([]);
});

it("whatever a pack of what came since brings for that is asked about", () => {
  const types = ["loan", "loan-ended", "loan-taken-back", "rejected", "clean-up", "expired", "verdict"] as const;
  const any = fc.constantFrom(rejection, ...types.map((type) => record(type)));
  fc.assert(
    fc.property(fc.array(any, { maxLength: 6 }), (records) => {
      const told = leftOpen();
      for (const each of records) told.tell(promotion, each);
      if (told.promotions().length > 0) expect(leavesOpen(records.map((each) => ({ record: each })))).toBe(true);
    }),
  );
});
