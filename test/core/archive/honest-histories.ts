import { loadPolicies } from "../../../core/policy/load-policies.ts";
import type { PolicyBundle } from "../../../core/policy/policy-bundle.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { alwaysANewer, newerCameToNothing } from "./drifted-beside-newer.ts";
import { cora, dana, House, sam, shipped } from "./house.ts";
import { approved, reviewed } from "./left-under-way.ts";
import { issuer, member } from "./reviewers.ts";

// What people really do, and a verifier once took for a lie: each is refused by none.

const ida = member("Ida", "incident-commanders");
const olaf = member("Olaf", "incident-commanders");
const cleo = member("Cleo", "compliance-officers");
const others = ["Carl", "Cornelia"].map((name) => member(name, "compliance-officers"));
const rita = member("Rita", "risk-officers");

/** A house whose policies have this behind the shipped people.yaml, and another matrix where one is given. */
function houseOf(people: string, matrix: string = shipped.bundle.texts["matrix.yaml"]): House {
  const { bundle } = shipped;
  const texts = { ...bundle.texts, "matrix.yaml": matrix, "people.yaml": `${bundle.texts["people.yaml"]}${people}` };
  return new House(undefined, loadPolicies({ ...bundle, texts }), [ida, olaf, cleo, rita, ...others]);
}

/** Somebody in people.yaml by the accounts that they sign in with. */
function known(name: string, ...others: readonly string[]): string {
  const own = name.toLowerCase();
  const identities = [own, ...others].map((each) => `{ issuer: "${issuer}", subject: sub-${each} }`);
  return `\n  - name: ${name}\n    address: ${own}@example.com\n    identities: [${identities.join(", ")}]\n`;
}

async function inReview(house: House, version = "2.0.0"): Promise<PromotionId> {
  const id = await house.submit("candidate", version);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  return id;
}

async function signedByAll(house: House, id: PromotionId): Promise<void> {
  await reviewed(house, id);
  await house.verify(id);
}

