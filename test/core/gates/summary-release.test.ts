import { describe, expect, it } from "vitest";
import type { ChangeAction, ChangeReading, PlannedInstances } from "../../../core/gates/facts.ts";
import type { Finding } from "../../../core/gates/gate-report.ts";
import { comparisons, infrastructureSummaries, kindMeasures } from "../../../core/gates/summary-release.ts";
import { factsOf, releaseOf } from "./told-facts.ts";

const finding = (over: Partial<Finding> = {}): Finding => ({
  ...{ rule: "unit-tests.failed", title: "", status: "passed", observed: 0, required: { max: 0 } },
  ...{ where: "t.xml#/testsuite", sentence: "" },
  ...over,
});

describe("kindMeasures", () => {
  const measure = { kind: "shadow-run", name: "psi", value: 0.05, where: "s.json#/psi" } as const;

  it("shows the bound of the rule of its own kind and name, and the interval that the report states", () => {
    const interval = { low: 0.02, high: 0.08, level: 0.95 };
    const measures = [
      { ...measure, interval },
      { ...measure, name: "requests", value: 900 },
    ];
    const findings = [finding(), finding({ rule: "shadow-run.psi", required: { max: 0.1 } })];
    expect(kindMeasures(factsOf({ measures }), findings)).toEqual([
      {
        ...{ kind: "shadow-run", title: "Population stability index (PSI)", value: 0.05, where: "s.json#/psi" },
        ...{ bound: { max: 0.1 }, margin: 0.05, interval },
      },
      { kind: "shadow-run", title: "Number of requests in shadow", value: 900, where: "s.json#/psi" },
    ]);
  });
});

