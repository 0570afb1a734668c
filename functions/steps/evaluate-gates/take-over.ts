import { cutText } from "../../../core/encoding/cut-text.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { claimLane, type Lane, settledLane, superseded } from "../../../core/promotion/lane.ts";
import { advance, hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves } from "../promotion-store.ts";
import type { KeptSignOffs } from "./keep-sign-offs.ts";

export interface TakeOverPorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly lanes: {
    load(model: string, target: string): Promise<Lane | undefined>;
    move(model: string, target: string, next: Lane): Promise<"moved" | "lost">;
  };
  /** What of the older promotion's sign-offs counts for the newer one. */
  readonly keepSignOffs: (older: Promotion, newer: Promotion) => Promise<KeptSignOffs>;
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
      let kept = await keptOf(taken, promotion);
      const told = await moveOn(ports.promotions, promotion.id, async (current) => {
        for (;;) {
          const at = ports.now();
          if (kept.until === undefined || at < kept.until) return withPlaceTaken(current, taken, kept, at);
          // Everybody after this asks how long ago it was as of the instant that is told.
          kept = await keptOf(taken, promotion);
        }
      });
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

  /** Of the newest whose place was taken, the last in the lane: what was kept for that one from one before is not kept twice over. */
  async function keptOf(taken: readonly Promotion[], newer: Promotion): Promise<KeptSignOffs> {
    const latest = taken.at(-1);
    if (latest === undefined || hasTakenOver(newer)) return { kept: [], fallen: [] };
    return ports.keepSignOffs(latest, newer);
  }

  function withPlaceTaken(
    promotion: Promotion,
    older: readonly Promotion[],
    { kept, fallen }: KeptSignOffs,
    at: Instant,
  ): Promotion | undefined {
    if (older.length === 0 || hasTakenOver(promotion)) return undefined;
    // A second run of the step that is late: whoever is asked by now was not shown what would be kept.
    if (promotion.status !== "gating" && !hasEnded(promotion.status)) return undefined;
    const versions = older.map(({ manifest }) => manifest.model.version).join(" and ");
    const were = older.length === 1 ? "was" : "were";
    const place = `It takes the place of ${versions}, which ${were} still open for the same model and target.`;
    const counts = kept.map(
      ({ signOff, roles }) => ` What ${signOff.reviewerName} signed as ${roles.join(", ")} is kept.`,
    );
    const falls = fallen.map(({ name, why }) => ` What ${name} signed falls: ${name} ${why}.`);
    const carried = [...(promotion.carried ?? []), ...kept];
    return advance(promotion, carried.length === 0 ? {} : { carried }, {
      type: "supersedes",
      at,
      summary: cutText(`${place}${counts.join("")}${falls.join("")}`, 4000),
      body: {
        promotions: older.map(({ id, freezeDigest }) => ({ id, freezeDigest })),
        kept: kept.map(({ signOff, stage, roles, review }) => ({ signOff: signOff.id, stage, roles, review })),
        fallen: fallen.map(({ signOff, why }) => ({ signOff, why })),
      },
      attachments: [],
    });
  }
}

function hasTakenOver(promotion: Promotion): boolean {
  return promotion.history.some(({ type }) => type === "supersedes");
}