/** A loan that nobody confirmed in time; then two others lend, and the quorum ratifies that. */
async function lentByThoseInPeopleYaml(): Promise<House> {
  const house = houseOf(`${known("Ida")}${known("Olaf")}${known("Cleo")}`);
  const id = await inReview(house);
  await house.lend(id, ida, { seconds: 7200 });
  house.pass(3600);
  const first = await house.lend(id, olaf, { seconds: 7200 });
  await house.lend(id, ida, { seconds: 7200, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  await signedByAll(house, id);
  return house;
}

/** One asks for a loan, nobody confirms it, and everybody approves as ever. */
async function askedForALoan(): Promise<House> {
  const house = houseOf(known("Ida"));
  const id = await inReview(house);
  await house.lend(id, ida, { seconds: 3600 });
  await signedByAll(house, id);
  await house.deploy(id);
  return house;
}

/** What runs drifts, is approved again, and drifts again in the same way, and in another. */
async function driftedAgain(): Promise<House> {
  const house = houseOf("");
  let running = await inReview(house);
  await signedByAll(house, running);
  await house.deploy(running);
  for (const report of ['{"psi":0.31}', '{"psi":0.31}', '{"psi":0.35}']) {
    running = await house.drift(report);
    await approved(house, running);
    await house.deploy(running);
  }
  return house;
}

/** What runs drifts, and its target lets nobody take it out of service until the day after. */
async function stoppedTheDayAfter(): Promise<House> {
  const house = houseOf("", shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", "$&\n    onDrift: stop"));
  const id = await inReview(house);
  await signedByAll(house, id);
  await house.deploy(id);
  await house.drift('{"psi":0.31}');
  house.pass(86_400);
  await house.restrict(id, { kind: "returned", why: "It is gone." });
  return house;
}

/** Two people stop it; one rejects it under two accounts, and two others lend. */
async function rejectedTwiceByOne(): Promise<House> {
  const asked = "requires: { role: compliance-officer }";
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(asked, `${asked}\n        rejectionsToStop: 2`);
  const house = houseOf(known("Cleo", "cora"), matrix);
  const id = await inReview(house);
  await house.sign(id, cleo, "reject", { reason: "Never." });
  await house.sign(id, cora, "reject", { reason: "Never." });
  const first = await house.lend(id, olaf, { seconds: 7200 });
  await house.lend(id, ida, { seconds: 7200, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  return house;
}

/** Other policies are signed for and come in force. */
async function change(house: House, texts: Partial<PolicyBundle["texts"]>): Promise<void> {
  const policies = await house.proposePolicy(sam, texts);
  await house.freezeAndJudge(policies);
  await house.openStage(policies);
  await house.sign(policies, cleo);
  await house.sign(policies, dana);
  await house.verify(policies);
  await house.activatePolicy(policies);
}

/** people.yaml takes two for one, which is put right before the second of them signs: nothing else changes by it. */
async function takenForOne(): Promise<House> {
  const house = houseOf("\n  - name: One\n    address: cora@example.com\n    otherAddresses: [dana@example.com]\n");
  await house.adoptPolicy();
  const id = await inReview(house);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await change(house, { "people.yaml": shipped.bundle.texts["people.yaml"] });
  await house.sign(id, dana);
  return house;
}

/** Two accounts come to be known as one person's, who rejects under both of them, where two people stop it. */
async function rejectedByOneWhoSeemedTwo(): Promise<House> {
  const house = houseOf("", askingThree());
  await house.adoptPolicy();
  const id = await inReview(house);
  await change(house, { "people.yaml": `${shipped.bundle.texts["people.yaml"]}${known("Cleo", "cora")}` });
  // For as long as a function of before may have run.
  house.pass(1800);
  for (const account of [cleo, cora]) await house.sign(id, account, "reject", { reason: "Never." });
  house.pass(1800);
  await house.submit("weak", "9.0.0");
  return house;
}

/** While it is lent the rule comes to ask for one more role, and whoever holds that rejects it. */
async function stoppedByANewRole(): Promise<House> {
  const house = houseOf("");
  await house.adoptPolicy();
  const id = await inReview(house);
  const first = await house.lend(id, ida, { seconds: 4 * 3600 });
  await house.lend(id, olaf, { seconds: 4 * 3600, confirms: first });
  await house.verify(id);
  await house.deploy(id);
  const role = "risk-officer:\n    title: Risk officer\n    groups: [risk-officers]\n    judges: [model]\n";
  const matrix = house
    .policyTexts()
    ["matrix.yaml"].replace("roles:\n", `roles:\n  ${role}`)
    .replace("            - role: sre\n", "            - role: sre\n            - role: risk-officer\n")
    // What does not show, or may be taken for something else, reads so in what they sign for.
    .concat("# ri\u0455k-offi\ufe00cers@example.com \\u{455}\t(Анна, 東京, José, “AI承認者”, 🙂) \r\n");
  await change(house, { "matrix.yaml": matrix });
  await house.sign(id, rita, "reject", { reason: "Not at this risk." });
  await house.cleanUp(id);
  return house;
}

const infrastructure = { "infrastructure.json": '{"instances":3}' };

/** A rule that asks for three of compliance, and is stopped by two. */
function askingThree(): string {
  const asked = "requires: { role: compliance-officer }";
  const three = "requires: { role: compliance-officer, count: 3 }\n        rejectionsToStop: 2";
  return shipped.bundle.texts["matrix.yaml"].replace(asked, three);
}

/** Somebody rejects under one account, approves under the other, and a newer candidate keeps that. */
async function approvedAfterAll(): Promise<House> {
  const house = houseOf(known("Cleo", "cora"), askingThree());
  const id = await inReview(house);
  await house.sign(id, cleo, "reject", { reason: "Not yet." });
  await house.sign(id, cora);
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0", infrastructure));
  return house;
}

/** Of two who were taken for one, one approves and one takes that back; a newer candidate comes once people.yaml is put right. */
async function keptOnceTheyWereTwo(): Promise<House> {
  const house = houseOf(known("Cleo", "cora"), askingThree());
  await house.adoptPolicy();
  const id = await inReview(house);
  await house.sign(id, cora);
  await house.sign(id, cleo);
  await house.sign(id, cleo, "withdraw");
  await change(house, { "people.yaml": shipped.bundle.texts["people.yaml"] });
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0", infrastructure));
  return house;
}

/** What somebody takes back under their other account does not stand: the service goes on as if they were two, and keeps it. */
export async function keptThoughTakenBack(): Promise<House> {
  const { bundle } = shipped;
  const people = `${bundle.texts["people.yaml"]}${known("Cleo", "cora")}`;
  const linked = loadPolicies({
    ...bundle,
    texts: { ...bundle.texts, "matrix.yaml": askingThree(), "people.yaml": people },
  });
  const house = new House(undefined, { ...linked, people: shipped.people }, [cleo, ...others]);
  const id = await inReview(house);
  await house.sign(id, cora);
  await house.sign(id, cleo);
  await house.sign(id, cleo, "withdraw");
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0", infrastructure));
  return house;
}

/** A release goes back, and before its stage is open again somebody has seen enough. */
async function rejectedWhileTakenBack(): Promise<House> {
  const house = houseOf("");
  const champion = await inReview(house);
  await signedByAll(house, champion);
  await house.deploy(champion);
  const id = await house.submit("candidate", "3.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  const conditions = { forSeconds: 600, trafficPercent: 50, errorPercent: 1 };
  await house.sign(id, dana, "approve", { conditions });
  await house.sign(id, sam);
  await house.verify(id);
  await house.deploy(id, [
    { kind: "unhealthy", why: "The alarm 'errors' is raised." },
    { kind: "returned", why: "The endpoint went back." },
  ]);
  await house.sign(id, sam, "reject", { reason: "It failed." });
  await house.cleanUp(id);
  return house;
}

/** What is lent goes its way, whatever is through its gates meanwhile; the newer one is deployed after it. */
async function lentBeforeANewer(): Promise<House> {
  const house = houseOf("");
  const older = await inReview(house);
  const first = await house.lend(older, olaf, { seconds: 7200 });
  await house.lend(older, ida, { seconds: 7200, confirms: first });
  const newer = await inReview(house, "2.1.0");
  house.pass(600);
  await house.verify(older);
  await house.deploy(older);
  await signedByAll(house, newer);
  return house;
}

/** What was released under conditions, and taken back while a newer one was through its gates, is asked about again. */
async function takenBackAfterANewer(): Promise<House> {
  const house = houseOf("");
  const before = await inReview(house, "1.0.0");
  await signedByAll(house, before);
  await house.deploy(before);
  const older = await inReview(house);
  const conditions = { forSeconds: 600, errorPercent: 1 };
  await house.sign(older, cora);
  await house.openStage(older);
  await house.sign(older, sam);
  await house.sign(older, dana, "approve", { conditions });
  await house.verify(older);
  await house.deploy(older, [{ kind: "under-way", why: "It is on its way." }]);
  await inReview(house, "2.1.0");
  await house.deploy(older, [
    { kind: "unhealthy", why: "The alarm 'errors' is raised." },
    { kind: "returned", why: "The endpoint went back." },
  ]);
  house.pass(600);
  await house.openStage(older);
  await house.sign(older, cora);
  await house.openStage(older);
  await house.sign(older, dana);
  await house.verify(older);
  await house.deploy(older);
  return house;
}

/** Other policies are proposed, and the log is exported before they are frozen; a step of theirs may fail as well. */
async function neverFrozen(): Promise<House> {
  const house = houseOf("");
  await house.adoptPolicy();
  await house.proposePolicy(sam, { "people.yaml": `${shipped.bundle.texts["people.yaml"]}${known("Ida")}` });
  return house;
}

/** The archive gave up what was told of one change of the policies, and had it only once another was in force. */
async function toldAfterTheNext(): Promise<House> {
  const house = houseOf("");
  await house.adoptPolicy();
  const before = house.facts.length;
  await change(house, { "people.yaml": `${shipped.bundle.texts["people.yaml"]}${known("Ida")}` });
  const next = house.facts.length;
  await change(house, { "people.yaml": shipped.bundle.texts["people.yaml"] });
  house.facts.push(...house.facts.splice(before, next - before));
  return house;
}

/** What drifted made place for what was on its way by then; that drifted too, and was taken out of service, so that nothing serves. */
async function stoppedAfterANewer(): Promise<House> {
  const house = houseOf("", shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", "$&\n    onDrift: stop"));
  const first = await inReview(house, "1.0.0");
  await signedByAll(house, first);
  await house.deploy(first);
  const second = await inReview(house);
  await signedByAll(house, second);
  await house.deploy(second, [{ kind: "under-way", why: "It is on its way." }]);
  await house.drift('{"psi":0.31}');
  await house.deploy(second);
  house.pass(3600);
  await house.drift('{"psi":0.35}');
  await house.restrict(second, { kind: "returned", why: "The endpoint is gone." });
  house.pass(90_000);
  await house.submit("weak", "9.0.0");
  return house;
}

/** It went back from its conditions while a newer one came through its gates, which found it being deployed and left it. */
async function madePlaceAsItCameBack(): Promise<House> {
  const house: House = new House(undefined, shipped, [], undefined, {
    newer: async ({ status, manifest: { model, target } }) =>
      status === "deploying" ? undefined : (await house.lanes.load(model.name, target.name))?.head.id,
  });
  const first = await inReview(house, "1.0.0");
  await signedByAll(house, first);
  await house.deploy(first);
  const older = await inReview(house);
  await house.sign(older, cora);
  await house.openStage(older);
  await house.sign(older, dana, "approve", { conditions: { forSeconds: 600, errorPercent: 1 } });
  await house.sign(older, sam);
  await house.verify(older);
  await house.deploy(older, [{ kind: "unhealthy", why: "The alarm 'errors' is raised." }]);
  const newer = await inReview(house, "3.0.0");
  await house.deploy(older, [{ kind: "returned", why: "The endpoint went back." }]);
  await signedByAll(house, newer);
  await house.deploy(newer);
  return house;
}

/** Two accounts of one person, as the directory has them: their tokens know the second by another address. */
async function oneByTheDirectory(): Promise<{ readonly house: House; readonly id: PromotionId }> {
  const nina = member("Nina", "lead-data-scientists", "sre");
  const admin = { ...member("Nina-Admin", "lead-data-scientists", "sre"), address: nina.address };
  const house = new House(undefined, shipped, [nina, admin]);
  const id = await inReview(house);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, nina, "approve", { roles: ["sre"] });
  await house.sign(id, { ...admin, address: "adm-nina@example.com" }, "approve", { roles: ["lead-data-scientist"] });
  await house.sign(id, sam);
  return { house, id };
}

/** Somebody wrote a colleague's address into their account, and the provider says that nobody verified it: each fills a seat. */
async function withAnothersAddress(): Promise<House> {
  const mona = member("Mona", "sre");
  const house = new House(undefined, shipped, [mona]);
  const id = await inReview(house);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, dana);
  await house.sign(id, { ...mona, address: dana.address }, "approve", { claims: { email_verified: false } });
  await house.verify(id);
  await house.deploy(id);
  return house;
}

/** By what happens in them. */
export const honestHistories: Readonly<Record<string, () => Promise<House>>> = {
  "one that came back from its conditions and made place for a newer one by itself": madePlaceAsItCameBack,
  "a model that drifts, and makes place for one that is taken out of service": stoppedAfterANewer,
  "a loan of those who stand in people.yaml, ratified": lentByThoseInPeopleYaml,
  "a model that drifts, and is approved again each time": driftedAgain,
  "a model that drifts, and is taken out of service the day after": stoppedTheDayAfter,
  "a model that drifts beside a newer candidate, which comes to nothing": async () =>
    (await newerCameToNothing("rejected")).house,
  "a model that drifts, and is asked about by nobody, since a newer candidate always is on its way": async () =>
    (await alwaysANewer()).house,
  "a loan that somebody in people.yaml asked for, and nobody confirmed": askedForALoan,
  "a release that went back, and was rejected before its stage was open again": rejectedWhileTakenBack,
  "two who were taken for one, until people.yaml was put right": takenForOne,
  "policies that were proposed, and never frozen": neverFrozen,
  "policies of which the log is told after the next ones": toldAfterTheNext,
  "a loan that is stopped by a role which came to be asked for since": stoppedByANewRole,
  "somebody who approves under one account what they had rejected under another": approvedAfterAll,
  "somebody who rejects under two accounts that people.yaml came to know as one person's": rejectedByOneWhoSeemedTwo,
  "two who were taken for one, of whom one took back what they had approved": keptOnceTheyWereTwo,
  "a loan before a newer candidate came": lentBeforeANewer,
  "a release that was taken back after a newer candidate came": takenBackAfterANewer,
  "somebody who wrote a colleague's address into their account": withAnothersAddress,
  "somebody with two accounts, which the directory alone knows by one address": async () =>
    (await oneByTheDirectory()).house,
  "somebody with two accounts, which the directory alone knows by one address, deployed": async () => {
    const { house, id } = await oneByTheDirectory();
    await house.verify(id);
    await house.deploy(id);
    return house;
  },
  "a loan of what one person rejected under two accounts, where two people stop it": rejectedTwiceByOne,
};
