import { describe, expect, it } from "vitest";
import { recheckFallen } from "../../../core/archive/verify-fallen.ts";
import { keptTold } from "../../../core/archive/verify-kept-in-review.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { reviewOf, told } from "./told.ts";

const { steps, held } = await reviewOf(told.reopened);
const began = steps.findIndex(({ record }) => record.type === "seat-reopened" && "from" in record.body);
const keeps = steps.findIndex((step) => keptTold(step) !== undefined);
const [first] = held;
if (began < 0 || keeps < 0 || first === undefined) throw new Error("The review did not begin anew.");
const { id } = first.signOff;
const rejected = [{ ...first, signOff: { ...first.signOff, result: "reject" as const } }, ...held.slice(1)];
const saying = (place: number, body: object) =>
  steps.map((step, at) =>
    at === place ? { ...step, record: { ...step.record, body: { ...step.record.body, ...body } } } : step,
  );
const fallen = [{ signOff: id, why: "left the team" }];

it("whatever falls was signed, as a record of it tells", () => {
  const other = digestOf("other");
  expect(recheckFallen(saying(keeps, { fallen: [{ signOff: other, why: "left the team" }] }), held)).toEqual([
    {
      code: "quorum-differs",
      index: steps[keeps]?.index,
      sentence: `The sign-off ${other} is said to fall, and no record has it: what was signed is not all here.`,
    },
  ]);
});

describe("a rejection", () => {
  it("never falls", () => {
    expect(recheckFallen(steps, held)).toEqual([]);
    expect(recheckFallen(saying(keeps, { fallen }), rejected)).toEqual([
      {
        code: "quorum-differs",
        index: steps[keeps]?.index,
        sentence: `The rejection ${id} is said to fall: a rejection stands whatever becomes of whoever gave it.`,
      },
    ]);
  });

  it("does not fall with its review either: nothing is said to, when another begins", () => {
    const said = codeOf(() => recheckFallen(saying(began, { fallen: [id] }), rejected));
    expect(said.code).toBe("pack-invalid");
  });

  it("is no approval, which may fall", () => {
    expect(recheckFallen(saying(keeps, { fallen }), held)).toEqual([]);
  });
});
