import { expect, it } from "vitest";
import { servedOf } from "../../../../core/archive/documents/served-when.ts";
import { recordsOf, told } from "../told.ts";

const of = (promotion: string) => recordsOf(told.house.facts).filter(({ record }) => record.promotion === promotion);
const atOf = (promotion: string, type: string) => of(promotion).find(({ record }) => record.type === type)?.record.at;

it("what was deployed served from then on, as far as its own records tell", () => {
  expect(servedOf(of(told.ratified))).toEqual({
    startedAt: atOf(told.ratified, "deployment-started"),
    servedFrom: atOf(told.ratified, "loan-running"),
  });
});

it("what was lent and taken back, or rolled back, is gone from then on", () => {
  expect(servedOf(of(told.lent))).toEqual({
    startedAt: atOf(told.lent, "deployment-started"),
    servedFrom: atOf(told.lent, "loan-running"),
    goneAt: atOf(told.lent, "loan-taken-back"),
  });
  expect(servedOf(of(told.kept))).toEqual({
    startedAt: atOf(told.kept, "deployment-started"),
    goneAt: atOf(told.kept, "rolled-back"),
  });
});

it("what was begun again after it was taken back is not gone", () => {
  const own = of(told.kept);
  const again = own.filter(({ record: { type } }) => type === "deployment-started" || type === "deployed");
  expect(servedOf([...own, ...again])).toEqual({ startedAt: atOf(told.kept, "deployment-started") });
});

it("what was never begun ran nowhere, and neither do policies", () => {
  expect(servedOf(of(told.rejected))).toEqual({});
  const policies = recordsOf(told.house.facts).filter(({ record }) => record.type === "policy-activated");
  const change = policies.find(({ record }) => record.promotion !== undefined)?.record.promotion ?? "";
  expect(of(change).some(({ record }) => record.type === "deployed")).toBe(true);
  expect(servedOf(of(change))).toEqual({});
});
