import { describe, expect, it } from "vitest";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import { requireLoaded } from "../../../core/encoding/policy-file.ts";
import { type DescribedRule, describePolicy } from "../../../core/policy/describe-policy.ts";

const text = `matrixVersion: 1
classification:
  riskTiers: [low, high]
  dataClasses: [public, personal]
  models: { churn: { riskTier: low, dataClass: public } }
roles:
  officer: { title: Officer, groups: [officers] }
  sre:
    title: Engineer
    groups: [sre, oncall]
    issuers: [https://login.example]
    judges: [infrastructure, data]
    rejectionsToStop: 2
    signIn: { acr: [mfa, hardware], amr: [pwd, otp] }
    secondFactor: passkey
rules:
  - modelType: scoring
    target: production
    when: { riskTier: high, release: update }
    expiresAfter: 10d
    excludes: [requester, trained-the-model, wrote-the-code]
    stages:
      - name: look
        requires: { role: officer }
      - name: operations
        when: { metrics: { auc: { atLeast: 0.5, below: 0.8 } } }
        minimumReview: 90m
        deadline: 1d
        rejectionsToStop: 3
        requires:
          all:
            - role: sre
            - role: officer
              count: 2
              when: { infrastructureChanges: { atLeast: 1 } }
            - any: [{ role: officer }, { role: sre }]
              when: { dataClass: personal }
  - modelType: scoring
    target: production
    expiresAfter: 1h
    excludes: []
    unlinkableAuthors: allowed
    stages: [{ name: look, requires: { role: sre } }]
`;

function described(more = "", from = "", to = "") {
  return describePolicy({
    matrix: requireLoaded("matrix.yaml", loadMatrix(text.replace(from, to) + more)),
    thresholds: (modelType, target) =>
      modelType === "scoring" && target === "production"
        ? { modelType, artifacts: [], evidence: [], quality: { auc: { min: 0.7 } }, fairness: {}, security: {} }
        : undefined,
  });
}

function ruleNumber(number: number, { rules } = described()): DescribedRule {
  const rule = rules[number - 1];
  if (rule === undefined) throw new Error(`There is no rule ${number}.`);
  return rule;
}

