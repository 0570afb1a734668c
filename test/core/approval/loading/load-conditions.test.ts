import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../../../core/approval/loading/load-matrix.ts";
import { requireLoaded } from "../../../../core/encoding/policy-file.ts";

const base = `matrixVersion: 1
classification:
  riskTiers: [low, medium, high]
  models: { churn: { riskTier: low } }
roles:
  sre: { title: SRE, groups: [sre] }
  officer: { title: Officer, groups: [officers] }
rules:
  - modelType: scoring
    target: production
    when: { riskTier: low, release: update }
    expiresAfter: 5d
    stages: [{ name: one, requires: { role: sre } }]
  - modelType: scoring
    target: production
    when: { riskTier: { atLeast: medium } }
    expiresAfter: 5d
    stages: [{ name: one, requires: { role: sre } }]
  - modelType: scoring
    target: production
    expiresAfter: 5d
    stages:
      - name: officer
        when: { metrics: { auc: { atLeast: 0.5, below: 0.8 } } }
        requires: { role: officer }
      - name: operations
        requires:
          all:
            - role: sre
            - { role: sre, count: 2, when: { infrastructureChanges: { atLeast: 10 } } }
`;

function problems(from: string, to: string): readonly string[] {
  const text = base.replace(from, to);
  expect(text).not.toBe(base);
  const loaded = loadMatrix(text);
  return loaded.kind === "loaded"
    ? []
    : loaded.problems.map(({ line, path, sentence }) => `${line} ${path}: ${sentence}`);
}

describe("conditions in a matrix", () => {
  it("are read as facts with values or bounds, in the order of their scale", () => {
    const { rules } = requireLoaded("m", loadMatrix(base));
    expect(rules[0]?.when).toEqual([
      { fact: "riskTier", oneOf: ["low"] },
      { fact: "release", oneOf: ["update"] },
    ]);
    expect(rules[1]?.when).toEqual([{ fact: "riskTier", oneOf: ["medium", "high"] }]);
    expect(rules[2]?.stages).toMatchObject([
      { when: [{ fact: "metric", name: "auc", atLeast: 0.5, below: 0.8 }] },
      {
        requires: {
          all: [
            { role: "sre", count: 1 },
            { count: 2, when: [{ fact: "infrastructureChanges", atLeast: 10 }] },
          ],
        },
      },
    ]);
  });

  it.each<[string, string, string, string]>([
    [
      "a rule about the evidence, which nobody has read when it is chosen",
      "riskTier: low, release: update",
      "metrics: { auc: { below: 0.8 } }",
      "11 rules[0].when.metrics: A rule is chosen at submission, before the evidence is read: put this on a stage or a part of it.",
    ],
    [
      "a tier that is not on the scale",
      "riskTier: low,",
      "riskTier: tiny,",
      "11 rules[0].when.riskTier: This must be one of 'low', 'medium' and 'high'.",
    ],
    [
      "a condition that always holds",
      "{ atLeast: medium }",
      "{ atLeast: low }",
      "16 rules[1].when.riskTier: This always holds: it names every one of 'low', 'medium' and 'high'.",
    ],
    [
      "a scale that is not there",
      "riskTier: low, release: update",
      "dataClass: public",
      "11 rules[0].when.dataClass: The matrix has no such scale: add it under 'classification'.",
    ],
    [
      "bounds that leave nothing",
      "atLeast: 0.5, below: 0.8",
      "atLeast: 0.8, below: 0.8",
      "24 rules[2].stages[0].when.metrics.auc: This never holds: nothing is at least 0.8 and below 0.8.",
    ],
    [
      "bounds that bound nothing",
      "{ atLeast: 10 }",
      "{}",
      "30 rules[2].stages[1].requires.all[1].when.infrastructureChanges: This must have 'atLeast', 'below' or both.",
    ],
    [
      "no condition",
      "{ riskTier: low, release: update }",
      "{}",
      "11 rules[0].when: This must have at least one condition.",
    ],
    [
      "a metric that no gate would name so",
      "auc:",
      "AUC:",
      "24 rules[2].stages[0].when.metrics.AUC: The metric 'AUC' is written in lower-case letters, as the gates name it.",
    ],
    [
      "stages that may all fall away",
      "      - name: operations\n",
      "      - name: operations\n        when: { release: first }\n",
      "22 rules[2].stages: At least one stage here must be asked for always: each of them has a 'when'.",
    ],
    [
      "parts that may all fall away",
      "            - role: sre\n",
      "            - { role: sre, when: { release: first } }\n",
      "28 rules[2].stages[1].requires.all: At least one part here must be asked for always: each of them has a 'when'.",
    ],
    [
      "a rule whose cases an earlier rule takes",
      "{ atLeast: medium }",
      "low",
      // Together with nothing else: first releases of a low tier are left, so this one is reachable.
      "",
    ],
    [
      "a rule whose cases earlier rules take together",
      "    expiresAfter: 5d\n    stages:\n      - name: officer",
      "    when: { riskTier: low, release: update }\n    expiresAfter: 5d\n    stages:\n      - name: officer",
      "19 rules[2]: No candidate can come to this rule for the model type 'scoring' and the target 'production': what stands on line 9 takes every case of it.",
    ],
    [
      "a rule behind one that always applies",
      "    when: { riskTier: { atLeast: medium } }\n",
      "",
      "18 rules[2]: There is already a rule for the model type 'scoring' and the target 'production', on line 14.",
    ],
    [
      "a tier twice on the scale",
      "[low, medium, high]",
      "[low, high, low]",
      "3 classification.riskTiers: 'low' stands here twice.",
    ],
    [
      "a scale of more steps than there are cases to try",
      "[low, medium, high]",
      `[low, medium, high, ${Array.from({ length: 38 }, (_, at) => `t${at}`).join(", ")}]`,
      "3 classification.riskTiers: A scale has at most 40 steps.",
    ],
    [
      "a model off the scale",
      "churn: { riskTier: low }",
      "churn: { riskTier: tiny }",
      "4 classification.models.churn.riskTier: This must be one of 'low', 'medium' and 'high'.",
    ],
    [
      "an issuer that is none",
      "groups: [sre] }",
      "groups: [sre], issuers: [login] }",
      "6 roles.sre.issuers[0]: This must be an issuer as ID tokens name it, such as https://login.example.org/pool.",
    ],
    [
      "a role's threshold below one",
      "groups: [sre] }",
      "groups: [sre], rejectionsToStop: 0 }",
      "6 roles.sre.rejectionsToStop: This must be a whole number from 1 to 50.",
    ],
    [
      "a word other than allowed",
      "    expiresAfter: 5d\n    stages:\n      - name: officer",
      "    unlinkableAuthors: ignored\n    expiresAfter: 5d\n    stages:\n      - name: officer",
      "21 rules[2].unlinkableAuthors: This must be 'allowed', or the field is left out: then they block.",
    ],
  ])("with %s are told with the line", (_, from, to, problem) => {
    const found = problems(from, to);
    if (problem === "") expect(found).toEqual([]);
    else expect(found).toContain(problem);
  });
});

