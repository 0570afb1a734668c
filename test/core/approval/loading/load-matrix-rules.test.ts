import { describe, expect, it } from "vitest";
import { allDuties, loadMatrix } from "../../../../core/approval/loading/load-matrix.ts";
import { countWays, waysToMeet } from "../../../../core/approval/seats.ts";
import { requireLoaded } from "../../../../core/encoding/policy-file.ts";
import { base, problems } from "../matrix-text.ts";

describe("the ways to meet a requirement", () => {
  it("are all combinations, those that ask for the same roles once", () => {
    const either = {
      any: [
        { role: "a", count: 1 },
        { role: "b", count: 2 },
      ],
    };
    const both = { all: [either, either] };
    expect(countWays(both)).toBe(4);
    expect(waysToMeet(both).map((way) => way.map(({ role, leaf }) => `${role}@${leaf}`).join(" "))).toEqual([
      "a@0.0 a@1.0",
      "a@0.0 b@1.1 b@1.1",
      "b@0.1 b@0.1 b@1.1 b@1.1",
    ]);
  });
});

describe("who may see how decisions are taken", () => {
  const learning = (text: string) => problems("rules:", `learning: ${text}\nrules:`);

  it("is named by role, from twenty decisions on unless it says otherwise", () => {
    const read = (text: string) => requireLoaded("matrix.yaml", loadMatrix(base.replace("rules:", `${text}\nrules:`)));
    expect(read("learning: { seenBy: [officer] }").learning).toEqual({ seenBy: ["officer"], fewestDecisions: 20 });
    expect(read("").learning).toBeUndefined();
  });

  it("is refused for roles that nobody knows, and for so few decisions that they say nothing", () => {
    expect(learning("{ seenBy: [boss] }")).toEqual([
      "10 learning.seenBy[0]: There is no role 'boss'; known are 'sre' and 'officer'.",
    ]);
    expect(learning("{ seenBy: [officer], fewestDecisions: 4 }")).toEqual([
      "10 learning.fewestDecisions: At least 5: fewer decisions say nothing about anybody.",
    ]);
  });
});

describe("what becomes of what runs", () => {
  const complaints = (...lines: readonly string[]) =>
    problems("    expiresAfter: 5d", ["    expiresAfter: 5d", ...lines.map((line) => `    ${line}`)].join("\n"));

  it.each([
    [["onDrift: keep"]],
    [["onDrift: previous", "ifNotReapproved: stop"]],
    [["ifNotReapproved: previous"]],
    [["onDrift: stop", "onIntruder: take-back"]],
    [["onIntruder: report"]],
  ])("may be %j", (lines) => {
    expect(complaints(...lines)).toEqual([]);
  });

  it.each([
    [["onDrift: delete"], "14 rules[0].onDrift: This must be one of 'keep', 'previous' and 'stop'."],
    [["ifNotReapproved: keep"], "14 rules[0].ifNotReapproved: This must be one of 'previous' and 'stop'."],
    [["onIntruder: stop"], "14 rules[0].onIntruder: This must be one of 'report' and 'take-back'."],
    [
      ["onDrift: stop", "ifNotReapproved: previous"],
      "15 rules[0].ifNotReapproved: This goes no further than 'onDrift: stop', which was done before.",
    ],
  ])("is not %j", (lines, sentence) => {
    expect(complaints(...lines)).toEqual([sentence]);
  });
});

describe("who signs for other policies", () => {
  const change = (excludes: string) =>
    problems(
      /$/,
      `policyChange:\n  expiresAfter: 5d\n${excludes}  stages: [{ name: policy, requires: { role: officer } }]\n`,
    );

  it("stands beside the rules, and under none of them", () => {
    const text = `${base}policyChange:\n  expiresAfter: 5d\n  stages: [{ name: board, requires: { role: officer, count: 2 } }]\n`;
    expect(requireLoaded("m", loadMatrix(text)).policyChange).toEqual({
      expiresAfterSeconds: 432_000,
      excludes: allDuties,
      stages: [
        { name: "board", requires: { role: "officer", count: 2 }, minimumReviewSeconds: 0, rejectionsToStop: 1 },
      ],
    });
    expect(problems("modelType: scoring", "modelType: policy")).toEqual([
      "11 rules[0].modelType: Who signs for a change of the policies stands under 'policyChange'.",
    ]);
  });

  it("is never whoever proposes them", () => {
    expect(change("")).toEqual([]);
    expect(change("  excludes: [requester]\n")).toEqual([]);
    const refused =
      "policyChange.excludes: Whoever proposes other policies never signs for them: 'requester' stands here.";
    expect(change("  excludes: []\n")).toEqual([expect.stringContaining(refused)]);
    expect(change("  excludes: [trained-the-model]\n")).toEqual([expect.stringContaining(refused)]);
  });
});

describe("what approvers may ask of a release", () => {
  it.each([
    ["forbidden", "forbidden"],
    ["{ allowed: [trafficPercent, errorPercent] }", { allowed: ["errorPercent", "trafficPercent"] }],
    ["{ maximumDuration: 30d }", { maximumSeconds: 2_592_000 }],
  ])("may be %s", (conditions, read) => {
    const text = base.replace("    stages:", `    conditions: ${conditions}\n    stages:`);
    expect(requireLoaded("m", loadMatrix(text)).rules[0]?.conditions).toEqual(read);
  });
});

