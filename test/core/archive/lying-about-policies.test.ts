import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { loadPolicies, type Policies } from "../../../core/policy/load-policies.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, tom } from "./house.ts";
import { packOf, verified } from "./pack-fixture.ts";
import * as retelling from "./retelling.ts";
import { member } from "./reviewers.ts";
import { unsignedPolicies } from "./unsigned-policies.ts";

// The policies in force are in the pack, put in force by a quorum or a deployment, and the service goes by others.

type Texts = typeof shipped.bundle.texts;

/** The shipped policies with one file changed. */
function changed(name: keyof Texts, from: string, to: string): Policies {
  const { bundle } = shipped;
  const text = bundle.texts[name].replace(from, to);
  expect(text).not.toBe(bundle.texts[name]);
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, [name]: text } });
}

const others = [
  ...["Ida", "Olaf"].map((name) => member(name, "incident-commanders")),
  ...["Carl", "Cleo"].map((name) => member(name, "compliance-officers")),
];
const inForce: readonly FactType[] = ["policy-activated", "deployed"];
const asks: readonly FactType[] = ["stage-opened", "stage-decided", "verdict", "deployment-started"];

/** A candidate that three people approve, the last of them after half an hour. */
async function deployed(house: House): Promise<PromotionId> {
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  house.pass(1800);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  expect(house.promotions.stored(id).status).toBe("deployed");
  return id;
}

/** What is wrong where a candidate was deployed by these. */
async function findings(policies: Policies): Promise<readonly string[]> {
  const house = new House(undefined, policies);
  await house.adoptPolicy();
  const id = await deployed(house);
  const facts = retelling.goingOn(house.facts);
  const { findings: found, promotions } = await verified(await packOf({ house }, { facts }));
  expect(promotions).toMatchObject([{ promotion: id, outcome: found.length === 0 ? "PASSED" : "FAILED" }]);
  return found.map(({ code, sentence }) => `${code}: ${sentence}`);
}

const elsewhere =
  "policy-differs: It was frozen for another target than the policies in force at its request have by that name, or by a pipeline that they do not let submit the model.";

it("a candidate leads where its target does, as the policies in force say", async () => {
  const { production } = shipped.targets;
  if (production?.kind !== "sagemaker-endpoint") throw new Error("It is an endpoint.");
  const open = { ...production, endpoint: "somewhere-else", network: "open" as const };
  expect(await findings({ ...shipped, targets: { ...shipped.targets, production: open } })).toEqual([elsewhere]);
});

it("a pipeline submits what the policies in force let it", async () => {
  const submits = "submits: [credit-scoring, product-recommendation, home-recommendation, overdraft-scoring]";
  const stricter = changed("machines.yaml", submits, "submits: [home-recommendation]");
  expect(await findings({ ...stricter, machines: shipped.machines })).toEqual([elsewhere]);
});

const twice = shipped.bundle.texts["matrix.yaml"].replace(
  "requires: { role: compliance-officer }",
  "requires: { role: compliance-officer, count: 2 }",
);

describe("whoever signs for policies is shown all that they change", () => {
  const longer = twice.replace("expiresAfter: 5d", "expiresAfter: 6d");
  const shownOthers =
    "policy-differs: Reviewers were shown other changes of the policies than there are between the two versions.";

  /** Cora is shown that they change one thing, and they change another as well. */
  async function shown(
    against: Partial<Texts>,
    result: "approve" | "reject",
  ): Promise<{ readonly house: House; readonly id: PromotionId }> {
    const house = new House(undefined, undefined, others);
    await house.adoptPolicy();
    const id = await house.proposePolicy(tom, { "matrix.yaml": longer }, { against });
    await house.freezeAndJudge(id);
    await house.openStage(id);
    await house.sign(id, cora, result, result === "reject" ? { reason: "Why longer?" } : {});
    return { house, id };
  }

  async function sentences(house: House): Promise<readonly string[]> {
    return (await verified(await packOf({ house }))).findings.map(({ code, sentence }) => `${code}: ${sentence}`);
  }

  it("as they are put in force", async () => {
    const { house, id } = await shown({ "matrix.yaml": twice }, "approve");
    await house.sign(id, dana);
    await house.verify(id);
    await house.activatePolicy(id);
    expect(house.promotions.stored(id).status).toBe("deployed");
    expect(await sentences(house)).toEqual([shownOthers, shownOthers]);
    // Also where what was proposed is said to be kept only once it was put in force.
    const kept = ({ name }: { readonly name: string }) => name !== "policies.json";
    const facts = house.facts.map((fact) =>
      fact.type === "freeze" ? { ...fact, attachments: fact.attachments.filter(kept) } : fact,
    );
    const { findings: found } = await verified(await packOf({ house }, { facts }));
    expect(found.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
      "policy-differs: The policies that were frozen were not kept with that.",
      shownOthers,
      shownOthers,
    ]);
  });

  it("and as they are refused", async () => {
    const { house, id } = await shown({ "matrix.yaml": twice }, "reject");
    expect(house.promotions.stored(id).status).toBe("rejected");
    expect(await sentences(house)).toEqual([shownOthers]);
    expect(await sentences((await shown({}, "reject")).house)).toEqual([]);
  });
});

