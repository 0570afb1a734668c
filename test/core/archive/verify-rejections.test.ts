import { describe, expect, it } from "vitest";
import { keptTold } from "../../../core/archive/verify-kept-in-review.ts";
import { recheckRejections, rejectedWhileLent } from "../../../core/archive/verify-rejections.ts";
import type { HeldSignOff } from "../../../core/archive/verify-sign-offs.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { reviewOf, told } from "./told.ts";

const { steps, held, own } = await reviewOf(told.reopened);
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

describe("a promotion that was rejected goes back to its gates", () => {
  it("where nobody had heard of that, and it stands on in the next review", () => {
    expect(recheckRejections(steps, stopped(kept.signOff), own)).toEqual([]);
  });

  it("and nothing else, though it is said to fall or nothing is said of it", () => {
    const [fallen] = said?.fallen ?? [];
    if (fallen === undefined) throw new Error("Nothing fell.");
    expect(recheckRejections(steps, stopped(fallen.signOff), own)).toEqual(begunAlthough(fallen.signOff));
    const untold = steps.filter((_, place) => place !== keeps);
    expect(recheckRejections(untold, stopped(kept.signOff), own)).toEqual(begunAlthough(kept.signOff));
  });

  it("whenever it says that it did, since a rejection belongs to the review that it was given in", () => {
    const untold = steps.filter((_, place) => place !== keeps);
    const later = stopped(kept.signOff).map((each) => ({
      ...each,
      signOff: { ...each.signOff, recordedAt: addSeconds(steps[began]?.record.at ?? each.signOff.recordedAt, 3600) },
    }));
    expect(recheckRejections(untold, later, own)).toEqual(begunAlthough(kept.signOff));
  });

  it("unless nobody was asked again", () => {
    expect(recheckRejections(steps.slice(0, keeps), stopped(kept.signOff), own)).toEqual([]);
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
    recheckRejections(lent.steps, signed, lent.own).map(({ index }) => index);

  it("is ended before its loan is, by whoever decides as soon as they hear of it", () => {
    expect(indices([])).toEqual([]);
    expect(indices(rejected(ends.record.at, 899))).toEqual([]);
    expect(indices(rejected(ends.record.at, 900))).toEqual([ends.index]);
  });

  it("is told where the records end before that", () => {
    const still = lent.steps.slice(0, running + 1);
    const signed = rejected(runs.record.at, 0);
    expect(rejectedWhileLent(still, signed, lent.own)).toBe(runs.record.at);
    expect(rejectedWhileLent(still, [], lent.own)).toBeUndefined();
    expect(rejectedWhileLent(lent.steps, signed, lent.own)).toBeUndefined();
  });
});
