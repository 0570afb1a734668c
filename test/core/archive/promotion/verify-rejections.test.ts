import { describe, expect, it } from "vitest";
import type { HeldSignOff } from "../../../../core/archive/people/verify-sign-offs.ts";
import { keptTold } from "../../../../core/archive/promotion/verify-kept-in-review.ts";
import {
  endedOtherwise,
  recheckRejections,
  recheckUnended,
  rejectedWhileLent,
} from "../../../../core/archive/promotion/verify-rejections.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
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

  const [loan = expect.unreachable()] = lent.steps.filter(({ record }) => record.type === "loan");
  const stage = loan.before?.stage?.index ?? expect.unreachable();
  const rejectedAt = (recordedAt: Instant): readonly HeldSignOff[] =>
    rejected(recordedAt, 0).map((each) => ({ ...each, signOff: { ...each.signOff, stage } }));
  const goneOn = (signed: readonly HeldSignOff[], steps = lent.steps) =>
    recheckRejections(steps, signed, peopleIn(lent)).map(({ sentence }) => sentence.split(",")[0]);

  it("is lent no seats, and gets no verdict, by whoever had read of it", () => {
    const { at } = loan.record;
    const over = "What was lent ran until the loan was over";
    expect(goneOn(rejectedAt(addSeconds(at, -5)))).toEqual(["Seats were lent", "The loan's verdict is PASSED", over]);
    expect(goneOn(rejectedAt(addSeconds(at, -4)))).toEqual(["The loan's verdict is PASSED", over]);
    expect(goneOn(rejectedAt(at))).toEqual([over]);
    const failed = lent.steps.map((step) =>
      step.record.type === "verdict"
        ? { ...step, record: { ...step.record, body: { ...step.record.body, result: "FAILED" } } }
        : step,
    );
    expect(goneOn(rejectedAt(addSeconds(at, -5)), failed)).toEqual(["Seats were lent", over]);
  });

  it.each([
    ["deployment-started", "What is lent was deployed"],
    ["loan-running", "What is lent served"],
  ])("does not come so far as %s a quarter of an hour later", (type, what) => {
    const at = loan.record.at;
    const slow = (seconds: number) =>
      lent.steps.map((step) =>
        step.record.type === type ? { ...step, record: { ...step.record, at: addSeconds(at, seconds) } } : step,
      );
    expect(goneOn(rejectedAt(at), slow(900))).toContain(what);
    expect(goneOn(rejectedAt(at), slow(899))).not.toContain(what);
  });

  it("is not asked of what was approved and deployed: a rejection had ended that before", async () => {
    const approved = await reviewOf(told.deployed);
    const [one = expect.unreachable()] = approved.held;
    const begun = approved.steps.find(({ record }) => record.type === "deployment-started") ?? expect.unreachable();
    const recordedAt = addSeconds(begun.record.at, -3600);
    const no = [{ ...one, signOff: { ...one.signOff, result: "reject" as const, recordedAt } }];
    expect(recheckRejections(approved.steps, no, peopleIn(approved))).toEqual([]);
  });

  it("counts alone where nobody knows who is whom, and with others where they do", () => {
    const still = lent.steps.slice(0, running + 1).map((step) => {
      const { requirements } = step;
      if (requirements === undefined) return step;
      const stages = requirements.rule.stages.map((each) => ({ ...each, rejectionsToStop: 2 }));
      return { ...step, requirements: { ...requirements, rule: { ...requirements.rule, stages } } };
    });
    const [one = expect.unreachable()] = rejectedAt(runs.record.at);
    const reviewer = { ...one.signOff.reviewer, subject: "other" };
    const recordedAt = addSeconds(runs.record.at, 7);
    const both = [one, { ...one, signOff: { ...one.signOff, id: digestOf("other"), reviewer, recordedAt } }];
    expect(rejectedWhileLent(still, both, peopleIn(lent), true)).toBe(recordedAt);
    expect(rejectedWhileLent(still, both, peopleIn(lent), false)).toBeUndefined();
    expect(rejectedWhileLent(still, [one], peopleIn(lent), true)).toBeUndefined();
  });
});

