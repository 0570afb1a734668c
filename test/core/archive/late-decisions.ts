import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, tom } from "./house.ts";
import { member } from "./reviewers.ts";

// Decisions that come to the records a moment after what they would have changed: on their way, or told so by a service that lies.

interface Told {
  readonly house: House;
  readonly facts: readonly Fact[];
}

/** A candidate that one has approved in its second stage, and other policies that are signed and not in force yet. */
async function beforeOthers(tick: number): Promise<{
  readonly house: House;
  readonly id: PromotionId;
  readonly change: PromotionId;
}> {
  const house = new House(
    undefined,
    undefined,
    ["Ida", "Olaf"].map((name) => member(name, "incident-commanders")),
  );
  house.tick = tick;
  await house.adoptPolicy();
  const matrix = shipped.bundle.texts["matrix.yaml"].replace("carryOver: 3d", "carryOver: 2d");
  const change = await house.proposePolicy(tom, { "matrix.yaml": matrix });
  await house.freezeAndJudge(change);
  await house.openStage(change);
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(change, cora);
  await house.sign(change, dana);
  await house.verify(change);
  return { house, id, change };
}

/** The latest sign-off, which nobody has heard of yet. */
function latest({ facts, promotions }: House) {
  const fact = facts.findLast(({ type }) => type === "sign-off");
  const recorded = promotions.recordedSignOffs().at(-1);
  if (fact === undefined || recorded === undefined) throw new Error("Nobody signed.");
  promotions.forgetLatest();
  return { fact, recorded };
}

/** Nothing is told otherwise: an approval was written a moment after the next review was told what is kept. */
export async function approvedMeanwhile(): Promise<Told> {
  const { house, id, change } = await beforeOthers(200);
  await house.sign(id, sam, "approve", { unheard: true });
  const { recorded } = latest(house);
  await house.activatePolicy(change);
  await house.judge(id);
  await house.promotions.recordSignOff(recorded);
  await house.openStage(id);
  await house.decide(id);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  return { house, facts: house.facts };
}

/** Somebody took an approval back before another review began, and it is told as of after that: the approval is kept. */
export async function withdrawnTooLate(): Promise<Told> {
  const { house, id, change } = await beforeOthers(1000);
  await house.sign(id, sam);
  await house.sign(id, sam, "withdraw", { unheard: true });
  const { fact } = latest(house);
  await house.activatePolicy(change);
  await house.judge(id);
  const at = addSeconds(house.clock, 5);
  await house.openStage(id);
  await house.decide(id);
  await house.openStage(id);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  return { house, facts: house.facts.map((each) => (each === fact ? { ...fact, at } : each)) };
}

/** Somebody rejected a candidate, and that is told as of after a newer one took its place, and kept an approval of it. */
export async function rejectedTooLate(): Promise<Told> {
  const house = new House();
  const older = await house.submit("candidate", "1.0.0");
  await house.freezeAndJudge(older);
  await house.openStage(older);
  await house.sign(older, cora);
  await house.openStage(older);
  await house.sign(older, sam);
  await house.sign(older, tom, "reject", { reason: "It discriminates.", unheard: true });
  const { fact } = latest(house);
  const newer = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(newer);
  const at = addSeconds(house.clock, 20);
  house.pass(60);
  await house.openStage(newer);
  await house.sign(newer, cora);
  await house.openStage(newer);
  await house.sign(newer, dana);
  await house.verify(newer);
  await house.deploy(newer);
  return { house, facts: house.facts.map((each) => (each === fact ? { ...fact, at } : each)) };
}