describe("infrastructureSummaries", () => {
  const change = (action: ChangeAction, over: Partial<ChangeReading> = {}): ChangeReading => ({
    ...{ address: `${action} it`, type: "aws_instance", action, where: "p.json#/0", instances: [], allows: [] },
    ...over,
  });
  const large: PlannedInstances = { type: "ml.m5.large", count: 2 };
  const small: PlannedInstances = { type: "ml.m5.small", count: 1 };
  const summaryOf = (...changes: readonly ChangeReading[]) => {
    const [summary] = infrastructureSummaries(factsOf({ plans: [{ where: "p.json#/changes", changes }] }));
    return summary;
  };

  it("names the gravest changes first, each once", () => {
    const summary = summaryOf(change("create"), change("update"), change("delete"), change("replace"));
    expect(summary).toEqual({
      where: "p.json#/changes",
      counts: { create: 1, update: 1, replace: 1, delete: 1 },
      changes: ["delete", "replace", "update", "create"].map((action) => ({
        ...{ action, type: "aws_instance", address: `${action} it` },
      })),
      more: 0,
      machines: [],
    });
  });

  it("counts what it does not list: of changes, machines and plans", () => {
    const changes = Array.from({ length: 23 }, () => change("create", { instances: [large] }));
    const summary = summaryOf(...changes);
    expect(summary?.changes).toHaveLength(20);
    expect(summary?.more).toBe(3);
    expect(summary?.counts.create).toBe(23);
    expect(summary?.machines).toHaveLength(10);
    const plans = Array.from({ length: 7 }, (_, index) => ({ where: `${index}`, changes: [] }));
    expect(infrastructureSummaries(factsOf({ plans })).map(({ where }) => where)).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("shows the machines before beside those after", () => {
    const summary = summaryOf(change("update", { instances: [large], instancesBefore: [small] }), change("delete"));
    expect(summary).toMatchObject({ machines: [large], machinesBefore: [small] });
  });

  it("shows the machines that are taken away", () => {
    const summary = summaryOf(change("delete", { instancesBefore: [large] }));
    expect(summary).toMatchObject({ machines: [], machinesBefore: [large] });
  });

  it("leaves open which machines there are now where a plan does not tell of one that it changes", () => {
    const told = change("update", { instances: [small], instancesBefore: [small] });
    expect(summaryOf(told, change("replace", { instances: [large] }))?.machinesBefore).toBeNull();
  });

  it("has no machines before where all are new", () => {
    expect(summaryOf(change("create", { instances: [large] }))).not.toHaveProperty("machinesBefore");
  });

  it("does not take a changed resource without machines for one that keeps silent about them", () => {
    const summary = summaryOf(change("update"), change("update", { instances: [large], instancesBefore: [small] }));
    expect(summary?.machinesBefore).toEqual([small]);
  });

  it("says that a plan leaves open which machine and how many", () => {
    expect(summaryOf(change("create", { instances: [{ type: null, count: null }] }))?.machines).toEqual([
      { type: null, count: null },
    ]);
  });
});

describe("comparisons", () => {
  const auc = { name: "auc", value: 0.79, where: "q.json#/metrics/auc" };
  const f1 = { name: "f1", value: 0.6, where: "q.json#/metrics/f1" };
  const facet = (group: string, metric: string, value: number) => ({
    ...{ facet: "sex", group, metric, value, where: `b.json#/sex/${group}/${metric}` },
  });
  const female = facet("female", "DI", 0.9);
  const champion = releaseOf("1", {
    metrics: [
      { ...f1, value: 0.5 },
      { ...auc, value: 0.77 },
    ],
    facets: [
      { ...female, facet: "age", value: 0.1 },
      { ...female, metric: "RD", value: 0.2 },
      { ...female, group: "diverse", value: 0.3 },
      { ...female, value: 0.95 },
    ],
  });
  const facts = factsOf({
    metrics: [f1, auc],
    facets: [facet("diverse", "DI", 0.8), female],
    releases: [champion, releaseOf("0")],
  });
  const ofAuc = finding({ rule: "champion.quality.auc", observed: 0.79, required: { min: 0.75 }, where: auc.where });
  const ofSex = finding({
    rule: "champion.fairness.sex.DI",
    ...{ observed: 0.9, required: { min: 0.85 }, where: female.where },
  });

  it("shows a metric beside the champion's, with the bound that follows from it", () => {
    expect(comparisons(facts, [ofAuc])).toEqual([
      { title: "AUC", value: 0.79, where: auc.where, bound: { min: 0.75 }, margin: 0.04, before: 0.77 },
    ]);
  });

  it("shows the fairness of a group beside that of the same facet, group and metric of the champion", () => {
    expect(comparisons(facts, [ofSex])).toEqual([
      {
        ...{ title: "Disparate impact (DI) for sex", value: 0.9, where: female.where },
        ...{ bound: { min: 0.85 }, margin: 0.05, before: 0.95 },
      },
    ]);
  });

  it("says that the champion was not measured so", () => {
    const releases = [releaseOf("1"), champion];
    expect(comparisons({ ...facts, releases }, [ofAuc, ofSex]).map(({ before }) => before)).toEqual([null, null]);
  });

  it.each([
    ["nobody looked for a champion", null],
    ["there is none", []],
  ])("are none where %s", (_name, releases) => {
    expect(comparisons({ ...facts, releases }, [ofAuc, ofSex])).toEqual([]);
  });

  it.each<[string, Finding]>([
    ["a rule that compares nothing, of a metric", { ...ofAuc, rule: "quality.auc" }],
    ["a rule that compares nothing, of a group", { ...ofSex, rule: "fairness.sex.DI" }],
    ["a rule of another name that ends alike", { ...ofSex, rule: "strict.champion.fairness." }],
    ["a value that is missing", { ...ofAuc, observed: null }],
    ["a metric of which nothing was read at that place", { ...ofAuc, where: "q.json" }],
    ["a group of which nothing was read at that place", { ...ofSex, where: "b.json" }],
  ])("leave out %s", (_name, one) => {
    expect(comparisons(facts, [one])).toEqual([]);
  });
});
