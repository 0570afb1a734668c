import { describe, expect, it } from "vitest";
import { allDuties, loadMatrix } from "../../../../core/approval/loading/load-matrix.ts";
import { maximumWays } from "../../../../core/approval/seats.ts";
import { describeProblems, requireLoaded } from "../../../../core/encoding/policy-file.ts";
import { base, problems } from "../matrix-text.ts";

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
      "10 roles.officer.signIn: This must have 'acr', 'amr' or both.",
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
      "16 rules[0].stages[0].requires.count: This must be a whole number from 1 to 50.",
    ],
    [
      "half a person",
      "count: 2",
      "count: 1.5",
      "16 rules[0].stages[0].requires.count: This must be a whole number from 1 to 50.",
    ],
    [
      "a threshold below one",
      "rejectionsToStop: 3",
      "rejectionsToStop: 0",
      "19 rules[0].stages[0].rejectionsToStop: This must be a whole number from 1 to 50.",
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
      "13 rules[0].conditions: This must be 'forbidden', or a map with 'allowed' and 'maximumDuration'.",
    ],
    [
      "a condition that nothing could keep",
      "target: production",
      "target: production\n    conditions: { allowed: [errorPercent, costPercent] }",
      "13 rules[0].conditions.allowed[1]: This must be one of 'trafficPercent', 'errorPercent' and 'p95Milliseconds'.",
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
      "13 rules[0].expiresAfter: This must be a duration: a whole number with s, m, h or d, such as 90m, 4h or 5d.",
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
      "12 rules[0].target: This must be text; put it in quotes if it looks like a number.",
    ],
    [
      "an unknown duty",
      "target: production",
      "target: production\n    excludes: [sponsor]",
      "13 rules[0].excludes[0]: This must be one of 'requester', 'started-the-run', 'trained-the-model', 'wrote-the-code', 'owns-the-data' and 'wrote-the-infrastructure'.",
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
        "matrix.yaml:16: rules[0].stages[0].requires.count: This must be a whole number from 1 to 50.",
    );
    expect(() => requireLoaded("matrix.yaml", loaded)).toThrow(expect.objectContaining({ code: "invalid-policy" }));
  });

  it.each(["", "[]", "just text", "rules: 5\nroles: []\nmatrixVersion: 1", "null"])("that is %j is refused", (text) => {
    expect(loadMatrix(text).kind).toBe("refused");
  });
});
