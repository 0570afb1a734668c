import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { checkQuorums } from "../../../core/policy/check-quorums.ts";
import { checkRoles } from "../../../core/policy/check-roles.ts";
import type { Note } from "../../../core/policy/policy-files.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { person } from "./policy-texts.ts";

/** A matrix with these rules, each of which is written as its stages are. */
function matrixOf(rules: readonly string[], more = "", role = ""): Matrix {
  const text = `matrixVersion: 1
classification: { riskTiers: [low, high], models: {} }
roles:
  officer: { title: Officer, groups: [officers]${role} }
  sre: { title: Engineer, groups: [sre] }
rules:
${rules.map((rule) => `  - { modelType: scoring, target: production, expiresAfter: 1d, ${rule} }`).join("\n")}
${more}`;
  return requireLoaded("matrix.yaml", loadMatrix(text));
}

const stages = (requires: string) => `stages: [{ name: look, requires: ${requires} }]`;
const ada = person("Ada", "officers");
const bo = person("Bo", "officers");
const sam = person("Sam", "sre");
const everybody = [ada, bo, sam];

function checked(matrix: Matrix, members: readonly Member[] = everybody) {
  const told: string[] = [];
  const note: Note = (severity, file, path, sentence) =>
    void told.push(`${severity} ${file} ${path.join(".")}: ${sentence}`);
  return { rules: checkQuorums(matrix, [], members, note), roles: checkRoles(matrix, members, note), told };
}

