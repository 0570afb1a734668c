import { expect, it } from "vitest";
import { bodyOf } from "../../../../core/archive/documents/fact-bodies.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { codeOf } from "../../refusal.ts";
import { recordsOf, told } from "../told.ts";

const record = (type: LedgerRecord["type"], over: LedgerRecord["body"]): LedgerRecord => {
  const found = recordsOf(told.house.facts).find((each) => each.record.type === type)?.record;
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return { ...found, body: { ...found.body, ...over } };
};

it("a body is read as far as it is needed; what else it says is for people", () => {
  const body = bodyOf("policy-activated", record("policy-activated", { more: "for people" }));
  expect(body).toEqual({ policy: expect.any(String), number: 1 });
});

it("a body of another form says where it is of another, and in which record", () => {
  const wrong = record("policy-activated", { former: "none" });
  expect(codeOf(() => bodyOf("policy-activated", wrong))).toEqual({
    code: "pack-invalid",
    sentence: `The record '${wrong.id}' does not say what a 'policy-activated' says (former).`,
  });
  const request = record("request", { model: { name: "m", type: 7, version: "1" } });
  expect(codeOf(() => bodyOf("request", request)).sentence).toMatch(/a 'request' says \(model\.type\)\.$/);
  const reopened = record("seat-reopened", { fallen: "all" });
  expect(codeOf(() => bodyOf("seat-reopened", reopened)).sentence).toMatch(/a 'seat-reopened' says \(fallen\)\.$/);
});

it("what seats opened again for is told by what a body says, and is no other where that is not in its form", () => {
  // Rules ask for these members by name: what they take for another review would otherwise be read as a seat that fell.
  const fell = { fallen: [{ signOff: "0".repeat(64), why: "has left" }] };
  const reopened = (body: LedgerRecord["body"]): LedgerRecord => ({ ...record("seat-reopened", {}), body });
  expect(bodyOf("seat-reopened", reopened(fell))).toEqual(fell);
  for (const [member, value] of [
    ["from", "none"],
    ["kept", "all"],
    ["breach", {}],
  ] as const) {
    const told = reopened({ ...fell, [member]: value, to: "0".repeat(64), review: 2 });
    expect(codeOf(() => bodyOf("seat-reopened", told)).sentence).toMatch(
      new RegExp(`a 'seat-reopened' says \\(${member}`),
    );
  }
});

it("a body is read once in each of its forms, and what differs from it in anything is read by itself", () => {
  const first = record("verdict", {});
  const read = bodyOf("verdict", first);
  expect(bodyOf("verdict", { ...first })).toBe(read);
  const other: LedgerRecord = { ...first, body: { ...first.body, result: "FAILED" } };
  expect([read.result, bodyOf("verdict", other).result]).toEqual(["PASSED", "FAILED"]);
  expect(codeOf(() => bodyOf("stage-decided", first)).sentence).toMatch(/a 'stage-decided' says \(stage\)\.$/);
  for (let at = 0; at < 200; at += 1) bodyOf("verdict", record("verdict", {}));
  expect(bodyOf("verdict", first)).toEqual(read);
});