describe("a promotion that was rejected", async () => {
  const { steps: all, held: signed, ...rest } = await reviewOf(told.rejected);
  const those = peopleIn({ steps: all, ...rest });
  const place = all.findIndex(({ record }) => record.type === "rejected");
  const waiting = all.slice(0, place);
  const [last, end] = [waiting.at(-1) ?? expect.unreachable(), all[place] ?? expect.unreachable()];
  const [{ signOff: rejection } = expect.unreachable()] = signed;
  const given = (over: Partial<typeof rejection>) =>
    signed.map((each) => ({ ...each, signOff: { ...each.signOff, ...over } }));
  const linked = peopleIn({ steps: all, ...rest }, []);
  const inStatus = (over: Partial<typeof last.after>) => [
    ...waiting.slice(0, -1),
    { ...last, after: { ...last.after, ...over } },
  ];

  describe("and whose records end there", () => {
    const by = rejection.recordedAt;
    const unended = (since: Instant) => {
      const due = addSeconds(since, 900);
      const sentence = `The rejection ${rejection.id} had ended the promotion by ${since}, and the log, which goes on beyond ${due}, does not say that it ended.`;
      return [{ code: "quorum-differs", index: last.index, sentence, open: { since, due } }];
    };

    it("is to be ended within minutes of the rejection, in review and approved", () => {
      expect(recheckUnended(waiting, signed, those)).toEqual(unended(by));
      expect(recheckUnended(waiting, signed, linked)).toEqual(unended(by));
      expect(recheckUnended(inStatus({ status: "approved" }), signed, those)).toEqual(unended(by));
    });

    it("of what was kept, once its stage was opened", () => {
      const kept = given({ recordedAt: addSeconds(last.record.at, -60) });
      expect(recheckUnended(waiting, kept, those)).toEqual(unended(last.record.at));
    });

    it("is not where it ended, was verified, or waits for nobody, and where nobody rejected it", () => {
      expect(recheckUnended(all, signed, those)).toEqual([]);
      expect(recheckUnended([], signed, those)).toEqual([]);
      const verdict = { sha256: digestOf("verdict"), result: "FAILED", at: by } as const;
      expect(recheckUnended(inStatus({ verdict }), signed, those)).toEqual([]);
      expect(recheckUnended(inStatus({ status: "loaned" }), signed, those)).toEqual([]);
      expect(recheckUnended(waiting, given({ result: "approve" }), those)).toEqual([]);
      expect(recheckUnended(waiting, given({ review: 2 }), those)).toEqual([]);
    });

    it("is not where it depends on who is whom, which is not told", () => {
      const takingTwo = waiting.map((step) => {
        const { requirements } = step;
        if (requirements === undefined) return step;
        const stages = requirements.rule.stages.map((each) => ({ ...each, rejectionsToStop: 2 }));
        return { ...step, requirements: { ...requirements, rule: { ...requirements.rule, stages } } };
      });
      const [one = expect.unreachable()] = signed;
      const reviewer = { ...rejection.reviewer, subject: "other" };
      const both = [one, { ...one, signOff: { ...rejection, id: digestOf("other"), reviewer } }];
      const asOne = peopleIn({ steps: all, ...rest }, [linking(reviewer, rejection.reviewer)]);
      const open = { ...those, asDecided: () => [...those.asDecided(last), ...asOne.asDecided(last)] };
      expect(recheckUnended(takingTwo, both, those)).toHaveLength(1);
      expect(recheckUnended(takingTwo, both, asOne)).toEqual([]);
      expect(recheckUnended(takingTwo, both, open)).toEqual([]);
      const ended = [...takingTwo, { ...end, record: { ...end.record, type: "expired" as const } }];
      expect(endedOtherwise(ended, both, those)).toBeDefined();
      expect(endedOtherwise(ended, both, open)).toBeUndefined();
    });
  });

  describe("ends in no other way", () => {
    const endedAs = (type: LedgerRecord["type"], at = end.record.at) => [
      ...waiting,
      { ...end, record: { ...end.record, type, at } },
      ...all.slice(place + 1),
    ];

    it.each(["withdrawn", "superseded", "expired", "failed", "blocked"] as const)("such as: %s", (type) => {
      expect(endedOtherwise(endedAs(type), signed, those)).toBe(
        `The rejection ${rejection.id} of ${rejection.recordedAt} had ended it; that it is '${type}' was recorded at ${end.record.at}.`,
      );
    });

    it("but as rejected, before it was rejected, without a rejection, or once it was verified", () => {
      expect(endedOtherwise(all, signed, those)).toBeUndefined();
      expect(endedOtherwise(endedAs("expired", rejection.recordedAt), signed, those)).toBeDefined();
      expect(
        endedOtherwise(endedAs("expired", addSeconds(rejection.recordedAt, -0.001)), signed, those),
      ).toBeUndefined();
      expect(endedOtherwise(endedAs("expired"), given({ result: "approve" }), those)).toBeUndefined();
      const since = (over: Partial<typeof last.after>) => [
        ...inStatus(over),
        { ...end, record: { ...end.record, type: "expired" as const } },
      ];
      expect(endedOtherwise(since({ status: "approved" }), signed, those)).toBeDefined();
      expect(endedOtherwise(since({ status: "gating" }), signed, those)).toBeUndefined();
      const verdict = { sha256: digestOf("verdict"), result: "FAILED", at: rejection.recordedAt } as const;
      expect(endedOtherwise(since({ verdict }), signed, those)).toBeUndefined();
    });
  });
});
