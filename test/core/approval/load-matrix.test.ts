import { describe, expect, it } from "vitest";
import { allDuties, loadMatrix } from "../../../core/approval/load-matrix.ts";
import { countWays, maximumWays, waysToMeet } from "../../../core/approval/seats.ts";
import { describeProblems, requireLoaded } from "../../../core/encoding/policy-file.ts";

const base = `matrixVersion: 1
roles:
  sre:
    title: SRE
    groups: [sre]
    judges: [infrastructure]
  officer:
    title: Officer
    groups: [officers]
rules:
  - modelType: scoring
    target: production
    expiresAfter: 5d
    stages:
      - name: first look
        requires: { role: officer, count: 2 }
        minimumReview: 90m
        deadline: 2d
        rejectionsToStop: 3
      - name: operations
        requires:
          any:
            - role: sre
            - all: [{ role: officer }, { role: sre }]
`;

/** The problems of the base with one passage replaced, as `line path: sentence`. */
function problems(from: string | RegExp, to: string): readonly string[] {
  const text = base.replace(from, to);
  expect(text).not.toBe(base);
  const loaded = loadMatrix(text);
  return loaded.kind === "loaded"
    ? []
    : loaded.problems.map(({ line, path, sentence }) => `${line} ${path}: ${sentence}`);
}

