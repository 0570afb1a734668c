import { describe, expect, it } from "vitest";
import { wasJudged } from "../../../../core/archive/documents/was-judged.ts";
import { replayPromotion } from "../../../../core/archive/history/replay-promotion.ts";
import type { ReplayDocuments } from "../../../../core/archive/history/replay-request.ts";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import { type FactType, factTypes, type LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { historyOf, replayedOf, told } from "../told.ts";

const story = await historyOf(told.deployed);
const lent = await historyOf(told.lent);
const ratified = await historyOf(told.ratified);
const policies = await historyOf(told.policies);

/** The records of a story before the n-th of a type. */
function upTo({ history }: typeof story, type: FactType, n = 0): readonly PromotionRecord[] {
  const places = history.flatMap(({ record }, place) => (record.type === type ? [place] : []));
  return history.slice(0, places[n] ?? history.length);
}

interface Next {
  readonly type: FactType;
  readonly body?: LedgerRecord["body"];
  readonly attachments?: LedgerRecord["attachments"];
}

/** The record that would come next. */
function next(records: readonly PromotionRecord[], { type, body = {}, attachments = [] }: Next): PromotionRecord {
  const last = records.at(-1)?.record;
  if (last?.promotion === undefined) throw new Error("Nothing was told before.");
  const at = addSeconds(last.at, 1);
  const id = `${last.promotion}/${records.length}`;
  return {
    index: 900,
    record: { recordVersion: 1, id, type, at, promotion: last.promotion, summary: "Why.", body, attachments },
  };
}

function replayed(of: typeof story, records: readonly PromotionRecord[], documents: ReplayDocuments = of.documents) {
  const promotion = records[0]?.record.promotion ?? ("" as PromotionId);
  return replayPromotion(promotion, records, documents);
}

/** What a promotion is after one more record. */
function endOf(of: typeof story, records: readonly PromotionRecord[], one: Next): Promotion {
  const { steps, stopped } = replayed(of, [...records, next(records, one)]);
  if (stopped !== undefined) throw new Error(stopped.sentence);
  const end = steps.at(-1)?.after;
  if (end === undefined) throw new Error("Nothing was told.");
  return end;
}

/** Why one more record cannot stand there. */
function why(of: typeof story, records: readonly PromotionRecord[], one: Next, documents = of.documents): string {
  const { steps, stopped } = replayed(of, [...records, next(records, one)], documents);
  expect(steps).toHaveLength(records.length);
  return (stopped?.sentence ?? "It follows.").replace(
    /^The record '[^']*' \([a-z-]+\) cannot stand where it does: /,
    "",
  );
}

const bodyAt = ({ history }: typeof story, type: FactType, n = 0) =>
  history.filter(({ record }) => record.type === type)[n]?.record.body ?? {};
const attachmentsAt = ({ history }: typeof story, type: FactType, n = 0) =>
  history.filter(({ record }) => record.type === type)[n]?.record.attachments ?? [];

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

describe("a deployment", () => {
  it("begins with a verdict that allows it", () => {
    const begun = { type: "deployment-started" } as const;
    expect(endOf(story, upTo(story, "deployment-started"), begun).status).toBe("deploying");
    expect(why(story, upTo(story, "verdict"), begun)).toBe("there is no verdict that allows it.");
    expect(endOf(lent, upTo(lent, "deployment-started"), begun).status).toBe("loaned");
    expect(why(lent, upTo(lent, "verdict"), begun)).toBe("there is no verdict that allows it.");
  });

  it("is begun once under a verdict, also where it went back", () => {
    const begun = { type: "deployment-started" } as const;
    const sentence = "its verdict allows one deployment, which was begun before.";
    const running = upTo(story, "deployed");
    expect(why(story, running, begun)).toBe(sentence);
    const back = [...running, next(running, { type: "rollback", body: { state: "started" } })];
    expect(why(story, back, begun)).toBe(sentence);
    expect(why(lent, upTo(lent, "loan-running"), begun)).toBe(sentence);
  });

  it("goes back while it is under way", () => {
    const back = { type: "rollback", body: { state: "started" } } as const;
    expect(endOf(story, upTo(story, "deployed"), back).status).toBe("deploying");
    expect(endOf(lent, upTo(lent, "loan-ended"), back).status).toBe("loaned");
    expect(why(story, upTo(story, "drift"), back)).toBe("the promotion is deployed, so nothing goes back.");
    expect(why(story, upTo(story, "deployment-started"), back)).toBe("nothing was deployed.");
  });

  it("of what is lent is made one that stays by its quorum alone", () => {
    expect(why(lent, upTo(lent, "loan-ended"), { type: "deployed" })).toBe(
      "only its quorum makes a lent candidate deployed.",
    );
  });

  it("is followed by drift, and by what is done about it", () => {
    const running = upTo(story, "drift");
    expect(endOf(story, running, { type: "drift", body: { action: "stop" } })).toMatchObject({
      status: "restricted",
      reason: "Why.",
    });
    const remedy = (state: string, what = "stop") =>
      ({ type: "remedy", body: { remedy: what, because: "drift", state } }) as const;
    expect(why(story, running, remedy("started"))).toBe(
      "the promotion is deployed, so nothing is done about what runs.",
    );
    const drifted = upTo(story, "remedy");
    const reason = replayed(story, drifted).steps.at(-1)?.after.reason;
    expect(reason).not.toBe("Why.");
    for (const state of ["started", "failed"])
      expect(endOf(story, drifted, remedy(state))).toMatchObject({ status: "restricted", reason });
    expect(endOf(story, drifted, remedy("done"))).toMatchObject({ status: "restricted", reason: "Why." });
    expect(endOf(story, drifted, remedy("done", "previous"))).toMatchObject({ status: "rolled-back", reason: "Why." });
  });

  it("is over once: no later record lifts what drift has restricted", () => {
    const again = { type: "deployed" } as const;
    expect(why(story, upTo(story, "drift"), again)).toBe("the promotion is deployed already.");
    expect(why(story, upTo(story, "remedy"), again)).toBe("A promotion that is restricted cannot become deployed.");
  });

  it("lets traffic come over while it is under way", () => {
    const shifted = { type: "traffic-shifted" } as const;
    expect(endOf(story, upTo(story, "deployed"), shifted).status).toBe("deploying");
    expect(why(story, upTo(story, "drift"), shifted)).toBe("the promotion is deployed.");
  });

  it.each(["rolled-back", "failed"] as const)("may end as %s, with why", (type) => {
    expect(endOf(story, upTo(story, "deployed"), { type })).toMatchObject({ status: type, reason: "Why." });
  });
});

