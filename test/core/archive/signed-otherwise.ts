import { expect } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";
import { member } from "./reviewers.ts";

// What the service records later than people signed it, so that it counts otherwise than they meant: the identity provider's tokens
// beside it say when that was.

interface Told {
  readonly house: House;
  readonly facts: readonly Fact[];
}

/** Somebody approved, and then rejected; by the records it was the other way round. */
export async function rejectedFirst(account = cora): Promise<Told> {
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(
    / {6}- name: compliance\n/,
    "$&        rejectionsToStop: 2\n",
  );
  const house = new House(undefined, shippedWith(matrix), account === cora ? [] : [account]);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, account, "approve", { unheard: true });
  await house.sign(id, cora, "reject", { reason: "On second thoughts: it discriminates.", unheard: true });
  const [approval, rejection] = house.facts.filter(({ type }) => type === "sign-off");
  if (approval === undefined || rejection === undefined) return expect.unreachable();
  const at = addSeconds(rejection.at, 240);
  house.promotions.datedOtherwise(approval, at);
  house.pass(300);
  await house.decide(id);
  await completed(house, id);
  const facts = house.facts.flatMap((fact) =>
    fact === approval ? [] : fact === rejection ? [fact, { ...approval, at }] : [fact],
  );
  return { house, facts };
}

/** As `rejectedFirst`, but with two accounts of one person, whose tokens have one address. */
export async function rejectedFirstAsAnother(): Promise<Told> {
  return await rejectedFirst({ ...cora, identity: { ...cora.identity, subject: "sub-cora-2" } });
}

/** Somebody approved in the first minute of a stage that takes ten for review; by the records after those. */
export async function approvedAtOnce(): Promise<Told> {
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(
    / {6}- name: compliance\n/,
    "$&        minimumReview: 10m\n",
  );
  const house = new House(undefined, shippedWith(matrix));
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  const open = house.promotions.stored(id);
  const { stage } = open;
  if (stage === undefined) return expect.unreachable();
  // The service takes it, whatever its rule says.
  house.promotions.put({ ...open, stage: { ...stage, openedAt: addSeconds(stage.openedAt, -600) } });
  await house.sign(id, cora, "approve", { unheard: true });
  house.promotions.put({ ...house.promotions.stored(id), stage });
  const approval = house.facts.findLast(({ type }) => type === "sign-off") ?? expect.unreachable();
  const at = addSeconds(stage.openedAt, 605);
  house.promotions.datedOtherwise(approval, at);
  house.pass(600);
  await house.decide(id);
  await completed(house, id);
  return { house, facts: house.facts.map((fact) => (fact === approval ? { ...approval, at } : fact)) };
}

/**
 * Nothing is told otherwise, but by the clock of another host, so many seconds ahead: a seat is lost as soon as its stage, which takes ten minutes for review, was completed, and the stage
 * is opened again within a second of the last approval.
 */
export async function lostAtOnce(ahead = 0): Promise<Told> {
  const olga = member("Olga", "sre");
  const matrix = shipped.bundle.texts["matrix.yaml"].replace(
    / {6}- name: model and operations\n/,
    "$&        minimumReview: 10m\n",
  );
  const house = new House(undefined, shippedWith(matrix), [olga]);
  house.tick = 100;
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  house.pass(601);
  await house.sign(id, sam);
  await house.sign(id, dana);
  house.people.splice(house.people.indexOf(sam), 1, { ...sam, groups: [] });
  await house.verify(id);
  await house.openStage(id);
  house.pass(601);
  await house.sign(id, olga);
  await house.verify(id);
  await house.deploy(id);
  const last = house.facts.filter(({ type, body }) => type === "sign-off" && body["stage"] === 1)[1];
  const facts = house.facts.map((fact) => (fact === last ? { ...fact, at: addSeconds(fact.at, ahead) } : fact));
  return { house, facts };
}

async function completed(house: House, id: Awaited<ReturnType<House["submit"]>>): Promise<void> {
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
}