describe("a matrix", () => {
  it("is read with durations in seconds and defaults filled in", () => {
    const matrix = requireLoaded("matrix.yaml", loadMatrix(base));
    expect(matrix.roles["officer"]).toEqual({ title: "Officer", groups: ["officers"], judges: [] });
    expect(matrix.rules).toEqual([
      {
        modelType: "scoring",
        target: "production",
        expiresAfterSeconds: 432_000,
        excludes: allDuties,
        stages: [
          {
            name: "first look",
            requires: { role: "officer", count: 2 },
            minimumReviewSeconds: 5400,
            deadlineSeconds: 172_800,
            rejectionsToStop: 3,
          },
          {
            name: "operations",
            requires: {
              any: [
                { role: "sre", count: 1 },
                {
                  all: [
                    { role: "officer", count: 1 },
                    { role: "sre", count: 1 },
                  ],
                },
              ],
            },
            minimumReviewSeconds: 0,
            rejectionsToStop: 1,
          },
        ],
      },
    ]);
  });

  it("may switch separation of duties off, but only in so many words", () => {
    const matrix = requireLoaded("m", loadMatrix(base.replace("    stages:", "    excludes: []\n    stages:")));
    expect(matrix.rules[0]?.excludes).toEqual([]);
  });

  it("may ask of a role how its holders sign in, and for a passkey", () => {
    const signIn = "signIn: { acr: [urn:mfa], amr: [otp, pwd] }";
    const text = base.replace("groups: [officers]", `groups: [officers]\n    ${signIn}\n    secondFactor: passkey`);
    expect(requireLoaded("m", loadMatrix(text)).roles["officer"]).toEqual({
      title: "Officer",
      groups: ["officers"],
      judges: [],
      signIn: { acr: ["urn:mfa"], amr: ["otp", "pwd"] },
      secondFactor: "passkey",
    });
  });

  it.each<[string, string | RegExp, string, string]>([
    [
      "a second factor that nobody knows",
      "groups: [officers]",
      "groups: [officers]\n    secondFactor: sms",
      "10 roles.officer.secondFactor: The one second factor that is known is 'passkey'.",
    ],
    [
      "a kind of sign-in that asks for nothing",
      "groups: [officers]",
      "groups: [officers]\n    signIn: {}",
      "10 roles.officer.signIn: Here stands 'acr', 'amr' or both.",
    ],
    [
      "a kind of sign-in with an empty list",
      "groups: [officers]",
      "groups: [officers]\n    signIn: { amr: [] }",
      "10 roles.officer.signIn.amr: The list is empty.",
    ],
    ["an empty all", /any:\n[\s\S]*$/, "all: []\n", "22 rules[0].stages[1].requires.all: The list is empty."],
    ["an empty any", /any:\n[\s\S]*$/, "any: []\n", "22 rules[0].stages[1].requires.any: The list is empty."],
    [
      "a count below one",
      "count: 2",
      "count: 0",
      "16 rules[0].stages[0].requires.count: Here stands a whole number from 1 to 50.",
    ],
    [
      "half a person",
      "count: 2",
      "count: 1.5",
      "16 rules[0].stages[0].requires.count: Here stands a whole number from 1 to 50.",
    ],
    [
      "a threshold below one",
      "rejectionsToStop: 3",
      "rejectionsToStop: 0",
      "19 rules[0].stages[0].rejectionsToStop: Here stands a whole number from 1 to 50.",
    ],
    [
      "the same role twice in one all",
      "[{ role: officer }, { role: sre }]",
      "[{ role: sre }, { role: sre }]",
      "24 rules[0].stages[1].requires.any[1].all[1].role: The role 'sre' is already asked for on line 24: write a count.",
    ],
    [
      "the same role in an all within an all",
      "[{ role: officer }, { role: sre }]",
      "[{ role: sre }, { all: [{ role: sre }] }]",
      "24 rules[0].stages[1].requires.any[1].all[1].all[0].role: The role 'sre' is already asked for on line 24: write a count.",
    ],
    [
      "an unknown field",
      "target: production",
      "target: production\n    tagret: x",
      "13 rules[0].tagret: 'tagret' is not a field here; known are 'modelType', 'target', 'expiresAfter', 'stages', 'when', 'excludes', 'unlinkableAuthors', 'carryOver', 'onDrift', 'ifNotReapproved', 'onIntruder', 'shadow', 'loan' and 'conditions'.",
    ],
    [
      "conditions that are neither forbidden nor described",
      "target: production",
      "target: production\n    conditions: allowed",
      "13 rules[0].conditions: Here stands 'forbidden', or a map with 'allowed' and 'maximumDuration'.",
    ],
    [
      "a condition that nothing could keep",
      "target: production",
      "target: production\n    conditions: { allowed: [errorPercent, costPercent] }",
      "13 rules[0].conditions.allowed[1]: Here stands one of 'trafficPercent', 'errorPercent' and 'p95Milliseconds'.",
    ],
    [
      "conditions of which none may be given",
      "target: production",
      "target: production\n    conditions: { allowed: [] }",
      "13 rules[0].conditions.allowed: The list is empty.",
    ],
    [
      "conditions that would hold for good",
      "target: production",
      "target: production\n    conditions: { maximumDuration: 31d }",
      "13 rules[0].conditions.maximumDuration: The duration must be between 1m and 30d.",
    ],
    ["a missing field", "    target: production\n", "", "11 rules[0]: The field 'target' is missing."],
    [
      "an unknown role",
      "role: officer, count",
      "role: offficer, count",
      "16 rules[0].stages[0].requires.role: There is no role 'offficer'; known are 'sre' and 'officer'.",
    ],
    [
      "a role that every object inherits",
      "role: officer, count",
      "role: constructor, count",
      "16 rules[0].stages[0].requires.role: There is no role 'constructor'; known are 'sre' and 'officer'.",
    ],
    ["a role without groups", "groups: [officers]", "groups: []", "9 roles.officer.groups: The list is empty."],
    [
      "a group named twice",
      "[officers]",
      "[officers, officers]",
      "9 roles.officer.groups: 'officers' stands here twice.",
    ],
    [
      "a stage named twice",
      "name: operations",
      "name: first look",
      "14 rules[0].stages: 'first look' stands here twice.",
    ],
    [
      "a stage that outlives the promotion",
      "deadline: 2d",
      "deadline: 6d",
      "18 rules[0].stages[0].deadline: The stage's deadline is later than the promotion's, which is over after 5d.",
    ],
    [
      "a review that leaves no time to approve",
      "minimumReview: 90m",
      "minimumReview: 2d",
      "17 rules[0].stages[0].minimumReview: Nobody could approve in time: the stage is over after 2d.",
    ],
    [
      "a duration without a unit",
      "expiresAfter: 5d",
      "expiresAfter: 5",
      "13 rules[0].expiresAfter: Here stands a duration: a whole number with s, m, h or d, such as 90m, 4h or 5d.",
    ],
    [
      "a duration of years",
      "expiresAfter: 5d",
      "expiresAfter: 900d",
      "13 rules[0].expiresAfter: The duration must be between 1m and 180d.",
    ],
    [
      "a name in capitals",
      "modelType: scoring",
      "modelType: Scoring",
      "11 rules[0].modelType: The name 'Scoring' may hold lower-case letters, digits and dashes only (at most 63, not beginning with a dash).",
    ],
    [
      "a role's name with a space",
      "  sre:",
      "  s re:",
      "3 roles.s re: The name 's re' may hold lower-case letters, digits and dashes only (at most 63, not beginning with a dash).",
    ],
    [
      "a number for a name",
      "target: production",
      "target: 5",
      "12 rules[0].target: Here stands text; put it in quotes if it looks like a number.",
    ],
    [
      "an unknown duty",
      "target: production",
      "target: production\n    excludes: [sponsor]",
      "13 rules[0].excludes[0]: Here stands one of 'requester', 'started-the-run', 'trained-the-model', 'wrote-the-code', 'owns-the-data' and 'wrote-the-infrastructure'.",
    ],
    [
      "a count on an all",
      "any:\n",
      "count: 2\n          any:\n",
      "22 rules[0].stages[1].requires.count: A count belongs to a role.",
    ],
    [
      "role and all at once",
      "- role: sre\n",
      "- role: sre\n              all: [{ role: sre }]\n",
      "23 rules[0].stages[1].requires.any[0]: A requirement has exactly one of 'role', 'all' and 'any'.",
    ],
    ["another version", "matrixVersion: 1", "matrixVersion: 2", "1 matrixVersion: This program reads version 1."],
    [
      "more seats than can be searched",
      "count: 2",
      "count: 49",
      "14 rules[0].stages: The stages ask for up to 51 seats; at most 50 work.",
    ],
    ["an anchor", "[officers]", "&o [officers]", "9 : Anchors (&name) are not taken: write the value out."],
    [
      "a key given twice",
      "target: production",
      "target: production\n    target: staging",
      "13 : Map keys must be unique.",
    ],
    ["text that is no YAML", "rules:", "rules: [", "11 : Block collections are not allowed within flow collections."],
  ])("is refused for %s, with the line", (_, from, to, problem) => {
    expect(problems(from, to)).toContainEqual(expect.stringContaining(problem));
  });

  it("is refused for two rules about one model type and target, naming both lines", () => {
    const rule = base.slice(base.indexOf("  - modelType"));
    expect(problems(/$/, rule)).toEqual([
      "25 rules[1]: There is already a rule for the model type 'scoring' and the target 'production', on line 11.",
    ]);
  });

  it("is refused for choices that multiply beyond an exact search, without expanding them", () => {
    const choice = "{ any: [{ role: sre, count: 1 }, { role: officer }] }";
    const nested = Array.from({ length: 30 }, () => choice).join(", ");
    expect(problems(/any:\n[\s\S]*$/, `all: [${nested}]\n`)).toContainEqual(
      expect.stringContaining(
        `The stages can be met in ${2 ** 30} ways, counting each 'any'; at most ${maximumWays} work.`,
      ),
    );
  });

  it("names everything that is wrong at once, as lines that editors understand", () => {
    const loaded = loadMatrix(base.replace("count: 2", "count: 0").replace("groups: [sre]", "groups: []"));
    expect(loaded.kind === "refused" ? describeProblems("matrix.yaml", loaded.problems) : "").toBe(
      "matrix.yaml:5: roles.sre.groups: The list is empty.\n" +
        "matrix.yaml:16: rules[0].stages[0].requires.count: Here stands a whole number from 1 to 50.",
    );
    expect(() => requireLoaded("matrix.yaml", loaded)).toThrow(expect.objectContaining({ code: "invalid-policy" }));
  });

  it.each(["", "[]", "just text", "rules: 5\nroles: []\nmatrixVersion: 1", "null"])("that is %j is refused", (text) => {
    expect(loadMatrix(text).kind).toBe("refused");
  });
});

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
    [["onDrift: delete"], "14 rules[0].onDrift: Here stands one of 'keep', 'previous' and 'stop'."],
    [["ifNotReapproved: keep"], "14 rules[0].ifNotReapproved: Here stands one of 'previous' and 'stop'."],
    [["onIntruder: stop"], "14 rules[0].onIntruder: Here stands one of 'report' and 'take-back'."],
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

  it("is never whoever proposes them", () => {
    expect(change("")).toEqual([]);
    expect(change("  excludes: [requester]\n")).toEqual([]);
    const refused =
      "policyChange.excludes: Whoever proposes other policies never signs for them: 'requester' stands here.";
    expect(change("  excludes: []\n")).toEqual([expect.stringContaining(refused)]);
    expect(change("  excludes: [trained-the-model]\n")).toEqual([expect.stringContaining(refused)]);
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
    ["per: quarter", "per: week", "14 rules[0].loan.budget.per: Here stands one of 'month', 'quarter' and 'year'."],
    ["loans: 2", "loans: 0", "14 rules[0].loan.budget.loans: Here stands a whole number from 1 to 100."],
    ["[officer, sre]", "[]", "14 rules[0].loan.roles: The list is empty."],
    ["[officer, sre]", "[officer, officer]", "14 rules[0].loan.roles: 'officer' stands here twice."],
    ["[officer, sre]", "[nobody]", "14 rules[0].loan.roles[0]: Here stands one of 'sre' and 'officer'."],
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
      "14 rules[0].shadow.duration: Here stands a duration: a whole number with s, m, h or d, such as 90m, 4h or 5d.",
    ],
    ["requests: 500", "requests: 20001", "14 rules[0].shadow.requests: Here stands a whole number from 1 to 20000."],
    ["requests: 500, ", "", "14 rules[0].shadow: The field 'requests' is missing."],
    ["agreement: 0.95", "agreement: 95", "14 rules[0].shadow.agreement: Here stands a number from 0 to 1."],
    ["psi: 0.2", "psi: -1", "14 rules[0].shadow.psi: Here stands a number from 0 to 100."],
    [
      "psi: 0.2",
      "required: false",
      "14 rules[0].shadow.required: Here stands true; leave the field out where a first release may go on without.",
    ],
    [
      "psi: 0.2",
      "answers: { score: score }",
      "14 rules[0].shadow.answers.score: Here stands a JSON pointer (RFC 6901), such as /predictions.",
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
