import { describe, expect, it } from "vitest";
import { outcomeOf, standingOf } from "../../../../core/archive/documents/outcome.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { recordsOf, told } from "../told.ts";

const of = (promotion: string) => recordsOf(told.house.facts).filter(({ record }) => record.promotion === promotion);

/** A change of the policies. */
const changed =
  recordsOf(told.house.facts).find(
    ({ record: { type, promotion } }) => type === "policy-activated" && promotion !== undefined,
  )?.record.promotion ?? "";

it.each([
  [told.deployed, "Deployed", "deployed"],
  [told.kept, "Rolled back", "rolled-back"],
  [told.rejected, "Rejected", "rejected"],
  [told.withdrawn, "Withdrawn", "withdrawn"],
  [told.expired, "Expired", "expired"],
  [told.blocked, "Blocked", "blocked"],
  [told.lent, "Expired", "loan-ended"],
  [told.ratified, "Deployed", "loan-ratified"],
  [changed, "Put in force", "deployed"],
])("a promotion came to what its last record of that kind says: %s, %s", (promotion, word, type) => {
  const outcome = outcomeOf(of(promotion));
  expect([outcome?.word, outcome?.record.type]).toEqual([word, type]);
  expect(outcome?.record.promotion).toBe(promotion);
});

it("a promotion whose fate is open came to nothing yet", () => {
  expect(outcomeOf([])).toBeUndefined();
  expect(outcomeOf(of(told.deployed).slice(0, 6))).toBeUndefined();
});

describe("people are told besides", () => {
  const own = of(told.ratified);
  const since = (type: LedgerRecord["type"], body: LedgerRecord["body"]) => {
    const last = own.at(-1);
    if (last === undefined) throw new Error("There is nothing.");
    const record: LedgerRecord = { ...last.record, type, body, summary: `A ${type}.` };
    return { index: last.index + 1, record };
  };
  const toldOf = (...later: readonly ReturnType<typeof since>[]) => {
    const standing = standingOf([...own, ...later]);
    return [standing?.word, standing?.record.summary];
  };
  const drift = since("drift", { action: "previous" });

  it("that what was deployed drifted, and what was done about it", () => {
    expect(standingOf(own)).toEqual(outcomeOf(own));
    expect(toldOf(drift)).toEqual(["Restricted", "A drift."]);
    const beside = since("drift", { action: "keep" });
    const further = { ...beside.record, id: `${told.deployed}/drift/0123456789abcdef/2026-11-23T10` };
    expect(toldOf({ ...beside, record: further })[0]).toBe("Deployed");
    expect(toldOf(drift, since("remedy", { remedy: "previous", state: "started" }))).toEqual([
      "Restricted",
      "A drift.",
    ]);
    expect(toldOf(drift, since("remedy", { remedy: "previous", state: "done" }))).toEqual(["Rolled back", "A remedy."]);
    expect(toldOf(drift, since("remedy", { remedy: "stop", state: "done" }))).toEqual(["Restricted", "A remedy."]);
  });

  it("that the last verification refused it", () => {
    expect(toldOf(since("verdict", { result: "FAILED" }))).toEqual(["Blocked", "A verdict."]);
    expect(toldOf(since("verdict", { result: "PASSED" }))[0]).toBe("Deployed");
  });

  it("nothing of before its end", () => {
    const verdict = since("verdict", { result: "FAILED" });
    const early = { ...verdict, record: { ...verdict.record, at: own[0]?.record.at ?? verdict.record.at } };
    expect(toldOf(early)[0]).toBe("Deployed");
  });
});