it("a candidate goes back to its gates once others are in force that ask for more", async () => {
  const house = new House(undefined, undefined, others);
  await house.adoptPolicy();
  const policies = await house.proposePolicy(tom, { "matrix.yaml": twice });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  const id = await deployed(house);
  await house.activatePolicy(policies);
  // As if they had been put in force right after the candidate's gates, and whoever counts went on by those of before.
  const gates = retelling.factOf(house, "gates", id);
  const later = house.facts.filter(({ promotion, type }) => promotion === policies && inForce.includes(type));
  const rest = house.facts.filter((fact) => !later.includes(fact));
  const place = rest.findIndex(({ promotion, type }) => promotion === id && type === "stage-opened");
  const facts = [...rest.slice(0, place), ...later.map((fact) => ({ ...fact, at: gates.at })), ...rest.slice(place)];
  const { findings: found } = await verified(await packOf({ house }, { facts: retelling.goingOn(facts) }));
  const verdict = retelling.factOf(house, "verdict", id);
  const done = facts.filter(
    ({ promotion, at, type }) => promotion === id && at > addSeconds(gates.at, 900) && asks.includes(type),
  );
  expect(done).toContain(verdict);
  expect(found.map(({ sentence }) => sentence)).toEqual([
    "The sign-offs were verified by policies that were not in force then.",
    ...done.map(() => "It was done under requirements that the policies in force then do not come to any more."),
  ]);
});

it("policies that were signed come in force within the hour", async () => {
  const house = new House(undefined, undefined, others);
  await house.adoptPolicy();
  const twice = shipped.bundle.texts["matrix.yaml"].replace("carryOver: 3d", "carryOver: 2d");
  const policies = await house.proposePolicy(tom, { "matrix.yaml": twice });
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cora);
  await house.sign(policies, dana);
  await house.verify(policies);
  await house.activatePolicy(policies);
  const { at: signed } = retelling.factOf(house, "verdict", policies);
  /** As if they had come in force so many seconds after the verdict. */
  const wrong = async (seconds: number) => {
    const at = addSeconds(signed, seconds);
    const facts = house.facts.map((fact) =>
      fact.promotion === policies && inForce.includes(fact.type) ? { ...fact, at } : fact,
    );
    return (await verified(await packOf({ house }, { facts }))).findings.map(
      ({ code, sentence }) => `${code}: ${sentence}`,
    );
  };
  expect(await wrong(3604)).toEqual([]);
  expect(await wrong(3605)).toEqual([
    "deployment-unapproved: The policies came in force when the verdict was too old to allow it.",
  ]);
});

it("a candidate waits while a freeze window of the policies in force holds it up", async () => {
  const frozen = changed(
    "matrix.yaml",
    "rules:",
    "freezeWindows:\n  - { name: Quarter end, zone: UTC, from: 2026-11-23 00:00, until: 2026-11-24 00:00 }\nrules:",
  );
  expect(await findings({ ...frozen, matrix: { ...frozen.matrix, freezeWindows: [] } })).toEqual([
    "policy-differs: The verdict is PASSED in a freeze window of the policies in force then, or without the exception that let it pass.",
    "policy-differs: The deployment began in a freeze window of the policies in force then.",
    ...Array(3).fill("policy-differs: It was signed in a freeze window of the policies in force then."),
  ]);
});

describe("a candidate that did not wait while a freeze window of its own policies held it up", () => {
  const weekly = (zone: string, from: string, until: string) =>
    changed(
      "matrix.yaml",
      "rules:",
      `freezeWindows:\n  - { name: Early, zone: ${zone}, weekly: { from: "${from}", until: "${until}" } }\nrules:`,
    );
  /** Of a service that looks at no calendar, in the whole log and in packs that tell of no other policies. */
  async function said(policies: Policies) {
    const { freezeWindows: _, ...matrix } = policies.matrix;
    const house = new House(undefined, { ...policies, matrix }, others);
    const promotion = await deployed(house);
    const parts = [{}, { scope: { kind: "promotion", promotion } as const }, { withoutPersonalData: true }];
    const all = await Promise.all(parts.map(async (over) => verified(await packOf({ house }, over))));
    return all.map(({ findings, unchecked }) => [
      findings.map(({ sentence }) => sentence),
      unchecked.map(({ sentence }) => sentence).filter((sentence) => /freeze window|were frozen/.test(sentence)),
    ]);
  }
  const passed =
    "The verdict is PASSED in a freeze window of the policies in force then, or without the exception that let it pass.";

  it("is found by the policies that its verdict names, and what was signed is said, where the log does not tell of others", async () => {
    const frozen = [
      expect.stringMatching(/^Whether changes were frozen at '.*': by the policies of its own gates they were/),
    ];
    expect(await said(weekly("UTC", "mon 00:00", "sun 00:00"))).toEqual([
      [expect.arrayContaining([passed]), []],
      [[passed], frozen],
      [[passed], frozen],
    ]);
  });

  it("is said where the window's zone has another clock in some databases", async () => {
    // 09:00 to 10:00 UTC, by a clock that is nine hours ahead.
    const clock = [
      expect.stringMatching(/differs by half an hour or an hour from what this reader's time zone database/),
    ];
    expect(await said(weekly("Asia/Tokyo", "mon 17:30", "mon 18:50"))).toEqual([
      [[], clock],
      [[], clock],
      [[], clock],
    ]);
  });
});

it("policies come in force by what people signed for, or with a deployment, and by no other record", async () => {
  const { house, candidate, facts } = await unsignedPolicies();
  expect((await verified(await packOf({ house }))).findings).toEqual([]);
  const { findings: found } = await verified(await packOf({ house }, { facts: retelling.goingOn(facts) }));
  expect(found.map(({ code, sentence }) => `${code}: ${sentence}`)).toEqual([
    `life-cycle: '${candidate}/policy' is no id of a record of the type 'policy-activated': what it tells would be verified by nobody.`,
    "policy-differs: The gates were judged by policies that were not in force then.",
  ]);
});
