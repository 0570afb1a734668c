import type { Fact } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, House, shipped, shippedWith } from "./house.ts";
import { approved } from "./left-under-way.ts";

// A promotion that people rejected, of which the service archives nothing at all.

/** What was recorded, and all of it but what it leaves out. */
export interface LeftOut {
  readonly house: House;
  readonly hidden: PromotionId;
  /** What tells that there was one. */
  readonly names: PromotionId;
  /** The log goes on, with something else. */
  readonly goOn: (seconds: number) => Promise<void>;
  readonly facts: () => readonly Fact[];
}

async function deployed(house: House, id: PromotionId): Promise<void> {
  await approved(house, id);
  await house.deploy(id);
}

async function rejected(house: House, id: PromotionId): Promise<void> {
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora, "reject", { reason: "It discriminates." });
}

async function goOn(house: House, seconds: number): Promise<void> {
  house.pass(seconds);
  await house.submit("weak", `9.0.${house.facts.length}`);
}

function withoutIt(house: House, hidden: PromotionId, names: PromotionId): LeftOut {
  return {
    house,
    hidden,
    names,
    goOn: (seconds) => goOn(house, seconds),
    facts: () => house.facts.filter(({ promotion }) => promotion !== hidden),
  };
}

/** The first attempt at a candidate was rejected; the second was deployed. */
export async function attemptLeftOut(): Promise<LeftOut> {
  const house = new House();
  const hidden = await house.submit("candidate", "2.0.0");
  await rejected(house, hidden);
  const names = await house.submit("candidate", "2.0.0");
  await deployed(house, names);
  return withoutIt(house, hidden, names);
}

/** What drifted was asked about again, and people rejected that; it was to be stopped then. */
export async function reapprovalLeftOut(): Promise<LeftOut> {
  const matrix = shipped.bundle.texts["matrix.yaml"].replace("    carryOver: 3d", "$&\n    ifNotReapproved: stop");
  const house = new House(undefined, shippedWith(matrix));
  const names = await house.submit("candidate", "2.0.0");
  await deployed(house, names);
  const hidden = await house.drift('{"psi":0.31}');
  await rejected(house, hidden);
  return withoutIt(house, hidden, names);
}

/** A newer candidate was on its way when what runs drifted, and people rejected that one. */
export async function newerLeftOut(): Promise<LeftOut> {
  const house = new House();
  const names = await house.submit("candidate", "2.0.0");
  await deployed(house, names);
  const hidden = await house.submit("candidate", "3.0.0");
  await house.freezeAndJudge(hidden);
  await house.openStage(hidden);
  await house.drift('{"psi":0.31}');
  await house.sign(hidden, cora, "reject", { reason: "It discriminates." });
  return withoutIt(house, hidden, names);
}
