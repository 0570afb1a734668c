import { describe, expect, it } from "vitest";
import { loadMachines } from "../../../core/approval/loading/load-machines.ts";
import { loadMatrix } from "../../../core/approval/loading/load-matrix.ts";
import { loadPeople } from "../../../core/approval/loading/load-people.ts";
import { loadTargets, resolveTarget } from "../../../core/approval/loading/load-targets.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { type Loaded, requireLoaded } from "../../../core/encoding/policy-file.ts";
import { type Fields, machines, matrices, people, targets } from "./policy-documents.ts";

const { classification, roles, rules } = matrices;
if (classification === undefined || roles === undefined || rules === undefined) throw new Error("A part is missing.");
const matrixOf = (document: Fields | undefined) => requireLoaded("matrix", loadMatrix(JSON.stringify(document)));
const [plain] = matrixOf(classification).rules;

describe("everything that a matrix says is read", () => {
  it("about classes", () => {
    expect(matrixOf(classification)).toEqual({
      matrixVersion: 1,
      classification: classification["classification"],
      roles: { sre: { title: "SRE", groups: ["sre"], judges: [] } },
      rules: [plain],
    });
  });

  it("about roles", () => {
    expect(matrixOf(roles).roles).toEqual(roles["roles"]);
  });

  it("about reminders and learning", () => {
    expect(matrixOf(matrices["reminders"])).toMatchObject({
      reminders: {
        everySeconds: 86_400,
        workingHours: { zone: "Europe/Berlin", from: 540, to: 1020, days: [1, 2] },
        escalation: { afterSeconds: 172_800, to: "sre" },
      },
    });
    expect(matrixOf(matrices["learning"]).learning).toEqual({ seenBy: ["sre"], fewestDecisions: 10 });
    expect(Object.keys(matrixOf(classification))).toEqual(["matrixVersion", "roles", "classification", "rules"]);
  });

  it("about freeze windows", () => {
    expect(matrixOf(matrices["freezeWindows"]).freezeWindows).toEqual([
      {
        name: "Year end",
        zone: "Europe/Berlin",
        when: { from: "2026-12-18T17:00:00.000Z", until: "2027-01-04T07:00:00.000Z" },
        targets: ["production"],
        exceptions: [{ model: "churn", reason: "Agreed", until: "2026-12-20T11:00:00.000Z" }],
      },
      {
        name: "Weekend",
        zone: "UTC",
        when: { weekly: { from: { day: 5, minute: 960 }, until: { day: 1, minute: 420 } } },
        exceptions: [],
      },
    ]);
  });

  it("about rules", () => {
    const sre = { role: "sre", count: 1 };
    expect(matrixOf(rules).rules).toEqual([
      {
        ...plain,
        when: [
          { fact: "riskTier", oneOf: ["low", "medium"] },
          { fact: "dataClass", oneOf: ["public"] },
          { fact: "release", oneOf: ["update"] },
        ],
      },
      {
        modelType: "scoring",
        target: "production",
        expiresAfterSeconds: 432_000,
        excludes: ["requester", "owns-the-data"],
        unlinkableAuthors: "allowed",
        carryOverSeconds: 259_200,
        onDrift: "keep",
        ifNotReapproved: "stop",
        onIntruder: "take-back",
        shadow: {
          durationSeconds: 7200,
          requests: 500,
          withinSeconds: 86_400,
          agreement: 0.95,
          errorPercent: 1,
          p95Milliseconds: 200,
          psi: 0.2,
          answers: { list: "/predictions", score: "/score", decision: "/label" },
          required: true,
        },
        conditions: { allowed: ["errorPercent", "trafficPercent"], maximumSeconds: 604_800 },
        stages: [
          {
            name: "one",
            when: [{ fact: "metric", name: "auc", atLeast: 0.5, below: 0.8 }],
            requires: { any: [{ role: "sre", count: 2 }, { all: [sre] }] },
            minimumReviewSeconds: 900,
            deadlineSeconds: 172_800,
            rejectionsToStop: 2,
          },
          {
            name: "two",
            requires: { all: [sre, { ...sre, when: [{ fact: "infrastructureChanges", atLeast: 10 }] }] },
            minimumReviewSeconds: 0,
            rejectionsToStop: 1,
          },
        ],
      },
    ]);
  });
});

