import { describe, expect, it } from "vitest";
import type { ApprovalRule, Classification, Condition, Requirement } from "../../../core/approval/matrix.ts";
import { casesOf } from "../../../core/policy/rule-cases.ts";

const classification: Classification = {
  riskTiers: ["low", "medium", "high"],
  dataClasses: ["public", "personal"],
  models: {},
};

/** A rule with a stage that is always asked for, and one for each list of conditions. */
function rule(conditions: readonly (readonly Condition[])[] = [], when?: readonly Condition[]): ApprovalRule {
  const stage = (name: string) => ({
    name,
    requires: { role: "sre", count: 1 },
    minimumReviewSeconds: 0,
    rejectionsToStop: 1,
  });
  return {
    modelType: "scoring",
    target: "production",
    expiresAfterSeconds: 60,
    excludes: [],
    ...(when === undefined ? {} : { when }),
    stages: [stage("always"), ...conditions.map((each, at) => ({ ...stage(`stage ${at + 1}`), when: each }))],
  };
}

/** In each case: the facts that it stands for, and the stages that are asked for then. */
function cases(
  of: ApprovalRule,
  before: readonly ApprovalRule[] = [],
  scales: Classification | undefined = classification,
) {
  return casesOf(of, before, scales)?.map(({ facts, rule: { stages } }) => ({
    facts,
    stages: stages.map(({ name }) => name).slice(1),
  }));
}

const nothing = { metrics: {}, infrastructureChanges: 0 };
const metric = (name: string, bounds: { readonly atLeast?: number; readonly below?: number }): Condition => ({
  fact: "metric",
  name,
  ...bounds,
});

describe("the cases of a rule", () => {
  it("are one where nothing is conditional: a first release in the highest tier and class", () => {
    expect(cases(rule())).toEqual([
      { facts: { riskTier: "high", dataClass: "personal", release: "first", evidence: nothing }, stages: [] },
    ]);
    expect(casesOf(rule(), [], undefined)?.map(({ facts }) => facts)).toEqual([
      { riskTier: "", dataClass: "", release: "first", evidence: nothing },
    ]);
  });

  it("tell tiers apart where a condition asks for one, and give once what comes to the same", () => {
    expect(cases(rule([[{ fact: "riskTier", oneOf: ["high"] }]]))).toMatchObject([
      { facts: { riskTier: "low", dataClass: "personal" }, stages: [] },
      { facts: { riskTier: "high", dataClass: "personal" }, stages: ["stage 1"] },
    ]);
  });

  it("tell classes of data and kinds of release apart, each combination", () => {
    const conditional = rule([[{ fact: "dataClass", oneOf: ["public"] }], [{ fact: "release", oneOf: ["update"] }]]);
    expect(cases(conditional)).toMatchObject([
      { facts: { riskTier: "high", dataClass: "public", release: "first" }, stages: ["stage 1"] },
      { facts: { riskTier: "high", dataClass: "public", release: "update" }, stages: ["stage 1", "stage 2"] },
      { facts: { riskTier: "high", dataClass: "personal", release: "first" }, stages: [] },
      { facts: { riskTier: "high", dataClass: "personal", release: "update" }, stages: ["stage 2"] },
    ]);
  });

  it.each([0.5, -0.5, 2 ** 53, -(2 ** 60), 1e300])("have a number below a bound, and the bound itself: %d", (bound) => {
    expect(cases(rule([[metric("rows", { below: bound })]]))?.map(({ stages }) => stages)).toEqual([["stage 1"], []]);
  });

  it("take the highest of a scale that has no tiers for none", () => {
    const withoutScale: Classification = { riskTiers: [], dataClasses: [], models: {} };
    expect(cases(rule([[{ fact: "riskTier", oneOf: ["high"] }]]), [], withoutScale)).toMatchObject([
      { facts: { riskTier: "" }, stages: [] },
    ]);
  });

  it("have a number below every bound and one from each bound on, by metric", () => {
    const [below, above] = [metric("auc", { below: 0.9 }), metric("auc", { atLeast: 0.1 })];
    expect(cases(rule([[below], [above]]))).toMatchObject([
      { facts: { evidence: { metrics: { auc: [-0.9] } } }, stages: ["stage 1"] },
      { facts: { evidence: { metrics: { auc: [0.1] } } }, stages: ["stage 1", "stage 2"] },
      { facts: { evidence: { metrics: { auc: [0.9] } } }, stages: ["stage 2"] },
    ]);
    const [auc, f1] = [metric("auc", { below: 0.75 }), metric("f1", { below: 0.5 })];
    expect(cases(rule([[auc], [f1]]))?.map(({ facts }) => facts.evidence)).toEqual([
      { metrics: { auc: [-0.25], f1: [-0.5] }, infrastructureChanges: 0 },
      { metrics: { auc: [-0.25], f1: [0.5] }, infrastructureChanges: 0 },
      { metrics: { auc: [0.75], f1: [-0.5] }, infrastructureChanges: 0 },
      { metrics: { auc: [0.75], f1: [0.5] }, infrastructureChanges: 0 },
    ]);
  });

  it("have a number on each side of the changes that the plan may make, beside the metrics", () => {
    const changes: Condition = { fact: "infrastructureChanges", atLeast: 10 };
    expect(cases(rule([[changes], [metric("auc", { below: 0.5 })]]))).toMatchObject([
      { facts: { evidence: { metrics: { auc: [-0.5] }, infrastructureChanges: 9 } }, stages: ["stage 2"] },
      { facts: { evidence: { metrics: { auc: [-0.5] }, infrastructureChanges: 10 } }, stages: ["stage 1", "stage 2"] },
      { facts: { evidence: { metrics: { auc: [0.5] }, infrastructureChanges: 9 } }, stages: [] },
      { facts: { evidence: { metrics: { auc: [0.5] }, infrastructureChanges: 10 } }, stages: ["stage 1"] },
    ]);
  });

  it("look into the parts of what is required", () => {
    const requires: Requirement = {
      all: [
        { role: "sre", count: 1 },
        { role: "officer", count: 2, when: [{ fact: "release", oneOf: ["update"] }] },
      ],
    };
    const { stages, ...rest } = rule();
    const nested = { ...rest, stages: stages.map((stage) => ({ ...stage, requires })) };
    expect(casesOf(nested, [], classification)?.map((each) => each.rule.stages[0]?.requires)).toEqual([
      { all: [{ role: "sre", count: 1 }] },
      {
        all: [
          { role: "sre", count: 1 },
          { role: "officer", count: 2, because: "the release is 'update'" },
        ],
      },
    ]);
  });

  it("are those in which the rule applies: its own conditions hold, and no rule before it does", () => {
    const high: Condition = { fact: "riskTier", oneOf: ["high"] };
    const first: Condition = { fact: "release", oneOf: ["first"] };
    expect(cases(rule([], [{ fact: "riskTier", oneOf: ["medium"] }]))).toMatchObject([
      { facts: { riskTier: "medium" } },
    ]);
    expect(cases(rule(), [rule([], [high]), rule([], [first])])).toMatchObject([
      { facts: { riskTier: "low", release: "update" } },
    ]);
    expect(cases(rule(), [rule()])).toEqual([]);
  });

  it("are not told where there are more than can be tried", () => {
    const metrics = (count: number) => Array.from({ length: count }, (_, at) => [metric(`m${at}`, { below: 1 })]);
    // Two for each metric, and two kinds of release.
    expect(cases(rule(metrics(11)))).toHaveLength(2048);
    expect(cases(rule(metrics(12)))).toBeUndefined();
  });
});