describe("describing a rule", () => {
  it("says when it applies, until when, who may not approve, and what of unknown authors", () => {
    expect(ruleNumber(1)).toMatchObject({ number: 1, modelType: "scoring", target: "production" });
    expect(ruleNumber(1).sentences).toEqual([
      "It applies where the risk tier is 'high' and the release is 'update'.",
      "It must be decided within 10 days of its submission.",
      "Nobody may approve who requested the promotion, trained the model or wrote the training code.",
      "An author whom nobody knows blocks it.",
    ]);
    expect(ruleNumber(2).sentences).toEqual([
      "It must be decided within 1 hour of its submission.",
      "Nobody is kept from approving by a hand in the candidate.",
      "An author whom nobody knows does not block it.",
    ]);
  });

  it.each([
    ["requester", "requested the promotion"],
    ["started-the-run", "started the CI run"],
    ["trained-the-model", "trained the model"],
    ["wrote-the-code", "wrote the training code"],
    ["owns-the-data", "owns the training data"],
    ["wrote-the-infrastructure", "wrote the infrastructure"],
  ])("says who may not approve: %s", (duty, words) => {
    const { sentences } = ruleNumber(2, described("", "excludes: []", `excludes: [${duty}]`));
    expect(sentences[1]).toBe(`Nobody may approve who ${words}.`);
  });

  it("joins two duties by an or", () => {
    const { sentences } = ruleNumber(2, described("", "excludes: []", "excludes: [requester, owns-the-data]"));
    expect(sentences[1]).toBe("Nobody may approve who requested the promotion or owns the training data.");
  });

  it.each([
    ["90m", "90 minutes"],
    ["61s", "61 seconds"],
    ["24h", "1 day"],
    ["25h", "25 hours"],
  ])("says a time as people do: %s", (written, words) => {
    const { sentences } = ruleNumber(2, described("", "expiresAfter: 1h", `expiresAfter: ${written}`));
    expect(sentences[0]).toBe(`It must be decided within ${words} of its submission.`);
  });

  it("says who may lend the missing seats, for how long and how often", () => {
    const loan =
      "excludes: []\n    loan: { roles: [officer, sre], maximum: 90m, budget: { loans: LOANS, per: quarter } }";
    const sentenceOf = (loans: string) =>
      ruleNumber(2, described("", "excludes: []", loan.replace("LOANS", loans))).sentences.at(-1);
    expect(sentenceOf("2")).toBe(
      "In an emergency two people in the role 'Officer' or 'Engineer' may lend the missing seats for 90 minutes; a model is given 2 loans each quarter at most.",
    );
    expect(sentenceOf("1")).toMatch(/; a model is given one loan each quarter at most\.$/);
  });

  it.each([
    ["forbidden", "Nobody may approve under conditions."],
    [
      "{ allowed: [errorPercent, p95Milliseconds] }",
      "Whoever approves may ask for conditions on errors or on the time of an answer, for 7 days at most.",
    ],
    [
      "{ maximumDuration: 36h }",
      "Whoever approves may ask for conditions on the share of traffic, on errors or on the time of an answer, for 36 hours at most.",
    ],
  ])("says which conditions an approval may be under: %s", (written, sentence) => {
    const { sentences } = ruleNumber(2, described("", "excludes: []", `excludes: []\n    conditions: ${written}`));
    expect(sentences.at(-1)).toBe(sentence);
  });

  it("says of a stage when it is asked for, from when, until when, and what ends it", () => {
    expect(ruleNumber(1).stages.map(({ name, sentences }) => [name, sentences])).toEqual([
      ["look", ["One rejection ends the promotion."]],
      [
        "operations",
        [
          "Asked for where the metric 'auc' is at least 0.5 and below 0.8.",
          "Nobody can approve in the first 90 minutes after it opened.",
          "It is over 1 day after it opened.",
          "3 rejections end the promotion.",
        ],
      ],
    ]);
  });

  it("tells what a stage asks for, part by part", () => {
    expect(ruleNumber(1).stages.map(({ requires }) => requires)).toEqual([
      { text: "One person in the role 'Officer'", parts: [] },
      {
        text: "All of these",
        parts: [
          { text: "One person in the role 'Engineer'", parts: [] },
          {
            text: "2 different people in the role 'Officer', where the number of resources that the infrastructure plan changes is at least 1",
            parts: [],
          },
          {
            text: "Any one of these, where the data's class is 'personal'",
            parts: [
              { text: "One person in the role 'Officer'", parts: [] },
              { text: "One person in the role 'Engineer'", parts: [] },
            ],
          },
        ],
      },
    ]);
  });

  it("tells what its gates ask, and nothing where no thresholds are set", () => {
    expect(ruleNumber(2).gates).toEqual(["Evidence is asked for of no kind.", "AUC at least 0.7."]);
    const elsewhere = described("", "target: production\n    expiresAfter: 1h", "target: test\n    expiresAfter: 1h");
    expect(ruleNumber(2, elsewhere).gates).toEqual([]);
  });

  it("says who may fill the seats in the end, where somebody may", () => {
    const reminders = "reminders: { every: 1d, escalation: { after: 2d, to: sre";
    const { rules, policyChange } = described(`${reminders}, mayFill: true } }\n`);
    expect(rules.map(({ sentences }) => sentences.at(-1))).toEqual([
      "Once a stage has been open for 2d, Engineer may fill its seats too.",
      "Once a stage has been open for 2d, Engineer may fill its seats too.",
    ]);
    expect(policyChange).toBeUndefined();
    expect(described(`${reminders} } }\n`).rules).toEqual(described().rules);
    expect(described("reminders: { every: 1d }\n").rules).toEqual(described().rules);
  });
});

