import { describe, expect, it } from "vitest";
import { wasJudged } from "../../../../core/archive/documents/was-judged.ts";
import type { FactType } from "../../../../core/promotion/fact.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { told } from "../told.ts";
import {
  attachmentsAt,
  bodyAt,
  endOf,
  lent,
  next,
  policies,
  ratified,
  replayed,
  story,
  upTo,
  why,
} from "./replayed-life.ts";

describe("a life that is told again", () => {
  it("comes to what the promotion was, step by step", async () => {
    const { steps, stopped } = replayed(story, story.history);
    expect(stopped).toBeUndefined();
    expect(steps.map(({ record, after: { status } }) => `${record.type}: ${status}`)).toEqual([
      "request: gating",
      "freeze: gating",
      "gates: gating",
      "stage-opened: in-review",
      "stage-decided: in-review",
      "stage-opened: in-review",
      "stage-decided: approved",
      "held: approved",
      "verdict: approved",
      "deployment-started: deploying",
      "deployed: deployed",
      "drift: restricted",
      "remedy: restricted",
    ]);
    expect(steps.map(({ index }) => index)).toEqual(story.history.map(({ index }) => index));
    expect(steps[0]?.before).toBeUndefined();
    expect(steps.slice(1).map((step) => step.before)).toEqual(steps.slice(0, -1).map((step) => step.after));
    expect(steps.map(({ requirements }) => requirements !== undefined)).toEqual([
      ...[false, false],
      ...Array.from({ length: 11 }, () => true),
    ]);
  });

  it("stops at the first record that cannot follow, and says which", () => {
    const records = upTo(story, "verdict");
    const forged = next(records, { type: "deployed" });
    const { steps, stopped } = replayed(story, [...records, forged, ...story.history.slice(records.length)]);
    expect(steps).toHaveLength(records.length);
    expect(stopped?.record).toBe(forged.record);
  });

  it("begins with the request", () => {
    const { steps, stopped } = replayed(story, story.history.slice(1));
    expect(steps).toEqual([]);
    expect(stopped?.sentence).toMatch(/the first record of a promotion is its request\.$/);
  });

  it("numbers each record", () => {
    const records = upTo(story, "held");
    const { record, index } = next(records, { type: "held" });
    const { stopped } = replayed(story, [...records, { index, record: { ...record, id: `${told.deployed}/99` } }]);
    expect(stopped?.sentence).toMatch(/its number is not the next one\.$/);
  });
});

describe("a candidate", () => {
  it("is frozen once", () => {
    const freeze = { type: "freeze", body: bodyAt(story, "freeze"), attachments: [] } as const;
    expect(endOf(story, upTo(story, "freeze"), freeze).frozen).toEqual(freeze.body["frozen"]);
    expect(why(story, upTo(story, "gates"), freeze)).toBe("the candidate was frozen before.");
    const asked = upTo(story, "freeze");
    const withdrawn = [...asked, next(asked, { type: "withdrawn" })];
    expect(endOf(story, withdrawn, freeze)).toMatchObject({ status: "withdrawn", frozen: freeze.body["frozen"] });
  });
});

describe("the gates", () => {
  const records = upTo(story, "gates");
  const body = bodyAt(story, "gates");
  const attachments = attachmentsAt(story, "gates");
  const digest = (name: string) => attachments.find((each) => each.name === name)?.sha256;

  it("are told with their report, their summary and what they asked", () => {
    const { gates, requirements, status } = endOf(story, records, { type: "gates", body, attachments });
    expect(status).toBe("gating");
    expect(requirements).toEqual({ sha256: digest("requirements.json") });
    expect(gates).toEqual({
      outcome: "passed",
      report: digest("gate-report.json"),
      summary: digest("evidence-summary.json"),
    });
  });

  it("are told before a review", () => {
    expect(why(story, upTo(story, "stage-decided"), { type: "gates", body, attachments })).toBe(
      "the promotion is in-review.",
    );
  });

  it("are judged by the requirements that they name, which must be there", () => {
    const other = { ...body, requirements: digestOf("other") };
    expect(why(story, records, { type: "gates", body: other, attachments })).toBe(
      "its requirements are not those it names.",
    );
    const nothing = { ...story.documents, requirements: new Map() };
    const { stopped } = replayed(story, [...records, next(records, { type: "gates", body, attachments })], nothing);
    expect(stopped?.sentence).toMatch(/its requirements cannot be read\.$/);
  });

  it("stop a candidate, with why: of the gates and the matrix with what they came to, of other steps without", () => {
    const blocked = { type: "blocked", attachments } as const;
    for (const step of ["gates", "matrix"]) {
      const end = endOf(story, records, { ...blocked, body: { ...body, outcome: "blocked", step } });
      expect(end).toMatchObject({ status: "blocked", reason: "Why.", gates: { outcome: "blocked" } });
    }
    const { gates, ...end } = endOf(story, records, { type: "blocked", body: { step: "freeze" } });
    expect(end).toMatchObject({ status: "blocked", reason: "Why." });
    expect(gates).toBeUndefined();
  });

  it("were judged where their record says so", () => {
    const judged = (type: FactType, step?: string) => {
      const { record } = next(records, { type, body: step === undefined ? {} : { step } });
      return wasJudged(record);
    };
    expect([judged("gates"), judged("blocked", "gates"), judged("blocked", "matrix")]).toEqual([true, true, true]);
    expect([judged("blocked", "stage"), judged("blocked"), judged("failed", "gates")]).toEqual([false, false, false]);
  });
});

