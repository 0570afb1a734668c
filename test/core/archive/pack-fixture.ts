import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam } from "./house.ts";

export {
  collected,
  createdAt,
  type Files,
  ledgerOf,
  packOf,
  resealed,
  settingsOf,
  verified,
  verifyOptions,
  withoutToken,
} from "./memory-pack.ts";

/** What was recorded of three promotions, and the keys that signed. */
export interface Recorded {
  readonly house: House;
  /** Signed by three people in two stages, and running. */
  readonly deployed: PromotionId;
  /** The same candidate again; its second stage said no. */
  readonly rejected: PromotionId;
  /** A weak candidate that no person saw. */
  readonly blocked: PromotionId;
}

export async function recordStories(): Promise<Recorded> {
  const house = new House();
  const deployed = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(deployed);
  await house.openStage(deployed);
  await house.sign(deployed, cora);
  await house.openStage(deployed);
  await house.sign(deployed, sam);
  await house.sign(deployed, dana);
  await house.verify(deployed);
  await house.deploy(deployed);

  const rejected = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(rejected);
  await house.openStage(rejected);
  await house.sign(rejected, cora);
  await house.openStage(rejected);
  await house.sign(rejected, sam, "reject", { reason: "The runbook is missing." });

  const blocked = await house.submit("weak", "2.0.0-weak");
  await house.freezeAndJudge(blocked);
  return { house, deployed, rejected, blocked };
}