describe("describing the rest of a matrix", () => {
  it("tells who signs for a change of the policies, after the rules", () => {
    expect(described()).not.toHaveProperty("policyChange");
    const { policyChange, rules } = described(
      "policyChange: { expiresAfter: 5d, excludes: [requester], stages: [{ name: all, requires: { role: officer } }] }\n",
    );
    expect(rules).toHaveLength(2);
    expect(policyChange).toEqual({
      number: 3,
      modelType: "policy",
      target: "policies",
      sentences: [
        "It must be decided within 5 days of its submission.",
        "Nobody may approve who requested the promotion.",
        "An author whom nobody knows blocks it.",
      ],
      stages: [
        {
          name: "all",
          sentences: ["One rejection ends the promotion."],
          requires: { text: "One person in the role 'Officer'", parts: [] },
        },
      ],
      gates: [],
    });
  });

  it("says of a role who holds it, what it judges, and what it asks of whoever signs", () => {
    expect(described().roles).toEqual([
      {
        role: "officer",
        title: "Officer",
        sentences: [
          "Held by whoever is in the group 'officers'.",
          "Where a newer candidate takes the place of one, this role has to sign again.",
        ],
      },
      {
        role: "sre",
        title: "Engineer",
        sentences: [
          "Held by whoever is in one of the groups 'sre' and 'oncall', as 'https://login.example' says.",
          "Where a newer candidate brings another infrastructure or other data, this role has to sign again.",
          "2 of its holders stop a promotion by rejecting.",
          "Approving takes a sign-in of the class 'mfa' and 'hardware'.",
          "Approving takes a sign-in with 'pwd' and 'otp'.",
          "Approving takes a confirmed passkey of one's own.",
        ],
      },
    ]);
  });

  it("says when nothing is approved or deployed, where, and except for what", () => {
    expect(described().freezeWindows).toEqual([]);
    const { freezeWindows } = described(`freezeWindows:
  - { name: weekend, zone: Europe/Berlin, weekly: { from: fri 16:05, until: mon 07:00 } }
  - name: year's end
    zone: UTC
    from: "2026-12-18 18:00"
    until: "2027-01-04 08:00"
    targets: [production]
    exceptions: [{ model: churn, reason: agreed }, { model: fraud, reason: the law }]
`);
    expect(freezeWindows).toEqual([
      "'weekend': nothing is approved or deployed in every target every week from Friday 16:05 to Monday 07:00 (Europe/Berlin).",
      "'year's end': nothing is approved or deployed in 'production' from 2026-12-18T18:00:00.000Z to 2027-01-04T08:00:00.000Z. Except for 'churn' (agreed), 'fraud' (the law).",
    ]);
  });

  it.each(["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"])(
    "calls the days by their names: %s",
    (day) => {
      const begin = `${day.slice(0, 3).toLowerCase()} 00:00`;
      const end = day === "Sunday" ? "mon 09:30" : "sun 09:30";
      const { freezeWindows } = described(
        `freezeWindows: [{ name: w, zone: UTC, weekly: { from: ${begin}, until: ${end} } }]\n`,
      );
      expect(freezeWindows[0]).toContain(
        `every week from ${day} 00:00 to ${day === "Sunday" ? "Monday" : "Sunday"} 09:30`,
      );
    },
  );

  it("lists the scales of risk and data, and none where there is none", () => {
    expect(described()).toMatchObject({ riskTiers: ["low", "high"], dataClasses: ["public", "personal"] });
    const { classification: _, ...matrix } = requireLoaded("matrix.yaml", loadMatrix(text));
    const { riskTiers, dataClasses } = describePolicy({ matrix, thresholds: () => undefined });
    expect([riskTiers, dataClasses]).toEqual([[], []]);
  });
});
