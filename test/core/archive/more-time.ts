import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { cora, dana, House, sam, shipped, shippedWith } from "./house.ts";

/**
 * A stage has an hour, and nobody signed in it. The service gives it another one: `fallen` says that seats fell open of which
 * nobody's fell, `restarted` that the requirements changed, and they did not.
 */
export async function withMoreTime(how: "fallen" | "restarted"): Promise<{
  readonly house: House;
  readonly id: PromotionId;
}> {
  const { "matrix.yaml": matrix } = shipped.bundle.texts;
  const house = new House(undefined, shippedWith(matrix.replace(/^( +)- name: .*$/gm, "$&\n$1  deadline: 1h")));
  const id = await house.submit("candidate", "2.0.0");
  await house.freezeAndJudge(id);
  await house.openStage(id);
  house.pass(7200);
  const promotion = house.promotions.stored(id);
  const { stage, requirements } = promotion;
  const told = {
    type: "seat-reopened",
    at: addSeconds(house.now(), 1),
    summary: "It goes on.",
    attachments: [],
  } as const;
  if (how === "fallen") {
    const closed = stage === undefined ? {} : { stage: { ...stage, open: false } };
    house.promotions.put(advance(promotion, { status: "in-review", ...closed }, { ...told, body: { fallen: [] } }));
  } else {
    const body = { from: requirements.sha256, to: sha256Hex(utf8("others")), fallen: [] };
    const anew = { status: "gating", review: 2, settled: [], stage: undefined, gates: undefined } as const;
    house.promotions.put(advance(promotion, anew, { ...told, body }));
    await house.judge(id);
  }
  for (const people of [[cora], [sam, dana]]) {
    await house.openStage(id);
    for (const person of people) await house.sign(id, person);
  }
  await house.verify(id);
  await house.deploy(id);
  // The log goes on, so that no other policies can be on their way to it.
  house.pass(3600);
  await house.submit("weak", "9.0.0");
  return { house, id };
}
