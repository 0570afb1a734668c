import type { Instant } from "../../../core/encoding/instant.ts";
import { claimLane, type Lane, settledLane, superseded } from "../../../core/promotion/lane.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";

export interface TakeOverPorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly lanes: {
    load(model: string, target: string): Promise<Lane | undefined>;
    move(model: string, target: string, next: Lane): Promise<"moved" | "lost">;
  };
}

/**
 * A candidate whose gates passed takes the place of every older one of its model and target that is not yet being
 * deployed, or finds that a newer one has taken its own (design 6.10). A candidate that its gates stop takes nobody's:
 * a broken build must not end a review. Everything may be done twice; the lane remembers what is left to do.
 */
export function takeOver(ports: TakeOverPorts) {
  return async (promotion: Promotion): Promise<Promotion> => {
    const { name: model } = promotion.manifest.model;
    const target = promotion.manifest.target.name;
    for (;;) {
      const claim = claimLane(await ports.lanes.load(model, target), promotion);
      if (claim.kind === "behind") {
        return moveOn(ports.promotions, promotion.id, (current) =>
          superseded(current, { id: claim.newer }, ports.now()),
        );
      }
      if (claim.moved && (await ports.lanes.move(model, target, claim.lane)) === "lost") continue;
      const taken = await supersedeAll(claim.lane.displaced, promotion);
      const told = await moveOn(ports.promotions, promotion.id, (current) => withPlaceTaken(current, taken));
      // Lost to a newer one: it sees to what is left in the lane, and to this promotion.
      if (claim.lane.displaced.length > 0) await ports.lanes.move(model, target, settledLane(claim.lane));
      return told;
    }
  };

  async function supersedeAll(ids: readonly PromotionId[], newer: Promotion): Promise<readonly Promotion[]> {
    const { version } = newer.manifest.model;
    const taken: Promotion[] = [];
    for (const id of ids) {
      const older = await moveOn(ports.promotions, id, (current) =>
        superseded(current, { id: newer.id, version }, ports.now()),
      );
      if (older.supersededBy === newer.id) taken.push(older);
    }
    return taken;
  }

  function withPlaceTaken(promotion: Promotion, older: readonly Promotion[]): Promotion | undefined {
    if (older.length === 0 || promotion.history.some((fact) => fact.type === "supersedes")) return undefined;
    const versions = older.map(({ manifest }) => manifest.model.version).join(" and ");
    return advance(
      promotion,
      {},
      {
        type: "supersedes",
        at: ports.now(),
        summary: `It takes the place of ${versions}, which was still open for the same model and target.`,
        body: { promotions: older.map(({ id, freezeDigest }) => ({ id, freezeDigest })) },
        attachments: [],
      },
    );
  }
}