it("everything that the other files say is read", () => {
  const { machines: written } = machines as { readonly machines: Json };
  expect(requireLoaded("m", loadMachines(JSON.stringify(machines)))).toEqual(written);
  expect(requireLoaded("t", loadTargets(JSON.stringify(targets)))).toEqual(targets["targets"]);
  expect(requireLoaded("p", loadPeople(JSON.stringify(people)))).toEqual([
    {
      name: "Ada",
      addresses: ["ada@example.org", "a@example.org"],
      accounts: [
        { provider: "github", id: "1042" },
        { provider: "gitlab", id: "7" },
      ],
      identities: [{ issuer: "https://login.example.org", subject: "s-1" }],
      outside: true,
      slack: "U024BE7LH",
    },
  ]);
  const bare = JSON.stringify({ peopleVersion: 1, people: [{ name: "Ada", address: "Ada@Example.org" }] });
  expect(requireLoaded("p", loadPeople(bare))).toEqual([
    { name: "Ada", addresses: ["ada@example.org"], accounts: [], identities: [], outside: false },
  ]);
});

it.each(["jenkins", "aws", "kubernetes"])(
  "a pipeline of %s is known by its subject, and may submit or only report",
  (provider) => {
    const known = { name: "one", issuer: "ci", provider, match: { sub: "x" } };
    const read = (of: object) => requireLoaded("m", loadMachines(JSON.stringify({ machines: [{ ...known, ...of }] })));
    expect(read({ submits: ["churn"] })).toEqual([{ ...known, submits: ["churn"], reports: [] }]);
    expect(read({ reports: ["churn"] })).toEqual([{ ...known, submits: [], reports: ["churn"] }]);
  },
);

it("an endpoint is named after the model where the target says so", () => {
  const rule = { kind: "sagemaker-endpoint", instanceType: "ml.m5.large", instanceCount: 2 } as const;
  const model = { name: "churn", type: "scoring", version: "1" };
  expect(resolveTarget("production", { ...rule, endpoint: "{model}-live-{model}" }, model)).toEqual({
    ...rule,
    name: "production",
    endpoint: "churn-live-churn",
  });
});