describe("freeze windows in a matrix", () => {
  const window = `freezeWindows:
  - name: Year end
    zone: Europe/Berlin
    from: 2026-12-18 18:00
    until: 2027-01-04 08:00
    targets: [production]
    exceptions: [{ model: churn, reason: Agreed, until: 2026-12-20 12:00 }]
  - { name: Weekend, zone: America/New_York, weekly: { from: fri 16:00, until: mon 07:00 } }
`;
  const windowProblems = (from: string, to: string) => problems("rules:\n", `${window.replace(from, to)}rules:\n`);

  it("are read on the clock of their zone", () => {
    const matrix = requireLoaded("m", loadMatrix(base.replace("rules:\n", `${window}rules:\n`)));
    expect(matrix.freezeWindows).toEqual([
      {
        name: "Year end",
        zone: "Europe/Berlin",
        when: { from: "2026-12-18T17:00:00.000Z", until: "2027-01-04T07:00:00.000Z" },
        targets: ["production"],
        exceptions: [{ model: "churn", reason: "Agreed", until: "2026-12-20T11:00:00.000Z" }],
      },
      {
        name: "Weekend",
        zone: "America/New_York",
        when: { weekly: { from: { day: 5, minute: 960 }, until: { day: 1, minute: 420 } } },
        exceptions: [],
      },
    ]);
  });

  it.each<[string, string, string, string]>([
    ["a zone that nobody knows", "Europe/Berlin", "Europe/Atlantis", "There is no time zone 'Europe/Atlantis'"],
    ["an end before its beginning", "2027-01-04", "2025-01-04", "The window ends before it begins."],
    ["a date without a time", "2026-12-18 18:00", "2026-12-18", "This must be a date and a time of the zone's clock"],
    [
      "a day that no calendar has",
      "2026-12-18 18:00",
      "2026-02-30 18:00",
      "The calendar has no 2026-02-30 18:00: this must be a date and a time of the zone's clock",
    ],
    ["no end", "    until: 2027-01-04 08:00\n", "", "A window has 'from' and 'until', or 'weekly'."],
    [
      "a target that no rule is for",
      "[production]",
      "[staging]",
      "No rule is for the target 'staging'; there is 'production'.",
    ],
    ["a name given twice", "Weekend", "Year end", "There is already a window 'Year end'."],
    ["a weekday in another language", "fri 16:00", "fre 16:00", "This must be a day ('sun', 'mon',"],
    ["a week that is empty", "until: mon 07:00", "until: fri 16:00", "The window is empty: it ends when it begins."],
    ["both kinds at once", "weekly:", "from: 2026-12-18 18:00, weekly:", "has its times under 'weekly' alone."],
    ["an exception without a reason", "reason: Agreed, ", "", "The field 'reason' is missing."],
  ])("with %s are told", (_, from, to, sentence) => {
    expect(windowProblems(from, to)).toContainEqual(expect.stringContaining(sentence));
  });

  it("are not called empty where neither of their times could be read", () => {
    const problems = windowProblems("from: fri 16:00, until: mon 07:00", "from: friday 16:00, until: mon 7:00");
    expect(problems).toEqual([
      expect.stringContaining("weekly.from: This must be a day"),
      expect.stringContaining("weekly.until: This must be a day"),
    ]);
  });
});
