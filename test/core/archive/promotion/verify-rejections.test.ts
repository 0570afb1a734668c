import { describe, expect, it } from "vitest";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import { keptTold } from "../../../../core/archive/promotion/verify-kept-in-review.ts";
import { recheckRejections, rejectedWhileLent } from "../../../../core/archive/promotion/verify-rejections.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { linking, peopleIn, reviewOf, told } from "../told.ts";

const review = await reviewOf(told.reopened);
const { steps, held } = review;
const people = peopleIn(review);
const began = steps.findIndex(({ record }) => record.type === "seat-reopened" && "from" in record.body);
const keeps = steps.findIndex((step) => keptTold(step) !== undefined);
const said = steps[keeps] === undefined ? undefined : keptTold(steps[keeps]);
const [kept] = said?.kept ?? [];
if (began < 0 || kept === undefined) throw new Error("The review did not begin anew, or nothing was kept.");
const stopped = (id: string): readonly HeldSignOff[] =>
  held.map((each) =>
    each.signOff.id === id ? { ...each, signOff: { ...each.signOff, result: "reject" as const } } : each,
  );
const begunAlthough = (id: string) => [
  {
    code: "quorum-differs",
    index: steps[began]?.index,
    sentence: `Another review began, although the rejection ${id} had ended the promotion.`,
  },
];

describe("a promotion that was rejected does not go back to its gates", () => {
  it("though it stands on in the next review, falls, or nothing is said of it", () => {
    expect(recheckRejections(steps, held, people)).toEqual([]);
    const [fallen] = said?.fallen ?? [];
    if (fallen === undefined) throw new Error("Nothing fell.");
    const untold = steps.filter((_, place) => place !== keeps);
    for (const [those, { signOff }] of [
      [steps, kept],
      [steps, fallen],
      [untold, kept],
      [steps.slice(0, keeps), kept],
    ] as const)
      expect(recheckRejections(those, stopped(signOff), people)).toEqual(begunAlthough(signOff));
  });

  it("whenever it says that it did, since a rejection belongs to the review that it was given in", () => {
    const untold = steps.filter((_, place) => place !== keeps);
    const later = stopped(kept.signOff).map((each) => ({
      ...each,
      signOff: { ...each.signOff, recordedAt: addSeconds(steps[began]?.record.at ?? each.signOff.recordedAt, 3600) },
    }));
    expect(recheckRejections(untold, later, people)).toEqual(begunAlthough(kept.signOff));
  });

  it("unless nobody was asked in that review, and what stood of the one before goes on", () => {
    const asked = (status: "gating" | "in-review", those = steps) =>
      those.map((step, place) =>
        place === began && step.before !== undefined ? { ...step, before: { ...step.before, status } } : step,
      );
    const indices = (those: typeof steps) => recheckRejections(those, stopped(kept.signOff), people).length;
    expect(indices(asked("gating"))).toBe(0);
    expect(indices(asked("gating", steps.slice(0, keeps)))).toBe(0);
    expect(
      indices(
        asked(
          "gating",
          steps.filter((_, place) => place !== keeps),
        ),
      ),
    ).toBe(1);
    expect(indices(asked("in-review"))).toBe(1);
  });

  it("where two of them stop it, and one person gave both by people.yaml of the policies that judged", () => {
    const [before] = stopped(kept.signOff).filter(({ signOff }) => signOff.result === "reject");
    if (before === undefined) throw new Error("Nobody rejected it.");
    const reviewer = { ...before.signOff.reviewer, subject: "other" };
    const both = [before, { ...before, signOff: { ...before.signOff, id: digestOf("other"), reviewer } }];
    const takingTwo = steps.map((step) => {
      const { requirements } = step;
      if (requirements === undefined) return step;
      const stages = requirements.rule.stages.map((stage) => ({ ...stage, rejectionsToStop: 2 }));
      return { ...step, requirements: { ...requirements, rule: { ...requirements.rule, stages } } };
    });
    const linked = peopleIn(review, [linking(reviewer, before.signOff.reviewer)]);
    expect(recheckRejections(takingTwo, both, linked)).toEqual([]);
    expect(recheckRejections(takingTwo, both, people)).toHaveLength(1);
  });
});

describe("a promotion that was rejected while it was lent", async () => {
  const lent = await reviewOf(told.lent);
  const running = lent.steps.findIndex(({ record }) => record.type === "loan-running");
  const ended = lent.steps.findIndex(({ record }) => record.type === "loan-ended");
  const [runs, ends] = [lent.steps[running], lent.steps[ended]];
  const [anybody] = lent.held.length > 0 ? lent.held : held;
  if (runs === undefined || ends === undefined || anybody === undefined) throw new Error("Nothing was lent.");
  const opened = lent.steps.find(({ record }) => record.type === "stage-opened");
  const rejected = (recordedAt: string, before: number): readonly HeldSignOff[] => [
    {
      ...anybody,
      signOff: {
        ...anybody.signOff,
        promotion: told.lent,
        review: 1,
        stage: opened?.after.stage?.index ?? 0,
        result: "reject",
        recordedAt: addSeconds(recordedAt as typeof anybody.signOff.recordedAt, -before),
      },
    },
  ];
  const indices = (signed: readonly HeldSignOff[]) =>
    recheckRejections(lent.steps, signed, peopleIn(lent)).map(({ index }) => index);

  it("is ended before its loan is, by whoever decides as soon as they hear of it", () => {
    expect(indices([])).toEqual([]);
    expect(indices(rejected(ends.record.at, 899))).toEqual([]);
    expect(indices(rejected(ends.record.at, 900))).toEqual([ends.index]);
  });

  it("is told where the records end before that", () => {
    const still = lent.steps.slice(0, running + 1);
    const signed = rejected(runs.record.at, 0);
    for (const told of [true, false]) {
      expect(rejectedWhileLent(still, signed, peopleIn(lent), told)).toBe(runs.record.at);
      expect(rejectedWhileLent(still, [], peopleIn(lent), told)).toBeUndefined();
      expect(rejectedWhileLent(lent.steps, signed, peopleIn(lent), told)).toBeUndefined();
    }
  });
});
