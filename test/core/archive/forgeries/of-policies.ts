import { addSeconds } from "../../../../core/encoding/instant.ts";
import { type Sha256, sha256Hex } from "../../../../core/encoding/sha256.ts";
import { policyDocuments } from "../../../../core/policy/policy-bundle.ts";
import type { Attachment, Fact } from "../../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "../house.ts";
import { approved } from "../left-under-way.ts";
import { documentOf, factOf } from "../retelling.ts";
import { member } from "../reviewers.ts";
import { type Forgery, instead, isOf, once, without } from "./forgery.ts";
import { madeToFit, saying } from "./made-to-fit.ts";

// Policies of an earlier or a later adoption under a promotion, and policies that nobody signed for.

const others = [
  ...["Ida", "Olaf"].map((name) => member(name, "incident-commanders")),
  ...["Carl", "Cleo"].map((name) => member(name, "compliance-officers")),
];
const { "matrix.yaml": matrix } = shipped.bundle.texts;
const strict = matrix.replace(
  "requires: { role: compliance-officer }",
  "requires: { role: compliance-officer, count: 2 }",
);
const lax = matrix.replace(/ {6}- name: model and operations[\s\S]*?(?=\n {2}- modelType)/, "").trimEnd();

interface Changed {
  readonly house: House;
  readonly change: PromotionId;
  readonly candidate: PromotionId;
  /** That they came in force, and were. */
  readonly inForce: readonly Fact[];
}

async function changeOf(house: House, text: string): Promise<PromotionId> {
  const change = await house.proposePolicy(sam, { "matrix.yaml": text });
  await house.freezeAndJudge(change);
  await house.openStage(change);
  await house.sign(change, cora);
  await house.sign(change, dana);
  await house.verify(change);
  return change;
}

async function deployed(house: House): Promise<PromotionId> {
  const id = await house.submit("candidate", "2.0.0");
  await approved(house, id);
  await house.deploy(id);
  if (house.promotions.stored(id).status !== "deployed") throw new Error("It was not deployed.");
  return id;
}

/** Stricter policies were signed for, and put in force after a candidate had gone its way under those of before. */
const changedAfter = once(async (): Promise<Changed> => {
  const house = new House(undefined, undefined, others);
  await house.adoptPolicy();
  const change = await changeOf(house, strict);
  // For longer than a function that went by those before may have run.
  house.pass(1200);
  const candidate = await deployed(house);
  await house.activatePolicy(change);
  return withThose(house, change, candidate);
});
/** Laxer ones came in force, and a candidate went its way under those. */
const changedBefore = once(async (): Promise<Changed> => {
  const house = new House(undefined, undefined, others);
  await house.adoptPolicy();
  const change = await changeOf(house, lax);
  await house.activatePolicy(change);
  const candidate = await deployed(house);
  return withThose(house, change, candidate);
});

async function withThose(house: House, change: PromotionId, candidate: PromotionId): Promise<Changed> {
  house.pass(3600);
  await house.submit("weak", "9.0.0");
  const inForce = house.facts.filter(
    ({ promotion, type }) => promotion === change && ["policy-activated", "deployed"].includes(type),
  );
  return { house, change, candidate, inForce };
}

const fitting = async (house: House, facts: readonly Fact[], blobs?: House["blobs"]) => ({
  house,
  ...(await madeToFit(house, facts, undefined, blobs)),
});

/** That they came in force, told at another time: right behind the last record of a promotion. */
async function inForceBehind({ house, inForce }: Changed, promotion: PromotionId, seconds: number) {
  const rest = house.facts.filter((fact) => !inForce.includes(fact));
  const place = rest.findLastIndex((fact) => fact.promotion === promotion);
  const at = rest[place]?.at ?? "";
  const told = inForce.map((fact, n) => ({ ...fact, at: addSeconds(at as Fact["at"], seconds + n) }));
  return await fitting(house, rest.toSpliced(place + 1, 0, ...told));
}

/** The documents of policies that a record brings, those of another. */
function withPoliciesOf(fact: Fact, other: Fact): Fact {
  const names = ["policies.json", "people.yaml", "channels.yaml"];
  const theirs = (each: Attachment) =>
    names.includes(each.name) ? (other.attachments.find(({ name }) => name === each.name) ?? each) : each;
  return { ...saying(fact, { policy: other.body["policy"] ?? "" }), attachments: fact.attachments.map(theirs) };
}

/** With policies that nobody ever saw in the place of those that a record brings. */
async function withUnseen(house: House, is: (fact: Fact) => boolean, tell: (fact: Fact) => Fact = (it) => it) {
  const documents = policyDocuments(shippedWith(lax).bundle);
  const blobs = new Map(house.blobs);
  const digests = new Map<string, Sha256>(documents.map(({ name, bytes }) => [name, sha256Hex(bytes)]));
  for (const { bytes } of documents) blobs.set(sha256Hex(bytes), bytes);
  const policy = digests.get("policies.json") ?? "";
  const facts = instead(house.facts, is, (fact) => {
    const attachments = fact.attachments.map((each) => ({ ...each, sha256: digests.get(each.name) ?? each.sha256 }));
    return [tell({ ...saying(fact, { policy }), attachments })];
  });
  return await fitting(house, facts, blobs);
}

