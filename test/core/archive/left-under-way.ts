import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Authenticator } from "../attestation/authenticator.ts";
import { cora, dana, type House, sam } from "./house.ts";

/** Approved by whom the rule asks for. */
export async function approved(house: House, id: PromotionId, device?: Authenticator): Promise<void> {
  await house.freezeAndJudge(id);
  await reviewed(house, id, device);
  await house.verify(id);
}

/** Signed in each stage by whom it asks for, until nobody is missing; by Cora with her passkey, where one is given. */
export async function reviewed(house: House, id: PromotionId, device?: Authenticator): Promise<void> {
  for (const people of [[cora], [sam, dana]]) {
    if (house.promotions.stored(id).status === "approved") return;
    await house.openStage(id);
    for (const person of people)
      await house.sign(id, person, "approve", person === cora && device !== undefined ? { device } : {});
  }
}

/** Candidates whose records end while something is under way: what, and how they come there. */
export const leftUnderWay: Readonly<
  Record<string, readonly [what: string, happens: (house: House, id: PromotionId) => Promise<void>]>
> = {
  "a review": ["its review ended", async (house, id) => void (await house.freezeAndJudge(id))],
  "what was approved": ["what it was approved for began", approved],
  "a deployment": [
    "its deployment ended",
    async (house, id) => {
      await approved(house, id);
      await house.deploy(id, []);
    },
  ],
};

/** Longer than any of that may take. */
export async function goesOn(house: House): Promise<void> {
  house.pass(12 * 86_400);
  await house.submit("weak", "9.0.0");
}
