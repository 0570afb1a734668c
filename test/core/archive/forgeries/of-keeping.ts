import type { Json } from "../../../../core/encoding/canonical-json.ts";
import { loadPolicies } from "../../../../core/policy/load-policies.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import type { CarriedSignOff } from "../../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, tom } from "../house.ts";
import { member } from "../reviewers.ts";
import { type Forgery, instead, isOf, without } from "./forgery.ts";
import { madeToFit, saying } from "./made-to-fit.ts";

// Approvals that are kept for a newer candidate in the place of others than they were given for.

const carl = member("Carl", "compliance-officers");
const commanders = ["Ida", "Olaf"].map((name) => member(name, "incident-commanders"));
const compliance = "- name: compliance\n        requires: { role: compliance-officer }";

function policiesWith(stages: string) {
  const matrix = shipped.bundle.texts["matrix.yaml"];
  if (!matrix.includes(compliance)) throw new Error("The shipped matrix has another first stage.");
  return { ...shipped.bundle.texts, "matrix.yaml": matrix.replace(compliance, stages) };
}

/** Cora approved the older candidate in the first stage, and that is kept for one with another infrastructure: here, they say. */
async function keptElsewhere(house: House, place: Partial<Pick<CarriedSignOff, "stage" | "review">>) {
  const older = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(older);
  await house.openStage(older);
  await house.sign(older, cora);
  const id = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(id);
  const promotion = house.promotions.stored(id);
  const [given] = promotion.carried ?? [];
  if (given === undefined) throw new Error("Nothing was kept.");
  const carried = { ...given, ...place };
  house.promotions.put({ ...promotion, carried: [carried] });
  const { signOff, ...kept } = carried;
  const said: Json = { stage: kept.stage, roles: [...kept.roles], review: kept.review };
  const told = (): readonly Fact[] => {
    const supersedes = instead(house.facts, isOf("supersedes", id), (fact) => [
      saying(fact, { kept: [{ signOff: signOff.id, ...said }] }),
    ]);
    return instead(supersedes, isOf("sign-off-kept", id), (fact): readonly Fact[] => [
      { ...saying(fact, { kept: said }), id: `${id}/sign-off-kept/${kept.review}/${signOff.id}` },
    ]);
  };
  return { id, told };
}

/** Both stages ask for a compliance officer: what was approved in the first is told as if it had been in the last. */
async function inAnotherStage(): ReturnType<Forgery["tell"]> {
  const last = "- name: release\n        requires: { role: compliance-officer }";
  const texts = policiesWith(`${compliance}\n      ${last}`);
  const house = new House(undefined, loadPolicies({ ...shipped.bundle, texts }), [carl]);
  await house.adoptPolicy();
  const { id, told } = await keptElsewhere(house, { stage: 1 });
  await house.openStage(id);
  await house.sign(id, carl);
  await house.openStage(id);
  await house.decide(id);
  return { house, ...(await madeToFit(house, told())) };
}

/** A change of the policies by which the first stage goes by another name, approved and not yet in force. */
async function renamedSoon(): Promise<{ readonly house: House; readonly policies: PromotionId }> {
  const house = new House(undefined, loadPolicies({ ...shipped.bundle, texts: policiesWith(compliance) }), [
    ...commanders,
  ]);
  await house.adoptPolicy();
  const renamed = policiesWith(compliance.replace("name: compliance", "name: legal"))["matrix.yaml"];
  const policies: PromotionId = await house.proposePolicy(tom, { "matrix.yaml": renamed });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  for (const each of [cora, dana]) await house.sign(policies, each);
  await house.verify(policies);
  return { house, policies };
}

/** It is told as kept for the review after this one, in which its stage is asked for otherwise. */
async function inTheNextReview(): ReturnType<Forgery["tell"]> {
  const { house, policies } = await renamedSoon();
  const { id, told } = await keptElsewhere(house, { review: 2 });
  await house.openStage(id);
  await house.activatePolicy(policies);
  await house.decide(id);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.decide(id);
  await house.openStage(id);
  for (const each of [sam, dana]) await house.sign(id, each);
  return { house, ...(await madeToFit(house, told())) };
}

/** The gates are judged once more in the same review, by requirements under which it falls, and it fills her seat all the same. */
async function underOtherRequirements(): ReturnType<Forgery["tell"]> {
  const { house, policies } = await renamedSoon();
  const { id, told } = await keptElsewhere(house, {});
  const promotion = house.promotions.stored(id);
  await house.activatePolicy(policies);
  house.promotions.put({ ...promotion, carried: [] });
  await house.judge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  for (const each of [sam, dana]) await house.sign(id, each);
  await house.verify(id);
  const facts = told();
  const isAnew = isOf("sign-off", id, ({ body }) => body["stage"] === 0);
  const anew = facts.find(isAnew)?.body["signOff"];
  const kept = facts.find(isOf("sign-off-kept", id))?.body["signOff"];
  const seated: readonly Fact[] = JSON.parse(
    JSON.stringify(without(facts, isAnew)).replaceAll(String(anew), String(kept)),
  );
  return { house, ...(await madeToFit(house, seated)) };
}