describe("at its bounds", () => {
  /** A matrix whose one rule, or whose own field, is another. */
  const withRule = (over: object) => ({ ...classification, rules: [{ ...ruleOf(classification), ...over }] });
  const ruleOf = (document: Fields) => (document["rules"] as readonly object[])[0];
  const stage = (over: object = {}) => ({ name: "one", requires: { role: "sre" }, ...over });
  const window = (over: object) => ({ ...classification, freezeWindows: [{ name: "w", zone: "UTC", ...over }] });
  const role = (over: object) => ({ ...classification, roles: { sre: { title: "SRE", groups: ["sre"], ...over } } });
  const hours = { timeZone: "UTC", from: "09:00", to: "17:00", days: ["sun"] };
  const reminders = (over: object) => ({
    ...classification,
    reminders: { every: "1d", workingHours: { ...hours, ...over } },
  });
  const metric = (name: string, bounds: object = { below: 1 }) =>
    withRule({ stages: [stage({ name: "a" }), stage({ when: { metrics: { [name]: bounds } } })] });
  const said = (document: object, load: (text: string) => Loaded<unknown> = loadMatrix) => {
    const loaded = load(JSON.stringify(document));
    return loaded.kind === "loaded" ? [] : loaded.problems.map(({ sentence }) => sentence);
  };
  const machine = (over: object) => ({ machines: [{ ...(machines["machines"] as object[])[0], ...over }] });
  const person = (over: object) => ({ peopleVersion: 1, people: [{ name: "Ada", ...over }] });
  const target = (over: object) => ({
    targets: { t: { ...(targets["targets"] as Record<string, object>)["production"], ...over } },
  });
  const any = (count: number) => ({ any: Array.from({ length: count }, () => ({ role: "sre" })) });

  it.each<[string, object, ((text: string) => Loaded<unknown>)?]>([
    ["a deadline with the promotion's own", withRule({ stages: [stage({ deadline: "5d" })] })],
    ["fifty seats", withRule({ stages: [stage({ requires: { role: "sre", count: 50 } })] })],
    ["sixty-four ways", withRule({ stages: [stage({ requires: any(64) })] })],
    [
      "reviews that leave a minute",
      withRule({ stages: [stage({ minimumReview: "4d" }), stage({ name: "b", minimumReview: "1439m" })] }),
    ],
    ["a window of a minute", window({ from: "2026-12-18 18:00", until: "2026-12-18T18:01" })],
    ["a window from the year 2000 on", window({ from: "2000-01-01 00:00", until: "2000-01-02 00:00" })],
    ["a week from Sunday to Sunday", window({ weekly: { from: "sun 00:00", until: "sun 23:59" } })],
    ["a week from one day to the next", window({ weekly: { from: "sun 10:00", until: "mon 10:00" } })],
    ["a working day until midnight", reminders({ to: "24:00" })],
    ["a working day of a minute", reminders({ from: "16:59" })],
    ["an issuer on this machine", role({ issuers: ["http://localhost:4580"] })],
    ["the fewest decisions", { ...classification, learning: { seenBy: ["sre"], fewestDecisions: 5 } }],
    ["scales alone", { ...classification, classification: { riskTiers: ["a", "b"] } }],
    ["models alone", { ...classification, classification: { models: { churn: {} } } }],
    ["a metric with everything in its name", metric("a0_.@/-")],
    ["the longest number of an account", person({ accounts: { github: "9".repeat(20) } }), loadPeople],
    [
      "an address beside an identity",
      person({ address: "a@b.c", identities: [{ issuer: "i", subject: "s" }] }),
      loadPeople,
    ],
    ["an endpoint with dashes", target({ endpoint: "a--b-{model}-0" }), loadTargets],
  ])("is taken: %s", (_, document, load) => {
    expect(said(document, load)).toEqual([]);
  });

  const time = "This must be a date and a time of the zone's clock, such as '2026-12-18 18:00'.";
  const day =
    "This must be a day ('sun', 'mon', 'tue', 'wed', 'thu', 'fri' and 'sat') and a time, such as 'fri 16:00'.";
  const clock = "This must be a time such as '09:00'.";
  const issuer = "This must be an issuer as ID tokens name it, such as https://login.example.org/pool.";
  const slack =
    "This must be the account's member id in Slack, such as U024BE7LH or with its workspace T024BE7LG/U024BE7LH, not its display name.";
  const numeric =
    "This must be the account's numeric id, not its login name, which can be given up and taken by another.";
  const endpoint = "An endpoint's name holds letters, digits and dashes, and may hold {model}.";
  const instance = "This must be a SageMaker instance type such as ml.m5.large.";
  const named = (name: string) => `The metric '${name}' is written in lower-case letters, as the gates name it.`;
  it.each<[string, object, string, ((text: string) => Loaded<unknown>)?]>([
    [
      "a deadline after the promotion's",
      withRule({ stages: [stage({ deadline: "6d" })] }),
      "The stage's deadline is later than the promotion's, which is over after 5d.",
    ],
    [
      "fifty-one seats",
      withRule({ stages: [stage({ requires: { role: "sre", count: 50 } }), stage({ name: "b" })] }),
      "The stages ask for up to 51 seats; at most 50 work.",
    ],
    [
      "sixty-five ways",
      withRule({ stages: [stage({ requires: any(65) })] }),
      "The stages can be met in 65 ways, counting each 'any'; at most 64 work.",
    ],
    [
      "reviews that leave nothing",
      withRule({ stages: [stage({ minimumReview: "4d" }), stage({ name: "b", minimumReview: "1d" })] }),
      "The minimum review times of the stages add up to the whole 5d.",
    ],
    [
      "an empty window",
      window({ from: "2026-12-18 18:00", until: "2026-12-18 18:00" }),
      "The window ends before it begins.",
    ],
    ["a window of the last century", window({ from: "1999-12-31 23:59", until: "2000-01-02 00:00" }), time],
    ["a time with seconds", window({ from: "2026-12-18 18:00:00", until: "2026-12-19 18:00" }), time],
    ["a time behind something", window({ from: "on 2026-12-18 18:00", until: "2026-12-19 18:00" }), time],
    ["an hour that no day has", window({ weekly: { from: "fri 24:00", until: "mon 07:00" } }), day],
    ["a week's time behind something", window({ weekly: { from: "x fri 16:00", until: "mon 07:00" } }), day],
    ["a week's time before something", window({ weekly: { from: "fri 16:00h", until: "mon 07:00" } }), day],
    ["an empty working day", reminders({ from: "17:00" }), "The working day ends before it begins."],
    ["a time of day behind something", reminders({ from: "at 09:00" }), clock],
    ["a time of day before something", reminders({ from: "09:00h" }), clock],
    ["an hour after midnight", reminders({ from: "24:01" }), clock],
    ["an issuer behind something", role({ issuers: ["see https://login.example"] }), issuer],
    ["an issuer with a question", role({ issuers: ["https://login.example?x"] }), issuer],
    [
      "an issuer twice",
      role({ issuers: ["https://a.example", "https://a.example"] }),
      "'https://a.example' stands here twice.",
    ],
    ["a way to sign in twice", role({ signIn: { amr: ["otp", "otp"] } }), "'otp' stands here twice."],
    ["a reader twice", { ...classification, learning: { seenBy: ["sre", "sre"] } }, "'sre' stands here twice."],
    [
      "fewer decisions than say anything",
      { ...classification, learning: { seenBy: ["sre"], fewestDecisions: 4 } },
      "At least 5: fewer decisions say nothing about anybody.",
    ],
    [
      "a model that is no name",
      { ...classification, classification: { models: { Churn: {} } } },
      "The name 'Churn' may hold lower-case letters, digits and dashes only (at most 63, not beginning with a dash).",
    ],
    ["a metric in capitals", metric("aUC"), named("aUC")],
    ["a metric behind a sign", metric("-auc"), named("-auc")],
    [
      "a pipeline twice",
      { machines: [...(machines["machines"] as object[]), ...(machines["machines"] as object[])] },
      "The name 'pipeline' is given twice.",
      loadMachines,
    ],
    [
      "a pipeline known by its subject",
      machine({ match: { repository_id: "1", sub: "repo:x" } }),
      "The claim 'sub' is not matched: its format is the CI system's to change.",
      loadMachines,
    ],
    [
      "a pipeline of GitLab without its project",
      machine({ provider: "gitlab" }),
      "The claim 'project_id' is missing: a pipeline is recognised by its project's numeric id.",
      loadMachines,
    ],
    ["another version of people", { peopleVersion: 2, people: [] }, "This program reads version 1.", loadPeople],
    ["an address behind something", person({ address: "x a@b.c" }), "This must be an email address.", loadPeople],
    ["an address before something", person({ address: "a@b.c x" }), "This must be an email address.", loadPeople],
    ["a number behind something", person({ address: "a@b.c", accounts: { github: "#5" } }), numeric, loadPeople],
    ["a number before something", person({ address: "a@b.c", accounts: { github: "5a" } }), numeric, loadPeople],
    [
      "a Slack account behind something",
      person({ address: "a@b.c", accounts: { slack: "@U024BE7LH" } }),
      slack,
      loadPeople,
    ],
    [
      "a Slack account before something",
      person({ address: "a@b.c", accounts: { slack: "U024BE7LH|a" } }),
      slack,
      loadPeople,
    ],
    ["an account that is a truth", person({ address: "a@b.c", accounts: { github: true } }), numeric, loadPeople],
    ["an endpoint behind a dash", target({ endpoint: "-a" }), endpoint, loadTargets],
    ["an endpoint before a dash", target({ endpoint: "a-" }), endpoint, loadTargets],
    ["an instance type behind something", target({ instanceType: "x ml.m5.large" }), instance, loadTargets],
    ["an instance type before something", target({ instanceType: "ml.m5.large!" }), instance, loadTargets],
    [
      "a target that is no name",
      {
        targets: {
          T: targets["targets"] === undefined ? {} : (targets["targets"] as Record<string, object>)["production"],
        },
      },
      "The name 'T' may hold lower-case letters, digits and dashes only (at most 63, not beginning with a dash).",
      loadTargets,
    ],
  ])("is refused: %s", (_, document, sentence, load) => {
    expect(said(document, load)).toEqual([sentence]);
  });
});