describe("a stage", () => {
  const records = upTo(story, "stage-opened");
  const body = bodyAt(story, "stage-opened");
  const opened = { type: "stage-opened", body } as const;

  it("is opened as its record says, and is the promotion's", () => {
    const { stage, status } = endOf(story, records, opened);
    expect(status).toBe("in-review");
    expect(stage).toEqual({
      index: 0,
      name: "compliance",
      round: 1,
      deadline: body["deadline"],
      openedAt: next(records, opened).record.at,
      open: true,
    });
  });

  it.each([
    ["index", { stage: 1 }],
    ["name", { name: "another" }],
    ["review", { review: 2 }],
  ])("is the next one of the review: no other %s", (_, over) => {
    expect(why(story, records, { ...opened, body: { ...body, ...over } })).toBe(
      "it is not the next stage of the review.",
    );
  });

  it("is opened once the gates have passed", () => {
    expect(why(story, upTo(story, "gates"), opened)).toBe("its gates were never evaluated.");
    const gates = { type: "gates", body: { ...bodyAt(story, "gates"), outcome: "blocked" } } as const;
    const judged = upTo(story, "gates");
    const stopped = [...judged, next(judged, { ...gates, attachments: attachmentsAt(story, "gates") })];
    expect(why(story, stopped, opened)).toBe("the gates have not passed.");
  });

  it("is opened once the one before is closed", () => {
    expect(why(story, upTo(story, "stage-decided"), opened)).toBe("another stage is open.");
  });

  it("is opened once the candidate has run in shadow, where its rule asks for that", () => {
    const shadow = { durationSeconds: 60, requests: 1, withinSeconds: 60 };
    const requirements = new Map(
      [...story.documents.requirements].map(([sha256, each]) => [sha256, { ...each, rule: { ...each.rule, shadow } }]),
    );
    expect(why(story, records, opened, { ...story.documents, requirements })).toBe(
      "the candidate has not run in shadow as its rule asks.",
    );
  });

  it("is decided while it is open, with its seats; the last one makes the promotion approved", () => {
    const open = upTo(story, "stage-decided");
    const decided = { type: "stage-decided", body: bodyAt(story, "stage-decided") } as const;
    const first = endOf(story, open, decided);
    expect(first).toMatchObject({ status: "in-review", stage: { index: 0, open: false } });
    expect(first.settled).toEqual([{ index: 0, seats: decided.body["seats"] }]);
    const second = endOf(story, upTo(story, "stage-decided", 1), {
      type: "stage-decided",
      body: bodyAt(story, "stage-decided", 1),
    });
    expect(second).toMatchObject({ status: "approved", stage: { index: 1, open: false } });
    expect(second.settled.map(({ index }) => index)).toEqual([0, 1]);
    expect(why(story, open, { ...decided, body: { ...decided.body, stage: 1 } })).toBe("that stage is not open.");
    expect(why(story, upTo(story, "stage-opened", 1), decided)).toBe("that stage is not open.");
    expect(why(story, records, decided)).toBe("that stage is not open.");
  });
});