export const ofPolicies: Readonly<Record<string, Forgery>> = {
  "the policies of before under a promotion, once stricter ones were in force": {
    tell: async () => {
      const told = await changedAfter();
      return await inForceBehind(told, told.change, 2);
    },
    ours: /policy-differs: The gates were judged by policies that were not in force then/,
    second: /something was judged by policies that were not in force/,
  },
  "the policies of a later adoption under a promotion": {
    tell: async () => {
      const told = await changedBefore();
      return await inForceBehind(told, told.candidate, 60);
    },
    ours: /policy-differs: The gates were judged by policies that were not in force then/,
    second: /something was judged by policies that were not in force/,
  },
  "gates that bring the policies in force, and requirements of those before": {
    tell: async () => {
      const { house, change, candidate, inForce } = await changedAfter();
      const [activated] = inForce;
      if (activated === undefined) throw new Error("They came in force.");
      const told = await inForceBehind({ house, change, candidate, inForce }, change, 2);
      const facts = (told.facts ?? []).map((fact) =>
        fact.promotion === candidate && ["gates", "verdict"].includes(fact.type)
          ? withPoliciesOf(fact, activated)
          : fact,
      );
      return { ...told, facts };
    },
    ours: /policy-differs: The requirements are not those that the policies come to/,
    second: "not derived",
  },
  "a verdict that names the policies of a later adoption": {
    tell: async () => {
      const { house, candidate, inForce } = await changedAfter();
      const [activated] = inForce;
      if (activated === undefined) throw new Error("They came in force.");
      const facts = instead(house.facts, isOf("verdict", candidate), (fact) => [withPoliciesOf(fact, activated)]);
      return await fitting(house, facts);
    },
    ours: /The sign-offs were verified by policies that were not in force then/,
    second: /something was judged by policies that were not in force/,
  },
  "a change of the policies that nobody signed": {
    tell: async () => {
      const { house, change } = await changedBefore();
      const facts = without(house.facts, isOf("sign-off", change));
      const decided = facts.map((fact) => (isOf("stage-decided", change)(fact) ? saying(fact, { seats: [] }) : fact));
      return await fitting(house, decided);
    },
    ours: /its sign-offs do not decide it: nobody fills the seat/,
    second: /decided with other seats than its sign-offs fill/,
  },
  "a change of the policies without its stage": {
    tell: async () => {
      const { house, change } = await changedBefore();
      const gone = ["sign-off", "stage-opened", "stage-decided"];
      return await fitting(
        house,
        without(house.facts, (fact) => fact.promotion === change && gone.includes(fact.type)),
      );
    },
    ours: /a verdict is signed over an approved promotion/,
    second: /\(verdict\) cannot follow: the promotion is gating/,
  },
  "a change of the policies without its verdict": {
    tell: async () => {
      const { house, change } = await changedBefore();
      return await fitting(house, without(house.facts, isOf("verdict", change)));
    },
    ours: /there is no verdict that allows it/,
    second: /other policies came in force than were signed off/,
  },
  "policies that came in force in the place of those that were signed": {
    tell: async () => {
      const { house, change } = await changedAfter();
      return await withUnseen(house, isOf("policy-activated", change));
    },
    ours: /other policies were signed off/,
    second: /other policies came in force than were signed off/,
  },
  "policies said to come with a deployment, where people have to sign": {
    tell: async () => {
      const { house, change } = await changedBefore();
      const facts = house.facts.filter((fact) => fact.promotion !== change || fact.type === "policy-activated");
      const told = instead(facts, isOf("policy-activated", change), ({ promotion: _, ...fact }) => [
        { ...saying(fact, { former: undefined }), id: "installation/policy/2" },
      ]);
      return await fitting(house, told);
    },
    ours: /A deployment put policies in force although the ones before say who has to sign/,
    second: /a deployment put policies in force where people have to sign for them/,
  },
  "policies that took the place of others than reviewers were shown": {
    tell: async () => {
      const { house, change } = await changedBefore();
      const former = sha256Hex(documentOf(house, factOf(house, "freeze", change), "policies.json"));
      return await fitting(
        house,
        instead(house.facts, isOf("policy-proposed", change), (fact) => [saying(fact, { former })]),
      );
    },
    ours: /it was proposed in the place of others/,
    second: /policies were proposed in the place of others/,
  },
  "two changes of the policies in the other order": {
    tell: async () => {
      const house = new House(undefined, undefined, others);
      await house.adoptPolicy();
      const activated: Fact[] = [];
      for (const text of [strict, lax]) {
        const change = await changeOf(house, text);
        await house.activatePolicy(change);
        activated.push(factOf(house, "policy-activated", change));
      }
      const [first, second] = activated;
      const facts = house.facts.map((fact) =>
        fact === first
          ? saying(fact, { number: second?.body["number"] ?? 0 })
          : fact === second
            ? saying(fact, { number: first?.body["number"] ?? 0 })
            : fact,
      );
      return await fitting(house, facts);
    },
    ours: /The policies took the place of others than those that were in force/,
    second: /policies took the place of others than were in force/,
  },
};
