import { describe, expect, it } from "vitest";
import { conditionsFallen, recheckFallen } from "../../../../core/archive/promotion/verify-fallen.ts";
import { keptTold } from "../../../../core/archive/promotion/verify-kept-in-review.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { codeOf } from "../../refusal.ts";
import { recordsOf, reviewOf, told } from "../told.ts";

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

describe("an approval under conditions", () => {
  const conditions = { forSeconds: 86_400, errorPercent: 1 };
  const own = recordsOf(told.house.facts).filter(({ record }) => record.promotion === told.reopened);
  const under = own.map((each) =>
    each.record.body["signOff"] === id
      ? { ...each, record: { ...each.record, body: { ...each.record.body, conditions } } }
      : each,
  );

  it("falls with what it asked for: that it had to is said to be the service's word, where the verdict is PASSED all the same", () => {
    const fell = saying(keeps, { fallen });
    expect(conditionsFallen(fell, under)).toEqual([
      `That the approval ${id}, under conditions, had to fall is told by '${steps[keeps]?.record.id}' alone.`,
    ]);
    expect(conditionsFallen(fell, own)).toEqual([]);
    expect(conditionsFallen(steps, under)).toEqual([]);
    expect(conditionsFallen(fell.slice(0, keeps + 1), under)).toEqual([]);
  });
});
