import { describe, expect, it } from "vitest";
import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import { peopleAsSigned } from "../../../core/archive/people/people-then.ts";
import { signOffsIn } from "../../../core/archive/promotion/verify-review.ts";
import { recheckTimes } from "../../../core/archive/promotion/verify-times.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { cora } from "./people.ts";
import type { ToldReview } from "./told.ts";
import { by, deployed, ratified, reopened } from "./told-review.ts";
import { knowing, momentOf, sayingIn, withStep } from "./told-steps.ts";

describe("the sign-offs of a review", () => {
  it("count where they are kept, and no more where they were given", () => {
    const id = reopened.held.find((each) => each.kept === true)?.signOff.id;
    const [first, second] = [signOffsIn(reopened.held, 1), signOffsIn(reopened.held, 2)];
    expect(first.filter((each) => each.id === id).map(({ review }) => review)).toEqual([1]);
    expect(second.filter((each) => each.id === id).map(({ review }) => review)).toEqual([2]);
    expect(second).toHaveLength(first.length);
  });
});

it("what the tokens tell of people: each once, with those in whose place others signed", () => {
  const [one] = deployed.held;
  if (one === undefined) throw new Error("Nobody signed.");
  const people = peopleAsSigned([one, one], new Map());
  expect(people).toEqual({
    members: [one.member],
    objectors: [one.member],
    people: [],
    entitlement: "as-signed",
    delegations: [],
  });
  expect(deployed.own.members.map(({ identity }) => identity.subject).toSorted()).toEqual([
    "sub-cora",
    "sub-dana",
    "sub-emil",
    "sub-sam",
  ]);
  expect(deployed.own.delegations).toHaveLength(1);
});

describe("the times of sign-offs", () => {
  const opened = momentOf(deployed.steps, "stage-opened");
  const decided = momentOf(deployed.steps, "stage-decided");
  const verdict = momentOf(deployed.steps, "verdict");
  const sign = (
    recordedAt: Instant,
    {
      over = {},
      steps = deployed.steps,
      review = deployed,
    }: {
      readonly over?: Partial<SignOff>;
      readonly steps?: readonly Step[];
      readonly review?: ToldReview;
    } = {},
  ) => {
    const held = by(review.held, cora, { recordedAt, ...over }).slice(0, 1);
    return recheckTimes(steps, held).map(({ sentence }) => sentence.replace(/ \([0-9a-f]{64}\)$/, ""));
  };
  const openedWith = (stage: Partial<NonNullable<Promotion["stage"]>>, after: Partial<Promotion> = {}) =>
    deployed.steps.map((step) =>
      step.record.type === "stage-opened" && step.after.stage?.index === 0
        ? { ...step, after: { ...step.after, ...after, stage: { ...step.after.stage, ...stage } } }
        : step,
    );

  it("name the sign-off, and the promotion's first record", () => {
    const [cast] = by(deployed.held, cora, { recordedAt: addSeconds(opened, -6) });
    if (cast === undefined) throw new Error("Nobody signed.");
    expect(recheckTimes(deployed.steps, [cast])).toEqual([
      {
        code: "order",
        index: deployed.steps[0]?.index,
        sentence: `A sign-off was recorded before its stage was opened (${cast.signOff.id})`,
      },
    ]);
  });

  it("follow the opening of their stage in their review", () => {
    expect(sign(addSeconds(opened, -5))).toEqual([]);
    expect(sign(addSeconds(opened, -6))).toEqual(["A sign-off was recorded before its stage was opened"]);
    expect(sign(decided, { over: { review: 2 } })).toEqual(["A sign-off was recorded before its stage was opened"]);
    expect(sign(decided, { over: { stage: 2 } })).toEqual(["A sign-off was recorded before its stage was opened"]);
  });

  it("come before their stage was decided", () => {
    expect(sign(addSeconds(decided, 5))).toEqual([]);
    expect(sign(addSeconds(decided, 6))).toEqual(["A sign-off was recorded after its stage was decided"]);
  });

  it("come before the verdict, whatever they say", () => {
    const over = { result: "reject" } as const;
    expect(sign(addSeconds(verdict, 5), { over })).toEqual([]);
    expect(sign(addSeconds(verdict, 6), { over })).toEqual(["A sign-off was recorded after the verdict"]);
    const lent = sayingIn(deployed.steps, "verdict", { loan: true });
    expect(sign(addSeconds(verdict, 6), { over, steps: lent })).toEqual([]);
  });

  it("come before the promotion ended, whatever they say", () => {
    const steps = withStep(deployed.steps, "stage-decided", ({ after }) => ({
      after: { ...after, status: "withdrawn" },
    }));
    const over = { result: "reject" } as const;
    expect(sign(addSeconds(decided, 5), { steps, over })).toEqual([]);
    expect(sign(addSeconds(decided, 6), { steps, over })).toEqual([
      "A sign-off was recorded after the promotion had ended",
    ]);
  });

  it("come before their review was over, unless they reject", () => {
    const steps = withStep(deployed.steps, "stage-decided", ({ record }) => ({
      record: { ...record, type: "seat-reopened", body: { from: "one", to: "other", fallen: [] } },
    }));
    expect(sign(addSeconds(decided, 5), { steps })).toEqual([]);
    expect(sign(addSeconds(decided, 6), { steps })).toEqual(["A sign-off was recorded after its review was over"]);
    expect(sign(addSeconds(decided, 6), { steps, over: { result: "reject" } })).toEqual([]);
  });

  it("come before the stage was over, unless they reject, and before the promotion had expired", () => {
    const deadline = addSeconds(opened, 30);
    const over = { result: "reject" } as const;
    const late = openedWith({ deadline });
    expect(sign(addSeconds(deadline, 4), { steps: late })).toEqual([]);
    expect(sign(addSeconds(deadline, 5), { steps: late })).toEqual([
      "A sign-off was recorded after its stage was over",
    ]);
    expect(sign(addSeconds(deadline, 5), { steps: late, over })).toEqual([]);
    const expired = openedWith({}, { expiresAt: deadline });
    const sentence = "A sign-off was recorded after the promotion had expired";
    expect(sign(addSeconds(deadline, 4), { steps: expired, over })).toEqual([]);
    expect(sign(addSeconds(deadline, 5), { steps: expired, over })).toEqual([sentence]);
  });

  it("leave the time that the stage takes for review, before an approval", () => {
    const minimum = (minimumReviewSeconds: number) =>
      deployed.steps.map((step) => {
        const { requirements } = step;
        if (requirements === undefined) return step;
        const stages = requirements.rule.stages.map((stage) => ({ ...stage, minimumReviewSeconds }));
        return { ...step, requirements: { ...requirements, rule: { ...requirements.rule, stages } } };
      });
    const steps = minimum(60);
    expect(sign(addSeconds(opened, 55), { steps })).toEqual([]);
    expect(sign(addSeconds(opened, 54), { steps })).toEqual([
      "A sign-off was recorded before the 60 seconds that its stage takes for review",
    ]);
    expect(sign(addSeconds(opened, 54), { steps, over: { result: "withdraw" } })).toEqual([]);
    expect(sign(addSeconds(opened, 1), { steps: minimum(0) })).toEqual([]);
  });

  it("of what is kept from elsewhere are not asked here", () => {
    const [cast] = by(deployed.held, cora, { recordedAt: addSeconds(opened, -3600) });
    if (cast === undefined) throw new Error("Nobody signed.");
    expect(recheckTimes(deployed.steps, [{ ...cast, kept: true }])).toEqual([]);
  });

  it("reach to the end of a loan, which gives the review its own", () => {
    const { steps, held } = ratified;
    const until = steps.find(({ record }) => record.type === "loan")?.after.loan?.until;
    const last = held.at(-1);
    if (until === undefined || last === undefined) throw new Error("Nothing was lent.");
    const open = steps.filter(({ record }) => !["stage-decided", "verdict"].includes(record.type));
    const at = (seconds: number, result: SignOff["result"] = "approve") =>
      recheckTimes(open, [
        { ...last, signOff: { ...last.signOff, result, recordedAt: addSeconds(until, seconds) } },
      ]).map(({ sentence }) => sentence.replace(/ \([0-9a-f]{64}\)$/, ""));
    expect(at(4)).toEqual([]);
    expect(at(5)).toEqual(["A sign-off was recorded after the promotion had expired"]);
    expect(at(5, "reject")).toEqual(["A sign-off was recorded after the promotion had expired"]);
  });
});