/** A candidate that Cora approved, and nobody else yet. */
async function approvedByCora() {
  const house = new House();
  const older = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(older);
  await house.openStage(older);
  await house.sign(older, cora);
  return { house, older };
}

/** By those who are left to be asked once compliance has signed. */
async function deployed(house: House, newer: PromotionId): Promise<void> {
  await house.openStage(newer);
  await house.decide(newer);
  await house.openStage(newer);
  for (const each of [sam, dana]) await house.sign(newer, each);
  await house.verify(newer);
  await house.deploy(newer);
}

/** Cora approved the older candidate, and rejected one that came after it; a third is told to take the place of the first. */
async function pastRejection(): ReturnType<Forgery["tell"]> {
  const { house, older } = await approvedByCora();
  house.lanes.forget();
  house.pass(600);
  const between = await house.submit("candidate", "2.1.0");
  await house.freezeAndJudge(between);
  await house.openStage(between);
  await house.sign(between, cora, "reject", { reason: "It discriminates." });
  house.lanes.forget();
  const { submittedAt } = house.promotions.stored(older);
  await house.lanes.move("credit-scoring", "production", {
    revision: 1,
    head: { id: older, submittedAt },
    displaced: [],
  });
  house.pass(600);
  const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(newer);
  await deployed(house, newer);
  return { house };
}

/** Cora approved the older candidate; the one after it, of which nobody was asked yet, is said to be taken the place of as well. */
async function beforeTheLast(): ReturnType<Forgery["tell"]> {
  const { house, older } = await approvedByCora();
  const last = await house.submit("candidate", "2.1.0");
  const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(newer);
  house.move(last, { status: "superseded", supersededBy: newer }, superseded(newer));
  await deployed(house, newer);
  const promotions = [older, last].map((id) => ({ id, freezeDigest: house.promotions.stored(id).freezeDigest }));
  const told = instead(house.facts, isOf("supersedes", newer), (fact) => [saying(fact, { promotions })]);
  return { house, ...(await madeToFit(house, told)) };
}

/** What is kept is told as it was, and once more, as of the stage after that. */
async function toldTwice(): ReturnType<Forgery["tell"]> {
  const { house } = await approvedByCora();
  const newer = await house.submit("candidate", "2.0.0", { "infrastructure.json": '{"instances":3}' });
  await house.freezeAndJudge(newer);
  await deployed(house, newer);
  const told = instead(house.facts, isOf("supersedes", newer), (fact) => {
    const kept = fact.body["kept"] as readonly { readonly [name: string]: Json }[];
    return [saying(fact, { kept: [...kept, ...kept.map((each) => ({ ...each, stage: 1 }))] })];
  });
  return { house, ...(await madeToFit(house, told)) };
}

function superseded(by: PromotionId) {
  return { type: "superseded", summary: "", body: { by }, attachments: [] } as const;
}

export const ofKeeping: Readonly<Record<string, Forgery>> = {
  "an approval that is kept past a candidate which came between, and was rejected": {
    tell: pastRejection,
    ours: /sign-off-invalid: The sign-off [0-9a-f]{64} is kept from p-\S+, although p-\S+, which was asked for later, had come through its gates by/,
    second: /a sign-off is kept from an older candidate than the last that was through its gates/,
  },
  "an approval that is kept from another candidate than the last whose place was taken": {
    tell: beforeTheLast,
    ours: /sign-off-invalid: It is kept from another candidate than the last whose place was taken/,
    second: /a sign-off is kept from another candidate than the last whose place was taken/,
  },
  "an approval that is kept in another stage than it was given in": {
    tell: inAnotherStage,
    ours: /sign-off-invalid: It is kept in another stage or for another review than it may be/,
    second: /a sign-off was kept although its stage is asked for otherwise now/,
  },
  "an approval that is kept for the review after the one in which it was kept": {
    tell: inTheNextReview,
    ours: /sign-off-invalid: It is kept in another stage or for another review than it may be/,
    second: /a sign-off is kept for another review than its promotion was in/,
  },
  "an approval that is told as kept in its own stage and in another as well": {
    tell: toldTwice,
    ours: /sign-off-invalid: The sign-off [0-9a-f]{64} is said to be kept twice/,
    second: /a sign-off is kept twice/,
  },
  "an approval that was kept, and fills a seat under requirements by which it falls": {
    tell: underOtherRequirements,
    ours: /sign-off-invalid: It was kept although it falls: Cora signed for a stage that is asked for otherwise now/,
    second: /a verdict rests on a sign-off that was kept although its stage is asked for otherwise now/,
  },
};