describe("a verdict", () => {
  const records = upTo(story, "verdict");
  const attachments = attachmentsAt(story, "verdict");
  const passed = { type: "verdict", body: { result: "PASSED" }, attachments } as const;
  const failed = { ...passed, body: { result: "FAILED" } };
  const sha256 = attachments.find(({ name }) => name === "verdict.dsse.json")?.sha256;

  it("is the promotion's; one that says FAILED blocks it", () => {
    expect(endOf(story, records, passed)).toMatchObject({ status: "approved", verdict: { sha256, result: "PASSED" } });
    expect(endOf(story, records, failed)).toMatchObject({
      status: "blocked",
      reason: "Why.",
      verdict: { sha256, result: "FAILED" },
    });
  });

  it("is signed over an approved promotion, and again until something begins under it", () => {
    const sentence = "a verdict is signed over an approved promotion, before anything begins under one.";
    const again = endOf(story, upTo(story, "deployment-started"), passed);
    expect(again).toMatchObject({ status: "approved", verdict: { sha256, at: again.history.at(-1)?.at } });
    expect(endOf(story, upTo(story, "deployment-started"), failed).status).toBe("blocked");
    expect(why(story, upTo(story, "deployed"), passed)).toBe(sentence);
    expect(why(story, upTo(story, "stage-decided"), passed)).toBe(sentence);
  });

  it("allows nothing any more once a freeze window holds the promotion, or its seats are open again", () => {
    const signed = upTo(story, "deployment-started");
    const held = { type: "held", body: { window: "Weekend", until: "2027-01-01T00:00:00.000Z" } } as const;
    expect(endOf(story, signed, held)).not.toHaveProperty("verdict");
    expect(endOf(story, signed, { type: "held" })).toHaveProperty("verdict");
    const from = bodyAt(story, "gates")["requirements"] as string;
    const back = endOf(story, signed, { type: "seat-reopened", body: { from, to: from, fallen: [] } });
    expect(back.status).toBe("gating");
    expect(back).not.toHaveProperty("verdict");
  });

  it("of a loan is signed once, for seats that are lent, and is the loan's", () => {
    const loan = { ...passed, body: { result: "PASSED", loan: true } };
    const sentence = "a loan's verdict is signed once, before what is lent runs.";
    expect(why(story, records, loan)).toBe(sentence);
    const open = upTo(lent, "verdict");
    const given = endOf(lent, open, loan);
    expect(given.loan?.verdict).toEqual({ sha256, at: given.history.at(-1)?.at });
    expect(given.verdict).toBeUndefined();
    expect(given.status).toBe("loaned");
    expect(why(lent, upTo(lent, "deployment-started"), loan)).toBe(sentence);
    const refused = endOf(lent, open, { ...loan, body: { result: "FAILED", loan: true } });
    expect(refused).toMatchObject({ status: "blocked", verdict: { result: "FAILED" } });
    expect(refused.loan?.verdict).toBeUndefined();
  });

  it("of the quorum of what is lent needs all its stages, unless it says FAILED", () => {
    const open = upTo(ratified, "stage-decided", 1);
    expect(why(ratified, open, passed)).toBe(
      "a verdict is signed over an approved promotion, before anything begins under one.",
    );
    expect(endOf(ratified, open, failed)).toMatchObject({ status: "blocked", verdict: { result: "FAILED" } });
    const complete = upTo(ratified, "verdict", 1);
    expect(endOf(ratified, complete, passed)).toMatchObject({ status: "loaned", verdict: { result: "PASSED" } });
    const beforeItRuns = complete.map(({ record, ...rest }) => ({
      ...{ ...rest, record: record.type === "loan-running" ? { ...record, type: "staged" as const } : record },
    }));
    expect(why(ratified, beforeItRuns, passed)).toBe(
      "a verdict is signed over an approved promotion, before anything begins under one.",
    );
  });
});

describe("a change of the policies", () => {
  const proposed = { type: "policy-proposed", body: bodyAt(policies, "policy-proposed") } as const;
  const activated = { type: "policy-activated", body: bodyAt(policies, "policy-activated") } as const;
  const records = upTo(policies, "policy-activated");

  it("is proposed as one, and of no candidate", () => {
    expect(endOf(policies, upTo(policies, "policy-proposed"), proposed).status).toBe("gating");
    const sentence = "a change is proposed once, before its gates.";
    expect(why(policies, upTo(policies, "freeze"), proposed)).toBe(sentence);
    expect(why(policies, upTo(policies, "stage-decided"), proposed)).toBe(sentence);
    expect(why(story, upTo(story, "freeze"), proposed)).toBe("it is no change of the policies.");
  });

  it.each(["former", "proposed"])("names what it replaces and by what, by their digests: %s", (name) => {
    const body = { ...proposed.body, [name]: {} };
    expect(why(policies, upTo(policies, "policy-proposed"), { ...proposed, body })).toMatch(
      `does not say what a 'policy-proposed' says (${name}).`,
    );
  });

  it.each<FactType>(["deployment-started", "traffic-shifted", "drift", "loan", "shadow-run"])(
    "runs nowhere: there is no %s",
    (type) => {
      expect(why(policies, upTo(policies, "policy-activated"), { type })).toBe("policies run nowhere.");
    },
  );

  it("comes in force under its verdict, as it was signed, in the place of those it was shown beside", () => {
    expect(endOf(policies, records, activated).status).toBe("deploying");
    expect(why(policies, upTo(policies, "verdict"), activated)).toBe("there is no verdict that allows it.");
    const other = { ...activated, body: { ...activated.body, policy: digestOf("other") } };
    expect(why(policies, records, other)).toBe("other policies were signed off.");
    const former = { ...activated, body: { ...activated.body, former: digestOf("other") } };
    expect(why(policies, records, former)).toBe("it was proposed in the place of others.");
    expect(why(story, upTo(story, "deployment-started"), activated)).toBe("other policies were signed off.");
  });

  it("was proposed before its gates", () => {
    const unsaid = upTo(policies, "freeze").filter(({ record }) => record.type !== "policy-proposed");
    const gates = { type: "gates", body: bodyAt(policies, "gates") } as const;
    expect(why(policies, unsaid, gates)).toBe("nothing tells which policies the proposed ones are to replace.");
  });
});
