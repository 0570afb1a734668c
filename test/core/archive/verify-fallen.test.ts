import { describe, expect, it } from "vitest";
import { recheckFallen } from "../../../core/archive/verify-fallen.ts";
import { keptTold } from "../../../core/archive/verify-kept-in-review.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { linking, peopleIn, reviewOf, told } from "./told.ts";

const review = await reviewOf(told.reopened);
const { steps, held } = review;
const people = peopleIn(review);
const began = steps.findIndex(({ record }) => record.type === "seat-reopened" && "from" in record.body);
const keeps = steps.findIndex((step) => keptTold(step) !== undefined);
const [first] = held;
if (began < 0 || keeps < 0 || first === undefined) throw new Error("The review did not begin anew.");
const { id } = first.signOff;
const rejected = [{ ...first, signOff: { ...first.signOff, result: "reject" as const } }];
const saying = (
  place: number,
  body: object,
  also: { readonly place: number; readonly body: object } = { place: -1, body: {} },
) =>
  steps.map((step, at) => {
    const change = at === place ? body : at === also.place ? also.body : undefined;
    return change === undefined
      ? step
      : { ...step, record: { ...step.record, body: { ...step.record.body, ...change } } };
  });
const wrong = (place: number) => [
  {
    code: "quorum-differs",
    index: steps[place]?.index,
    sentence: `The rejection ${id} is said to fall: a rejection stands whatever becomes of whoever gave it.`,
  },
];
const fallen = [{ signOff: id, why: "left the team" }];

describe("a rejection", () => {
  it("never falls, in whatever way that is told", () => {
    expect(recheckFallen(steps, held, people)).toEqual([]);
    expect(recheckFallen(saying(keeps, { fallen }), rejected, people)).toEqual(wrong(keeps));
    expect(recheckFallen(saying(began, { fallen: [id] }), rejected, people)).toEqual(wrong(began));
  });

  it("does not fall with its review either, though nothing of that is kept for the next", () => {
    const nothingKept = { place: keeps, body: { kept: [], fallen: [] } };
    expect(recheckFallen(saying(began, { fallen: [id] }, nothingKept), rejected, people)).toEqual(wrong(began));
    const later = [{ ...first, signOff: { ...first.signOff, result: "reject" as const, review: 2 } }];
    expect(recheckFallen(saying(began, { fallen: [id] }), later, people)).toEqual(wrong(began));
  });

  it("fell long since where its author took it back, and is named with all else in logs of before", () => {
    const taken = {
      ...first.signOff,
      id: digestOf("taken back"),
      recordedAt: addSeconds(first.signOff.recordedAt, -60),
    };
    const again = [{ ...first, signOff: { ...taken, result: "reject" as const } }, ...held];
    expect(recheckFallen(saying(began, { fallen: [taken.id] }), again, people)).toEqual([]);
  });

  it("fell long since where its author took it back under another account that people.yaml links", () => {
    const reviewer = { ...first.signOff.reviewer, subject: "other" };
    const taken = { ...first.signOff, id: digestOf("other"), recordedAt: addSeconds(first.signOff.recordedAt, -60) };
    const again = [{ ...first, signOff: { ...taken, reviewer, result: "reject" as const } }, ...held];
    const linked = peopleIn(review, [linking(reviewer, first.signOff.reviewer)]);
    const sentences = (by: typeof people) =>
      recheckFallen(saying(began, { fallen: [taken.id] }), again, by).map(({ sentence }) => sentence);
    expect(sentences(linked)).toEqual([]);
    expect(sentences(people)).toEqual([expect.stringContaining(taken.id)]);
  });

  it("is no approval, which may fall", () => {
    expect(recheckFallen(saying(keeps, { fallen }), held, people)).toEqual([]);
  });
});
