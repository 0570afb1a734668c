import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applies,
  conditionText,
  factsAsked,
  hasConditions,
  type MatrixFacts,
  resolveRule,
} from "../../../core/approval/conditions.ts";
import type { ApprovalRule, Condition, Matrix } from "../../../core/approval/matrix.ts";
import { decidedRightly, requirementsOf } from "../../../core/approval/requirements.ts";
import { mostSeats } from "../../../core/approval/seats.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { codeOf } from "../refusal.ts";
import { evidence } from "./conditional-rule.ts";
import { one, roles, rule, stage } from "./people-and-votes.ts";

const lowAuc: Condition = { fact: "metric", name: "auc", below: 0.8 };
const bigPlan: Condition = { fact: "infrastructureChanges", atLeast: 10 };
const first: Condition = { fact: "release", oneOf: ["first"] };
const conditional = rule(
  stage("compliance", one("compliance"), { when: [lowAuc] }),
  stage("operations", { all: [one("data"), { ...one("sre"), when: [bigPlan] }] }),
  stage("last", { any: [one("a", 2), { ...one("b"), when: [{ fact: "metric", name: "auc", atLeast: 0.9 }] }] }),
);
const asked = (facts: MatrixFacts) =>
  resolveRule(conditional, facts).stages.map(({ name, requires }) => [name, requires]);

describe("a rule with conditions", () => {
  it("asks for what holds, and says why", () => {
    expect(asked(evidence([0.75], 12))).toEqual([
      ["compliance", one("compliance")],
      [
        "operations",
        {
          all: [
            one("data"),
            {
              ...one("sre"),
              because: "the number of resources that the infrastructure plan changes is at least 10",
            },
          ],
        },
      ],
      ["last", { any: [one("a", 2)] }],
    ]);
    expect(resolveRule(conditional, evidence([0.75], 0)).stages[0]?.because).toBe("the metric 'auc' is below 0.8");
  });

  it("asks for no more than that", () => {
    expect(asked(evidence([0.95], 9))).toMatchObject([
      ["operations", { all: [one("data")] }],
      ["last", { any: [one("a", 2), one("b")] }],
    ]);
  });

  it("takes a bound itself for what is at least that, and not for what is below", () => {
    expect(asked(evidence([0.8], 10)).map(([name]) => name)).toEqual(["operations", "last"]);
    expect(asked(evidence([0.9], 10))).toMatchObject([{}, ["last", { any: [one("a", 2), one("b")] }]]);
  });

  it.each(["riskTier", "dataClass", "release"] as const)("goes by %s where that is one of those named", (fact) => {
    const of = (value: string) =>
      applies({ ...rule(stage("a", one("a"))), when: [{ fact, oneOf: ["first"] }] }, { [fact]: value });
    expect([of("first"), of("update")]).toEqual([true, false]);
  });

  it("asks for the least before the evidence was read", () => {
    expect(asked({})).toMatchObject([
      ["operations", { all: [one("data")] }],
      ["last", { any: [one("a", 2), one("b")] }],
    ]);
  });

  it("is refused where the evidence should decide and says nothing, or two things", () => {
    expect(codeOf(() => asked(evidence([], 1)))).toMatchObject({
      code: "missing-evidence",
      sentence: "The approval matrix decides by the metric 'auc', and the evidence does not state it.",
    });
    expect(codeOf(() => asked(evidence([0.7])))).toMatchObject({ code: "missing-evidence" });
    expect(codeOf(() => asked(evidence([0.7, 0.9], 1)))).toEqual({
      code: "invalid-evidence",
      sentence:
        "The approval matrix decides by the metric 'auc', and the evidence states values on both sides of its bound.",
    });
    expect(asked(evidence([0.7, 0.79], 1))).toHaveLength(3);
  });

  it.each<[Condition, string]>([
    [{ fact: "riskTier", oneOf: ["high"] }, "the risk tier is 'high'"],
    [{ fact: "dataClass", oneOf: ["public", "personal"] }, "the data's class is one of 'public' and 'personal'"],
    [first, "the release is 'first'"],
    [{ fact: "metric", name: "auc", atLeast: 0.5, below: 0.8 }, "the metric 'auc' is at least 0.5 and below 0.8"],
    [
      { fact: "infrastructureChanges", below: 3 },
      "the number of resources that the infrastructure plan changes is below 3",
    ],
  ])("says why in words: %j", (condition, words) => {
    expect(conditionText(condition)).toBe(words);
  });

  it("says every condition that a stage is asked for because of", () => {
    const both = rule(stage("s", one("a"), { when: [lowAuc, first] }));
    expect(resolveRule(both, { release: "first", ...evidence([0.7]) }).stages[0]?.because).toBe(
      "the metric 'auc' is below 0.8 and the release is 'first'",
    );
  });

  it("has conditions wherever one stands, and none where none does", () => {
    expect(hasConditions(rule(stage("s", { any: [one("a"), { ...one("b"), when: [first] }] })))).toBe(true);
    expect(hasConditions(rule(stage("s", one("a"), { when: [first] })))).toBe(true);
    expect(hasConditions({ ...rule(stage("s", one("a"))), when: [first] })).toBe(true);
    expect(hasConditions(rule(stage("s", one("a"))))).toBe(false);
  });

  it("is not applied where only the evidence could tell, and fails where nobody knows the candidate's class", () => {
    expect(applies({ ...rule(stage("s", one("a"))), when: [lowAuc] }, {})).toBe(false);
    const tiered: ApprovalRule = { ...rule(stage("s", one("a"))), when: [{ fact: "riskTier", oneOf: ["low"] }] };
    expect(codeOf(() => applies(tiered, {}))).toEqual({
      code: "internal",
      sentence: "The risk tier of this promotion is not known.",
    });
    expect(applies(tiered, { riskTier: "low" })).toBe(true);
    expect(applies(tiered, { riskTier: "high" })).toBe(false);
  });

  it("needs of what is known as much as it asks about", () => {
    const known: MatrixFacts = {
      riskTier: "high",
      dataClass: "public",
      release: "first",
      evidence: { metrics: { auc: [0.7], f1: [0.6] }, infrastructureChanges: 2 },
    };
    const metrics = { auc: [0.7] };
    expect(factsAsked([{ fact: "riskTier", oneOf: ["low"] }], known)).toEqual({ riskTier: "high" });
    expect(factsAsked([{ fact: "dataClass", oneOf: ["public"] }, first], known)).toEqual({
      dataClass: "public",
      release: "first",
    });
    expect(factsAsked([lowAuc], known)).toEqual({ evidence: { metrics } });
    expect(factsAsked([bigPlan], known)).toEqual({ evidence: { metrics: {}, infrastructureChanges: 2 } });
    expect(factsAsked([lowAuc, first, bigPlan], {})).toEqual({});
    expect(factsAsked([lowAuc], { evidence: { metrics: {} } })).toEqual({ evidence: { metrics: {} } });
  });

  it("asks for all the more the more holds, so that leaving something out lowers no bar", () => {
    const only = rule(
      stage("s", { all: [one("a"), { ...one("b"), when: [lowAuc] }, { ...one("c"), when: [bigPlan] }] }),
    );
    const seats = (facts: MatrixFacts) => mostSeats(resolveRule(only, facts).stages[0]?.requires ?? { all: [] });
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), (auc, changes) => {
        expect(seats(evidence([auc], changes))).toBe(1 + Number(auc < 0.8) + Number(changes >= 10));
        expect(seats({})).toBe(1);
      }),
    );
  });
});