describe("an end", () => {
  const open = upTo(story, "stage-decided");

  it.each(["rejected", "expired", "withdrawn"] as const)("that is %s says why, and closes the stage", (type) => {
    expect(endOf(story, open, { type })).toMatchObject({
      status: type,
      reason: "Why.",
      stage: { index: 0, open: false },
    });
  });

  it("that is superseded names the newer one", () => {
    expect(endOf(story, open, { type: "superseded", body: { by: told.lent } })).toMatchObject({
      status: "superseded",
      reason: "Why.",
      supersededBy: told.lent,
      stage: { open: false },
    });
  });

  it("before any stage was open closes none", () => {
    expect(endOf(story, upTo(story, "gates"), { type: "withdrawn" })).not.toHaveProperty("stage");
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

describe("records that change nothing", () => {
  const supersedes = (body: LedgerRecord["body"]): Next => ({ type: "supersedes", body });

  it.each<Next>([{ type: "held" }, { type: "staged" }, { type: "rollback" }])("$type", (one) => {
    const records = upTo(story, "deployed");
    const was = replayed(story, records).steps.at(-1)?.after;
    const { revision, history, ...is } = endOf(story, records, one);
    expect({ revision: was?.revision, history: was?.history.length }).toEqual({
      revision: revision - 1,
      history: history.length - 1,
    });
    expect(was).toMatchObject(is);
  });

  it("say what they are about all the same: whoever reads what is kept would stumble over it later", () => {
    for (const kept of [undefined, null, [{ signOff: "a sign-off" }]])
      expect(
        why(story, upTo(story, "deployed"), supersedes({ promotions: [], ...(kept === undefined ? {} : { kept }) })),
      ).toMatch(/^The record '[^']+' does not say what a 'supersedes' says \(kept/);
    for (const promotions of [{}, { promotions: "all" }, { promotions: [{ id: told.kept }] }])
      expect(why(story, upTo(story, "deployed"), supersedes({ kept: [], ...promotions }))).toMatch(
        /^The record '[^']+' does not say what a 'supersedes' says \(promotions/,
      );
  });

  it("say that the place of others is taken once, before a stage is opened that what is kept counts in", () => {
    const taken = supersedes({ kept: [], promotions: [] });
    const sentence = "the place of others is taken once, before a stage is opened.";
    const judged = upTo(story, "stage-opened");
    expect(endOf(story, judged, taken).status).toBe("gating");
    expect(why(story, [...judged, next(judged, taken)], taken)).toBe(sentence);
    expect(why(story, upTo(story, "stage-decided"), taken)).toBe(sentence);
    expect(why(story, upTo(story, "deployed"), taken)).toBe(sentence);
    // Somebody else ended it meanwhile.
    const over = [...judged, next(judged, { type: "withdrawn" })];
    expect(endOf(story, over, taken).status).toBe("withdrawn");
  });

  it("say that it was cleaned up once it has ended, and not what runs on, or may be lent yet", () => {
    const judged = upTo(story, "stage-opened");
    const over = [...judged, next(judged, { type: "withdrawn" })];
    expect(endOf(story, over, { type: "clean-up" }).status).toBe("withdrawn");
    expect(why(story, judged, { type: "clean-up" })).toBe("the promotion is gating.");
    expect(why(story, upTo(story, "deployed"), { type: "clean-up" })).toBe("the promotion is deploying.");
  });

  it("say no end twice", () => {
    const judged = upTo(story, "stage-opened");
    const over = [...judged, next(judged, { type: "withdrawn" })];
    expect(why(story, over, { type: "withdrawn" })).toBe("the promotion is withdrawn already.");
  });
});

it("every other kind of record is no change of a promotion", () => {
  const changes: readonly FactType[] = [
    ...["freeze", "gates", "blocked", "stage-opened", "stage-decided", "seat-reopened", "verdict"],
    ...["deployment-started", "deployed", "loan", "loan-running", "loan-ratified", "loan-ended", "loan-taken-back"],
    ...["loan-review-opened", "loan-refused", "shadow-run", "drift", "remedy", "rolled-back", "failed", "rejected"],
    ...["expired", "withdrawn", "superseded", "policy-proposed", "policy-activated", "supersedes", "held", "staged"],
    ...["rollback", "clean-up", "traffic-shifted"],
  ] as readonly FactType[];
  for (const type of factTypes.filter((each) => !changes.includes(each)))
    expect(why(story, upTo(story, "deployed"), { type }), type).toBe("it is no change of a promotion.");
});

it("a life of every kind is told again to its end", async () => {
  for (const promotion of [told.kept, told.lent, told.ratified, told.reopened, told.rejected, told.blocked]) {
    const { steps, stopped } = await replayedOf(promotion);
    expect(stopped).toBeUndefined();
    expect(steps.length).toBeGreaterThan(2);
  }
});
