import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leavesOpen, leftOpen, lifetimeOf, wasTooYoung } from "../../../../core/archive/pack/left-open.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import { promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";

const promotion = promotionId(digestOf("one"), 1);
const record = (type: FactType, body: LedgerRecord["body"] = {}): LedgerRecord => ({
  ...{ recordVersion: 1, id: "x", type, at: now, promotion, summary: "", body, attachments: [] },
});
const request = record("request");
const another = promotionId(digestOf("another"), 1);

it("what was asked for leaves something to be told until an end is", () => {
  const open = (...records: readonly LedgerRecord[]) => {
    const told = leftOpen();
    for (const each of records) told.tell(promotion, each);
    // Days after, nothing of it is young.
    told.tell(another, { ...record("request"), at: addSeconds(now, 5 * 86_400) });
    return told.promotions().filter((each) => each !== another);
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
      told.tell(another, { ...record("sign-off"), at: addSeconds(now, 5 * 86_400) });
      if (told.promotions().includes(promotion))
        expect(leavesOpen(records.map((each) => ({ record: each })))).toBe(true);
    }),
  );
});

describe("what was too young", () => {
  const [first, second] = [1, 2].map((attempt) => promotionId(digestOf("one"), attempt));
  if (first === undefined || second === undefined) throw new Error("unreachable");

  it("is that of which others may have been on their way, and an attempt before which there may be another", () => {
    const young = (of: typeof first, asked: number, to: number) =>
      wasTooYoung(of, { asked: addSeconds(now, asked), to: addSeconds(now, to) }, now);
    expect([-904, -905].map((to) => young(first, -9_000, to))).toEqual([true, false]);
    expect([-172_799, -172_800].map((asked) => young(second, asked, -1_000))).toEqual([true, false]);
    expect(young(first, -172_799, -1_000)).toBe(false);
    // Where no request is here it is taken to be as young as what is.
    expect([-172_799, -172_800].map((to) => wasTooYoung(second, { to: addSeconds(now, to) }, now))).toEqual([
      true,
      false,
    ]);
  });

  it("is told by the times of records, in whatever order the log has them", () => {
    const at = (seconds: number, type: FactType = "question") => ({ record: { type, at: addSeconds(now, seconds) } });
    expect(lifetimeOf([at(5), at(-3, "request"), at(-9), at(9), at(0)])).toEqual({
      asked: addSeconds(now, -3),
      to: addSeconds(now, 9),
    });
    expect(lifetimeOf([at(5), at(-3)])).toEqual({ to: addSeconds(now, 5) });
    expect(lifetimeOf([])).toBeUndefined();
  });

  it("is remembered of logs of any length, and nothing else is", () => {
    const one = fc.record({
      of: fc.integer({ min: 1, max: 3_000 }),
      attempt: fc.integer({ min: 1, max: 2 }),
      at: fc.nat(400_000),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 2_000, maxLength: 4_000 }), (all) => {
        const told = leftOpen();
        const times = new Map<string, Instant[]>();
        for (const { of, attempt, at } of all.toSorted((a, b) => a.at - b.at)) {
          const id = promotionId(digestOf(`${of}`), attempt);
          const each = { ...record("sign-off"), at: addSeconds(now, at) };
          told.tell(id, each);
          times.set(id, [...(times.get(id) ?? []), each.at]);
        }
        const goesTo = [...times.values()].flat().toSorted().at(-1) ?? now;
        const young = [...times].filter(([id, own]) => {
          const lifetime = lifetimeOf(own.map((at) => ({ record: { type: "sign-off", at } })));
          return lifetime !== undefined && wasTooYoung(id as typeof promotion, lifetime, goesTo);
        });
        const found = told.promotions();
        expect(found).toEqual(expect.arrayContaining(young.map(([id]) => id)));
        // Whatever else is was recorded of within these two days.
        for (const id of found) expect((times.get(id)?.at(-1) ?? "") > addSeconds(goesTo, -172_800)).toBe(true);
      }),
      { numRuns: 5 },
    );
  });
});