describe("how seats are lent", () => {
  const loan = "loan: { roles: [officer, sre], maximum: 4h, budget: { loans: 2, per: quarter } }";

  it("may be said", () => {
    const text = base.replace("    stages:", `    ${loan}\n    stages:`);
    expect(requireLoaded("m", loadMatrix(text)).rules[0]?.loan).toEqual({
      roles: ["officer", "sre"],
      maximumSeconds: 14_400,
      budget: { loans: 2, per: "quarter" },
    });
  });

  it.each([
    ["maximum: 4h", "maximum: 8d", "14 rules[0].loan.maximum: The duration must be between 1m and 7d."],
    ["maximum: 4h", "maximum: 30s", "14 rules[0].loan.maximum: The duration must be between 1m and 7d."],
    ["per: quarter", "per: week", "14 rules[0].loan.budget.per: This must be one of 'month', 'quarter' and 'year'."],
    ["loans: 2", "loans: 0", "14 rules[0].loan.budget.loans: This must be a whole number from 1 to 100."],
    ["[officer, sre]", "[]", "14 rules[0].loan.roles: The list is empty."],
    ["[officer, sre]", "[officer, officer]", "14 rules[0].loan.roles: 'officer' stands here twice."],
    ["[officer, sre]", "[nobody]", "14 rules[0].loan.roles[0]: This must be one of 'sre' and 'officer'."],
    [", budget: { loans: 2, per: quarter }", "", "14 rules[0].loan: The field 'budget' is missing."],
  ])("is refused for a loan with %s as %s, with the line", (from, to, problem) => {
    expect(problems("    stages:", `    ${loan.replace(from, to)}\n    stages:`)).toEqual([problem]);
  });
});

describe("how a candidate runs in shadow", () => {
  const shadow = "shadow: { duration: 2h, requests: 500, agreement: 0.95, psi: 0.2 }";

  it("may be said", () => {
    const answers = "{ list: /predictions, score: /score, decision: /label }";
    const whole = `shadow: { duration: 2h, requests: 500, within: 3d, errorPercent: 1, p95Milliseconds: 200, answers: ${answers}, required: true }`;
    const read = (text: string) =>
      requireLoaded("m", loadMatrix(base.replace("    stages:", `    ${text}\n    stages:`))).rules[0]?.shadow;
    expect(read(whole)).toEqual({
      durationSeconds: 7200,
      requests: 500,
      withinSeconds: 259_200,
      errorPercent: 1,
      p95Milliseconds: 200,
      answers: { list: "/predictions", score: "/score", decision: "/label" },
      required: true,
    });
    expect(read(shadow)).toMatchObject({ withinSeconds: 7200 + 86_400 });
  });

  it.each([
    [
      "agreement: 0.95, psi: 0.2",
      "within: 1d",
      "14 rules[0].shadow: Nothing would be judged: name one at least of agreement, errorPercent, p95Milliseconds and psi.",
    ],
    ["psi: 0.2", "within: 1h", "14 rules[0].shadow.within: It runs for 2h at least, so it is not over before."],
    [
      "psi: 0.2",
      "within: 5d",
      "14 rules[0].shadow.within: It may run for 5d, and the promotion is over after 5d: nobody could be asked in time.",
    ],
    [
      "duration: 2h",
      "duration: 6d",
      "14 rules[0].shadow: It may run for 7d, and the promotion is over after 5d: nobody could be asked in time.",
    ],
    [
      "duration: 2h",
      "duration: 2",
      "14 rules[0].shadow.duration: This must be a duration: a whole number with s, m, h or d, such as 90m, 4h or 5d.",
    ],
    ["requests: 500", "requests: 20001", "14 rules[0].shadow.requests: This must be a whole number from 1 to 20000."],
    ["requests: 500, ", "", "14 rules[0].shadow: The field 'requests' is missing."],
    ["agreement: 0.95", "agreement: 95", "14 rules[0].shadow.agreement: This must be a number from 0 to 1."],
    ["psi: 0.2", "psi: -1", "14 rules[0].shadow.psi: This must be a number from 0 to 100."],
    [
      "psi: 0.2",
      "required: false",
      "14 rules[0].shadow.required: This must be true; leave the field out where a first release may go on without.",
    ],
    [
      "psi: 0.2",
      "answers: { score: score }",
      "14 rules[0].shadow.answers.score: This must be a JSON pointer (RFC 6901), such as /predictions.",
    ],
    [
      "psi: 0.2",
      "answers: { decision: /label, threshold: 0.5 }",
      "14 rules[0].shadow.answers.threshold: The decision is named already: a threshold is for scores alone.",
    ],
  ])("is refused for a run with %s as %s, with the line", (from, to, problem) => {
    expect(problems("    stages:", `    ${shadow.replace(from, to)}\n    stages:`)).toEqual([problem]);
  });
});