describe("the requirements of a conditional matrix", () => {
  const strict: ApprovalRule = { ...rule(stage("strict", one("a", 2))), when: [first] };
  const matrix: Matrix = { matrixVersion: 1, roles, rules: [strict, conditional] };
  const gatePolicy = { wasm: digestOf("wasm"), thresholds: null };
  const of = (facts: MatrixFacts, over: Partial<Matrix> = {}) =>
    requirementsOf({
      matrix: { ...matrix, ...over },
      modelType: "credit-scoring",
      target: "production",
      gatePolicy,
      facts,
    });

  it("follow the first rule whose conditions hold", () => {
    expect(of({ release: "first" }).document.rule.stages[0]?.name).toBe("strict");
    expect(of({ release: "update", ...evidence([0.7], 0) }).document.rule.stages[0]?.name).toBe("compliance");
  });

  it("keep the facts that were asked about, and no others", () => {
    const { document } = of({ release: "update", riskTier: "high", ...evidence([0.7], 0) });
    expect(document.decided?.facts).toEqual({
      release: "update",
      evidence: { metrics: { auc: [0.7] }, infrastructureChanges: 0 },
    });
    expect(document.decided?.passedOver).toEqual([[first]]);
    expect(of({ release: "first" }).document.decided?.facts).toEqual({ release: "first" });
  });

  it("have another digest where a fact is another, and can be decided again by whoever reads them", () => {
    const low = of({ release: "update", ...evidence([0.7], 0) });
    expect(of({ release: "update", ...evidence([0.71], 0) }).sha256).not.toBe(low.sha256);
    expect(decidedRightly(low.document)).toBe(true);
    const { decided = expect.unreachable() } = low.document;
    const softened = {
      ...low.document,
      decided: { ...decided, facts: { release: "update", ...evidence([0.9], 0) } as const },
    };
    expect(decidedRightly(softened)).toBe(false);
    expect(decidedRightly({ ...low.document, decided: { ...decided, passedOver: [[]] } })).toBe(false);
  });

  it("are refused where no rule is for such a candidate, naming what the rules ask", () => {
    expect(codeOf(() => of({ release: "update" }, { rules: [strict] }))).toMatchObject({
      code: "unknown-target",
      sentence:
        "The approval matrix has a rule for 'credit-scoring' in the target 'production', but none for a candidate like this: the release is 'first'.",
    });
  });

  it("do not change with a window in the calendar", () => {
    const window = {
      name: "w",
      zone: "UTC",
      when: { weekly: { from: { day: 0, minute: 0 }, until: { day: 1, minute: 0 } } },
      exceptions: [],
    };
    const facts = { release: "first" } as const;
    expect(of(facts, { freezeWindows: [window] }).sha256).toBe(of(facts).sha256);
  });
});