describe("the times of records", () => {
  const order = (steps: readonly Step[]) => recheckTimes(steps, []).map(({ sentence }) => sentence);

  it("follow each other, but for what clocks may differ by", () => {
    const moved = (seconds: number) =>
      withStep(deployed.steps, "gates", ({ record, before }) => ({
        record: { ...record, at: addSeconds(before?.history.at(-1)?.at ?? record.at, seconds) },
      }));
    const gates = deployed.steps.find(({ record }) => record.type === "gates");
    const earlier = gates?.before?.history.at(-1);
    expect(order(moved(-5))).toEqual([]);
    expect(order(moved(-6))).toEqual([
      `'${gates?.record.id}' says ${addSeconds(earlier?.at ?? ("" as Instant), -6)}, which is before '${earlier?.id}', which it follows.`,
    ]);
  });

  it("do not go back by a little each", () => {
    const gates = deployed.steps.findIndex(({ record }) => record.type === "gates");
    const from = momentOf(deployed.steps, "gates");
    const slower = deployed.steps.map((step, at) =>
      at <= gates ? step : { ...step, record: { ...step.record, at: addSeconds(from, -4 * (at - gates)) } },
    );
    const late = slower.slice(gates + 2).map(({ record }) => record);
    expect(order(slower).filter((sentence) => sentence.includes("which it follows"))).toEqual(
      late.map(
        ({ id, at }) => `'${id}' says ${at}, which is before '${deployed.steps[gates]?.record.id}', which it follows.`,
      ),
    );
  });

  it("give a stage no more than its rule has", () => {
    const expires = deployed.steps[0]?.after.expiresAt;
    if (expires === undefined) throw new Error("Nothing was asked.");
    const until = (deadline: Instant) => sayingIn(deployed.steps, "stage-opened", { deadline });
    expect(order(until(expires))).toEqual([]);
    expect(order(until(addSeconds(expires, 1)))).toEqual([
      "The stage 'compliance' was given more time than its rule has.",
    ]);
    const unknown = until(addSeconds(expires, 1)).map((step) => ({ ...step, requirements: undefined }));
    expect(order(unknown)).toEqual(["The stage '0' was given more time than its rule has."]);
    expect(order(until(expires).map((step) => ({ ...step, requirements: undefined })))).toEqual([]);
  });

  it("have no verdict that passes once the promotion had expired, but for the time that verification takes", () => {
    const at = momentOf(deployed.steps, "verdict");
    const expired = (seconds: number, body = {}) =>
      order(sayingIn(knowing(deployed.steps, "verdict", { expiresAt: addSeconds(at, seconds) }), "verdict", body));
    expect(expired(-904)).toEqual([]);
    expect(expired(-905)).toEqual(["The verdict is PASSED, but the promotion had expired."]);
    expect(expired(-905, { result: "FAILED" })).toEqual([]);
    expect(expired(-905, { loan: true })).toEqual([]);
  });
});
