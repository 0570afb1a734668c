import { secondsForNextStage } from "../../../core/approval/promotion-approval.ts";
import type { Progress } from "../../../core/deployment/deployment-target.ts";
import { fallenByBreach, withReleaseTakenBack } from "../../../core/deployment/reopen.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { superseded } from "../../../core/promotion/lane.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { ConditionsInForce } from "../../../core/promotion/release-conditions.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { keptRequirements } from "../../review/kept-requirements.ts";
import { moveOn } from "../promotion-store.ts";
import { moveOnWithSaid, type RecordPorts } from "../record-progress.ts";

export interface ReopenPorts extends RecordPorts {
  readonly promotions: RecordPorts["promotions"] & {
    signOffs(id: PromotionId): Promise<readonly { readonly signOff: SignOff }[]>;
  };
  /** The newer candidate of the model that was let through to the target, where there is one. */
  readonly newer: (promotion: Promotion) => Promise<PromotionId | undefined>;
  readonly blobs: RecordPorts["blobs"] & { get(sha256: Sha256): Promise<Uint8Array> };
}

export type ReopenedAnswer = { readonly outcome: "reopened"; readonly seconds: number };

/** What was approved under conditions was taken back: it is in review again, without the approvals that fall by it. */
export async function reopen(
  ports: ReopenPorts,
  promotion: Promotion,
  conditions: ConditionsInForce,
  progress: Progress,
): Promise<ReopenedAnswer> {
  const signOffs = (await ports.promotions.signOffs(promotion.id)).map(({ signOff }) => signOff);
  const fallen = fallenByBreach(promotion, await keptRequirements(ports.blobs, promotion), signOffs);
  const moved = await moveOnWithSaid(ports, promotion.id, progress, (current, said) =>
    current.deployment === undefined
      ? undefined
      : withReleaseTakenBack(current, conditions, fallen, { ...said, why: progress.why }),
  );
  return reopened(ports, moved);
}

/**
 * What is in review again, and how long its next stage has. A newer one that came through its gates meanwhile found this one being
 * deployed, and left it: it makes place by itself then, and the next step finds that no stage can be opened.
 */
export async function reopened(ports: ReopenPorts, promotion: Promotion): Promise<ReopenedAnswer> {
  const newer = await ports.newer(promotion);
  if (newer !== undefined)
    await moveOn(ports.promotions, promotion.id, (current) => superseded(current, { id: newer }, ports.now()));
  const { rule } = await keptRequirements(ports.blobs, promotion);
  return { outcome: "reopened", seconds: secondsForNextStage(rule, promotion, ports.now()) };
}

export function wasReopened({ history }: Promotion): boolean {
  return history.some(({ type, body }) => type === "seat-reopened" && "breach" in body);
}
