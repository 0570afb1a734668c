import { describe, expect, it } from "vitest";
import { recheckRepeated } from "../../../../core/archive/promotion/verify-repeated.ts";
import { canonicalJson, type Json } from "../../../../core/encoding/canonical-json.ts";
import type { Fact, FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";
import { sayingIn, stepOf, withStep } from "../told-steps.ts";

const promotions = [...new Set(told.house.facts.flatMap(({ promotion }) => promotion ?? []))];
const recordsIn = (promotion: PromotionId) =>
  recordsOf(told.house.facts).filter(({ record }) => record.promotion === promotion);
const promotionOf = (type: FactType) => {
  const found = told.house.facts.find((fact) => fact.type === type)?.promotion;
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
};

/** What is found where the first record of a type says something else: the codes, and what is named. */
async function wrong(type: FactType, body: LedgerRecord["body"], promotion = promotionOf(type)) {
  const { steps } = await replayedOf(promotion);
  return recheckRepeated([], sayingIn(steps, type, body)).map(({ code, sentence }) => `${code}: ${sentence}`);
}

const toldAs = (value: Json | undefined) => (value === undefined ? "nothing" : canonicalJson(value));
const otherwise = (code: string, id: string, member: string, said: Json | undefined, known: Json | undefined) =>
  `${code}: '${id}' says that ${member} is ${toldAs(said)}, and by what was signed or recorded before it is ${toldAs(known)}.`;
const factIn = (type: FactType): Fact => {
  const fact = told.house.facts.find((each) => each.type === type);
  if (fact === undefined) throw new Error(`There is no ${type}.`);
  return fact;
};

describe("what a record says again of others", () => {
  it.each(promotions)("is the same, of %s", async (promotion) => {
    expect(recheckRepeated(recordsIn(promotion), (await replayedOf(promotion)).steps)).toEqual([]);
  });

  it.each<[FactType, string, string, LedgerRecord["body"]]>([
    ["request", "freeze-differs", "model", { model: { name: "credit-scoring", type: "credit-scoring", version: "9" } }],
    ["request", "freeze-differs", "target", { target: "staging" }],
    ["request", "freeze-differs", "requester", { requester: { issuer: "https://ci.example", subject: "other" } }],
    ["traffic-shifted", "deployment-differs", "endpoint", { endpoint: "other" }],
    ["deployed", "deployment-differs", "endpoint", { endpoint: "other" }],
    ["rollback", "deployment-differs", "endpoint", { endpoint: "other" }],
    ["rolled-back", "deployment-differs", "endpoint", { endpoint: "other" }],
    ["loan-running", "deployment-differs", "endpoint", { endpoint: "other" }],
    ["loan-taken-back", "deployment-differs", "endpoint", { endpoint: "other" }],
    ["rollback", "deployment-differs", "state", { state: "failed" }],
    ["policy-proposed", "policy-differs", "proposed", { proposed: digestOf("other") }],
    ["loan-ended", "loan-invalid", "until", { until: "2026-11-23T23:00:00.000Z" }],
    ["loan-ratified", "loan-invalid", "verdict", { verdict: digestOf("other") }],
    ["loan-review-opened", "loan-invalid", "incident", { incident: "https://incidents.example/1" }],
    ["loan-review-opened", "loan-invalid", "lenders", { lenders: [] }],
  ])("where it is not, in a %s: %s", async (type, code, member, body) => {
    const { id, body: said } = factIn(type);
    expect(await wrong(type, body)).toEqual([otherwise(code, id, `its ${member}`, body[member], said[member])]);
  });

  it("knows the requirements that changed: those by which it was judged until then", async () => {
    const [given] = (await replayedOf(told.reopened)).steps.filter(({ record }) => "from" in record.body);
    if (given === undefined) throw new Error("No requirements changed.");
    const { id, body } = given.record;
    const from = digestOf("other");
    expect(await wrong("seat-reopened", { from }, told.reopened)).toEqual([
      otherwise("policy-differs", id, "its from", from, body["from"]),
    ]);
  });

  it("holds plans of a deployment that waits to those that were signed", async () => {
    const { id } = factIn("held");
    expect(await wrong("held", { plans: [] })).toEqual([]);
    const plan = digestOf("plan");
    expect(await wrong("held", { plans: [plan] })).toEqual([
      otherwise("deployment-differs", id, "its plans", [plan], []),
    ]);
    const { steps } = await replayedOf(promotionOf("held"));
    const [held] = sayingIn(steps, "held", { plans: [plan] });
    if (held === undefined) throw new Error("Nothing was held.");
    const evidence = [
      { ...{ kind: "iac-plan", format: "terraform-plan", name: "plan.json", size: 3, sha256: plan } },
    ] as unknown as typeof held.after.manifest.evidence;
    const manifest = { ...held.after.manifest, evidence };
    expect(recheckRepeated([], [{ ...held, after: { ...held.after, manifest } }])).toEqual([]);
  });

  it("is said again", async () => {
    const { steps } = await replayedOf(promotionOf("loan-ended"));
    const { id, body } = factIn("loan-ended");
    const silent = withStep(steps, "loan-ended", ({ record }) => ({ record: { ...record, body: {} } }));
    expect(recheckRepeated([], silent).map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
      otherwise("loan-invalid", id, "its until", undefined, body["until"]),
    ]);
  });

  it("is what is announced at the first drift, at each after it", async () => {
    const { steps } = await replayedOf(promotionOf("drift"));
    const first = stepOf(steps, "drift");
    const { index, record } = first;
    const again = (body: LedgerRecord["body"]) =>
      recheckRepeated([], [{ ...first, index: index + 1, record: { ...record, body }, before: first.after }]);
    expect(again(record.body)).toEqual([]);
    const announced = { action: "other", unlessReapproved: "stop", reapproveBy: now };
    expect(again({ ...record.body, ...announced })).toEqual(
      Object.entries(announced).map(([member, said]) => ({
        ...{ code: "deployment-differs", index: index + 1 },
        sentence: otherwise("", record.id, `its ${member}`, said, record.body[member]).slice(2),
      })),
    );
  });

  it("holds the beginning of a deployment against nothing: its verdict does that", async () => {
    expect(await wrong("deployment-started", { endpoint: "other" })).toEqual([]);
  });

  it("is nothing about policies that were never frozen", async () => {
    const { steps } = await replayedOf(promotionOf("policy-proposed"));
    const proposed = sayingIn(steps, "policy-proposed", { proposed: digestOf("other") });
    const unfrozen = proposed.map((step) => {
      const manifest = { ...step.after.manifest, artifacts: [] };
      return { ...step, after: { ...step.after, manifest } };
    });
    expect(recheckRepeated([], proposed)).toHaveLength(1);
    expect(recheckRepeated([], unfrozen)).toEqual([]);
  });

  it("knows a promotion whose place is taken by its candidate", async () => {
    const { id, body } = factIn("supersedes");
    const [older] = body["promotions"] as readonly { readonly id: string; readonly freezeDigest: string }[];
    if (older === undefined) throw new Error("There is none.");
    const freezeDigest = digestOf("other");
    const made = `p-${freezeDigest.slice(0, 32)}-1`;
    expect(await wrong("supersedes", { promotions: [{ ...older, freezeDigest }] })).toEqual([
      otherwise("deployment-differs", id, "the id of what it supersedes", older.id, made),
    ]);
  });

  it("knows that a way back that failed had begun in the same deployment", async () => {
    const { steps } = await replayedOf(promotionOf("rollback"));
    const back = steps.find(({ record }) => record.type === "rollback");
    if (back?.before === undefined) throw new Error("There is no way back.");
    const failed = { ...back, record: { ...back.record, body: { ...back.record.body, state: "failed" } } };
    const following = (...types: readonly FactType[]) => {
      const history = types.map((type): Fact => ({ ...back.record, type }));
      return recheckRepeated([], [{ ...failed, before: { ...failed.before, history } as typeof back.before }]);
    };
    expect(following("deployment-started", "rollback")).toEqual([]);
    expect(following("deployment-started")).toHaveLength(1);
    expect(following("deployment-started", "traffic-shifted")).toHaveLength(1);
    expect(following("deployment-started", "rollback", "deployment-started")).toHaveLength(1);
  });

  it("numbers a passport as its record", () => {
    const { id, promotion, body } = factIn("passport-issued");
    const records = recordsOf([{ ...factIn("passport-issued"), body: { ...body, passport: `${promotion}.2` } }]);
    expect(recheckRepeated(records, []).map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
      otherwise("life-cycle", id, "its passport", `${promotion}.2`, `${promotion}.1`),
    ]);
  });

  it.each<[FactType, string, LedgerRecord["body"]]>([
    ["question", "question/other", { question: "other" }],
    ["answer", "question/other/answer", { question: "other" }],
    ["plan-reported", `plan-reported/${digestOf("other")}`, { plan: digestOf("other") }],
    ["escalated", "escalated/2/0/1", { review: 2, stage: 0, round: 1 }],
    ["passport-redeemed", "passport-redeemed/other", { passport: "other" }],
  ])("stands under the id that is made of it: a %s", (type, id, body) => {
    const records = recordsOf([factIn(type)]);
    expect(recheckRepeated(records, [])).toEqual([]);
    const { id: told, promotion } = factIn(type);
    const retold = records.map(({ record }) => ({
      index: 7,
      record: { ...record, body: { ...record.body, ...body } },
    }));
    expect(recheckRepeated(retold, [])).toMatchObject([
      {
        code: "life-cycle",
        index: 7,
        sentence: `'${told}' says that its id is "${told}", and by what was signed or recorded before it is "${promotion}/${id}".`,
      },
    ]);
  });
});
