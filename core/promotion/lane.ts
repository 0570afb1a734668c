import type { Instant } from "../encoding/instant.ts";
import { advance } from "./life-cycle.ts";
import type { Promotion, Status } from "./promotion.ts";
import type { PromotionId } from "./promotion-id.ts";

/** A promotion's place among those of one model for one target. */
export interface Claim {
  readonly id: PromotionId;
  readonly submittedAt: Instant;
}

/**
 * Which candidate of a model is the newest for a target, of those whose gates passed. It is written by condition on
 * `revision`, so that of two that come at once each sees the other: the index by model alone would be too late.
 */
export interface Lane {
  readonly revision: number;
  readonly head: Claim;
  /** Those that the head displaced and that may not be superseded yet, the newest last: whoever takes the lane next sees to them too. */
  readonly displaced: readonly PromotionId[];
}

/** What a claim to a lane comes to. `moved`: the lane has to be written before it counts. */
export type ClaimOutcome =
  | { readonly kind: "behind"; readonly newer: PromotionId }
  | { readonly kind: "head"; readonly lane: Lane; readonly moved: boolean };

/** The later submission wins; of two at the same instant the one with the greater id (design 6.10). */
export function claimLane(lane: Lane | undefined, { id, submittedAt }: Claim): ClaimOutcome {
  const claim: Claim = { id, submittedAt };
  if (lane === undefined) return { kind: "head", lane: { revision: 1, head: claim, displaced: [] }, moved: true };
  if (lane.head.id === id) return { kind: "head", lane, moved: false };
  if (rank(lane.head) > rank(claim)) return { kind: "behind", newer: lane.head.id };
  const displaced = [...lane.displaced, lane.head.id].filter((each) => each !== id);
  return { kind: "head", lane: { revision: lane.revision + 1, head: claim, displaced }, moved: true };
}

/** The lane once everything that its head displaced is superseded, or needs not be. */
export function settledLane(lane: Lane): Lane {
  return { ...lane, revision: lane.revision + 1, displaced: [] };
}

/** Until the deployment begins; what runs is not taken away by a candidate that is not approved yet. */
const replaceable: readonly Status[] = ["gating", "shadowing", "in-review", "approved"];

/** The promotion that a newer candidate took the place of; `undefined` where it has ended or is being deployed, or put in force. */
export function superseded(
  promotion: Promotion,
  newer: { readonly id: PromotionId; readonly version?: string },
  at: Instant,
): Promotion | undefined {
  if (!replaceable.includes(promotion.status) || comesInForce(promotion)) return undefined;
  const candidate = newer.version === undefined ? "A newer candidate" : `The newer candidate ${newer.version}`;
  const reason = `${candidate} for the same model and target took its place.`;
  return advance(
    promotion,
    {
      status: "superseded",
      reason,
      supersededBy: newer.id,
      ...(promotion.stage === undefined ? {} : { stage: { ...promotion.stage, open: false } }),
    },
    { type: "superseded", at, summary: reason, body: { by: newer.id }, attachments: [] },
  );
}

/**
 * Whether policies are put in force under their verdict now, before which there is no step to write down: one that was
 * superseded or withdrawn meanwhile would be in force without a record of it.
 */
export function comesInForce({ manifest, verdict }: Pick<Promotion, "manifest" | "verdict">): boolean {
  return manifest.target.kind === "policy" && verdict !== undefined;
}

function rank({ submittedAt, id }: Claim): string {
  return `${submittedAt} ${id}`;
}
