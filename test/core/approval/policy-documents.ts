import type { Json } from "../../../core/encoding/canonical-json.ts";

export type Fields = Readonly<Record<string, Json>>;

const rule = {
  modelType: "scoring",
  target: "production",
  expiresAfter: "5d",
  stages: [{ name: "one", requires: { role: "sre" } }],
};
const matrix = { matrixVersion: 1, roles: { sre: { title: "SRE", groups: ["sre"] } }, rules: [rule] };
const classified = {
  ...matrix,
  classification: {
    riskTiers: ["low", "medium", "high"],
    dataClasses: ["public", "personal"],
    models: { churn: { type: "scoring", riskTier: "low", dataClass: "public" } },
  },
};

/** A matrix with everything that may stand in one of its fields, by the field. */
export const matrices: Readonly<Record<string, Fields>> = {
  classification: classified,
  roles: {
    ...matrix,
    roles: {
      sre: {
        title: "SRE",
        groups: ["sre", "oncall"],
        issuers: ["https://login.example.org"],
        judges: ["infrastructure"],
        rejectionsToStop: 2,
        signIn: { acr: ["mfa"], amr: ["pwd", "otp"] },
        secondFactor: "passkey",
      },
    },
  },
  reminders: {
    ...matrix,
    reminders: {
      every: "1d",
      workingHours: { timeZone: "Europe/Berlin", from: "09:00", to: "17:00", days: ["mon", "tue"] },
      escalation: { after: "2d", to: "sre" },
    },
  },
  learning: { ...matrix, learning: { seenBy: ["sre"], fewestDecisions: 10 } },
  freezeWindows: {
    ...matrix,
    freezeWindows: [
      {
        name: "Year end",
        zone: "Europe/Berlin",
        from: "2026-12-18 18:00",
        until: "2027-01-04 08:00",
        targets: ["production"],
        exceptions: [{ model: "churn", reason: "Agreed", until: "2026-12-20 12:00" }],
      },
      { name: "Weekend", zone: "UTC", weekly: { from: "fri 16:00", until: "mon 07:00" } },
    ],
  },
  rules: {
    ...classified,
    rules: [
      { ...rule, when: { riskTier: ["low", "medium"], dataClass: "public", release: "update" } },
      {
        ...rule,
        carryOver: "3d",
        onDrift: "keep",
        ifNotReapproved: "stop",
        onIntruder: "take-back",
        conditions: { allowed: ["trafficPercent", "errorPercent"], maximumDuration: "7d" },
        shadow: {
          duration: "2h",
          requests: 500,
          within: "1d",
          agreement: 0.95,
          errorPercent: 1,
          p95Milliseconds: 200,
          psi: 0.2,
          answers: { list: "/predictions", score: "/score", decision: "/label" },
          required: true,
        },
        excludes: ["requester", "owns-the-data"],
        unlinkableAuthors: "allowed",
        stages: [
          {
            name: "one",
            when: { metrics: { auc: { atLeast: 0.5, below: 0.8 } } },
            minimumReview: "15m",
            deadline: "2d",
            rejectionsToStop: 2,
            requires: { any: [{ role: "sre", count: 2 }, { all: [{ role: "sre" }] }] },
          },
          {
            name: "two",
            requires: { all: [{ role: "sre" }, { role: "sre", when: { infrastructureChanges: { atLeast: 10 } } }] },
          },
        ],
      },
    ],
  },
};

export const machines: Fields = {
  machines: [
    {
      name: "pipeline",
      issuer: "ci",
      provider: "github",
      match: { repository_id: "74001", ref: "refs/heads/main" },
      submits: ["churn"],
      reports: ["scoring"],
    },
  ],
};
export const people: Fields = {
  peopleVersion: 1,
  people: [
    {
      name: "Ada",
      address: "ada@example.org",
      otherAddresses: ["a@example.org"],
      accounts: { github: 1042, gitlab: 7, slack: "U024BE7LH" },
      identities: [{ issuer: "https://login.example.org", subject: "s-1" }],
      outside: true,
    },
  ],
};
export const targets: Fields = {
  targets: {
    production: { kind: "sagemaker-endpoint", endpoint: "{model}", instanceType: "ml.m5.large", instanceCount: 1 },
  },
};
