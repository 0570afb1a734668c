import { expect } from "vitest";
import { addSeconds } from "../../core/encoding/instant.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped } from "../core/archive/house.ts";
import { type Files, packOf } from "../core/archive/memory-pack.ts";
import { changed } from "../core/archive/retelling.ts";

/** A candidate that is approved, and released. */
async function released(house: House, variant: "champion" | "candidate", version: string): Promise<PromotionId> {
  const id = await house.submit(variant, version);
  await house.freezeAndJudge(id);
  await house.openStage(id);
  await house.sign(id, cora);
  await house.openStage(id);
  await house.sign(id, sam);
  await house.sign(id, dana);
  await house.verify(id);
  await house.deploy(id);
  return id;
}

/** A release that gives half of the requests for five minutes first, and is over in four seconds. */
export async function packOfHurriedRelease(): Promise<Files> {
  const house = new House();
  await released(house, "champion", "1.0.0");
  await released(house, "candidate", "2.0.0");
  const [begun, over] = (["deployment-started", "deployed"] as const).map(
    (type) => house.facts.findLast((fact) => fact.type === type) ?? expect.unreachable(),
  );
  if (begun === undefined || over === undefined) return expect.unreachable();
  return packOf({ house }, { facts: changed(house, begun, (fact) => ({ ...fact, at: addSeconds(over.at, -4) })) });
}

/** A model that goes by the name of policies, of which little is asked. */
export async function packOfModelAsPolicies(): Promise<Files> {
  const production = { kind: "policy", endpoint: "in-force" };
  const house = new House(undefined, {
    ...shipped,
    targets: { ...shipped.targets, production },
  } as unknown as typeof shipped);
  await house.freezeAndJudge(await house.submit("candidate", "2.0.0"));
  return packOf({ house });
}