describe("the quorum of a rule", () => {
  it("is reached where distinct people are there, with nobody who could not be spared", () => {
    const { rules, told } = checked(matrixOf([stages("{ role: officer }")]), [ada, bo]);
    expect(rules).toEqual([
      { number: 1, modelType: "scoring", target: "production", seats: 1, cases: 1, reachable: "always", dependsOn: [] },
    ]);
    expect(told).toEqual(["warning matrix.yaml roles.sre: No rule asks for the role 'sre'.", expect.any(String)]);
  });

  it("names everybody without whom it cannot be reached, by name", () => {
    const both = [stages("{ all: [{ role: officer, count: 2 }, { role: sre }] }")];
    const { rules, told } = checked(matrixOf(both));
    expect(rules).toMatchObject([{ seats: 3, reachable: "always", dependsOn: ["Ada", "Bo", "Sam"] }]);
    expect(told).toEqual([
      "warning matrix.yaml rules.0: Without 'Ada', 'Bo' and 'Sam' its quorum cannot be reached: a hand of theirs in the candidate, or an absence, stops it.",
    ]);
  });

  it("does not count an account that is disabled", () => {
    const { rules, told } = checked(matrixOf([stages("{ role: officer, count: 2 }")]), [
      ada,
      { ...bo, enabled: false },
    ]);
    expect(rules).toMatchObject([{ reachable: "never", dependsOn: [] }]);
    expect(told[0]).toMatch(/^error matrix\.yaml rules\.0: Its quorum cannot be reached\. [^{]*$/);
  });

  it("is looked at over all stages: the most that the rule can ask for", () => {
    const two =
      "stages: [{ name: a, requires: { role: officer } }, { name: b, requires: { any: [{ role: officer }, { role: officer, count: 2 }] } }]";
    expect(checked(matrixOf([two])).rules).toMatchObject([{ seats: 3, reachable: "always" }]);
  });

  it("is looked at in the cases that are left by the rules before", () => {
    const high = `when: { riskTier: high }, ${stages("{ role: officer, count: 3 }")}`;
    const rest = stages("{ role: officer, when: { riskTier: high }, count: 3 }").replace(
      "requires:",
      "requires: { all: [{ role: sre },",
    );
    const { rules, told } = checked(matrixOf([high, rest.replace("count: 3 } }]", "count: 3 }] } }]")]));
    expect(rules).toMatchObject([
      { number: 1, cases: 1, reachable: "never" },
      { number: 2, cases: 1, seats: 1, reachable: "always" },
    ]);
    expect(told[0]).toMatch(/^error matrix\.yaml rules\.0: /);
  });

  it("tells in which cases it cannot be reached, five of them at most", () => {
    const tiers = stages(
      "{ all: [{ role: sre }, { role: officer, count: 3, when: { metrics: { auc: { below: 0.75 } } } }, { role: officer, count: 4, when: { metrics: { f1: { below: 0.5 } } } }, { role: officer, count: 2, when: { infrastructureChanges: { atLeast: 1 } } }] }",
    );
    const { rules, told } = checked(matrixOf([tiers]));
    expect(rules).toMatchObject([{ cases: 8, reachable: "in-some-cases" }]);
    const cannot = told.filter((each) => each.includes("cannot be reached"));
    expect(cannot).toHaveLength(5);
    expect(cannot[0]).toMatch(
      / Where the facts are \{"evidence":\{"infrastructureChanges":0,"metrics":\{"auc":\[-0\.25\],"f1":\[-0\.5\]\}\}\}\.$/,
    );
  });

  it("is not looked at where there are more cases than can be tried", () => {
    const parts = Array.from(
      { length: 12 },
      (_, at) => `{ role: officer, when: { metrics: { m${at}: { below: 1 } } } }`,
    );
    const { rules, told } = checked(matrixOf([stages(`{ any: [{ role: sre }, ${parts.join(", ")}] }`)]));
    expect(rules).toEqual([{ number: 1, modelType: "scoring", target: "production", seats: 1 }]);
    expect(told).toContain(
      "warning matrix.yaml rules.0: Its conditions have more cases than can be tried; quorums were not looked at.",
    );
  });

  it("is looked at for a change of the policies too, by that name", () => {
    const change = `policyChange: { expiresAfter: 1d, excludes: [requester], ${stages("{ role: officer, count: 3 }")} }`;
    const { rules, told } = checked(matrixOf([stages("{ role: sre }")], change), [ada, bo, sam, person("Sid", "sre")]);
    expect(rules).toMatchObject([
      { number: 1, reachable: "always" },
      { number: 2, modelType: "policy", target: "policies", seats: 3, reachable: "never" },
    ]);
    expect(told).toEqual([expect.stringMatching(/^error matrix\.yaml policyChange: Its quorum cannot be reached\. /)]);
  });

  it("is not looked at without a directory", () => {
    const note: Note = () => {};
    const matrix = matrixOf([stages("{ role: officer }")]);
    expect(checkQuorums(matrix, [], undefined, note)).toEqual([
      { number: 1, modelType: "scoring", target: "production", seats: 1, cases: 1 },
    ]);
    expect(checkRoles(matrix, undefined, note)).toEqual([
      { role: "officer", title: "Officer", asked: true },
      { role: "sre", title: "Engineer", asked: false },
    ]);
  });
});

describe("a role", () => {
  it("is told with those who hold it, by name, and whether any rule asks for it", () => {
    expect(checked(matrixOf([stages("{ role: officer }")]), [bo, ada, { ...sam, enabled: false }]).roles).toEqual([
      { role: "officer", title: "Officer", asked: true, holders: ["Ada", "Bo"] },
      { role: "sre", title: "Engineer", asked: false, holders: [] },
    ]);
  });

  it("that nobody holds is an error where a rule asks for it, and else a warning", () => {
    const { told } = checked(matrixOf([stages("{ role: officer }")]), [{ ...sam, enabled: false }]);
    expect(told.slice(1)).toEqual([
      "error matrix.yaml roles.officer: Nobody holds the role 'officer': nobody is in 'officers'.",
      "warning matrix.yaml roles.sre: No rule asks for the role 'sre'.",
      "warning matrix.yaml roles.sre: Nobody holds the role 'sre': every account is disabled.",
    ]);
  });

  it("says whose people would hold it", () => {
    const elsewhere = matrixOf([stages("{ role: officer }")], "", ", issuers: [https://other.example]");
    expect(checked(elsewhere).told).toContain(
      "error matrix.yaml roles.officer: Nobody holds the role 'officer': nobody of 'https://other.example' is in 'officers'.",
    );
  });
});
