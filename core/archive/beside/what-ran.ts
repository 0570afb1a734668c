import type { Instant } from "../../encoding/instant.ts";
import { compareText } from "../../encoding/text-order.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { Target } from "../../promotion/target.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { roomName } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { Unchecked } from "../pack/pack-findings.ts";

/** What a promotion says of whether anything ran where it was deployed. */
export interface WhatRan {
  /** The beginning of its deployment, if that found nothing. */
  readonly foundNothing?: { readonly id: string; readonly at: Instant };
  /** When what it had brought was taken out, or what ran before it may have gone with it; absent where nothing was. */
  readonly takenOut?: readonly TakenOut[];
}

interface TakenOut {
  readonly at: Instant;
  /** Nobody knows what runs then. */
  readonly unknown: boolean;
}

/** A pipeline's target tells of nothing that runs. */
export function whatRan(steps: readonly Step[], { kind }: Pick<Target, "kind">): WhatRan {
  const place = steps.findIndex(({ record }) => record.type === "deployment-started");
  const begun = steps[place]?.record;
  if (begun === undefined || kind === "pipeline") return {};
  const takenOut = steps.slice(place).flatMap(({ record }) => takenOutBy(record));
  return {
    ...(bodyOf("deployment-started", begun).previous === null ? { foundNothing: { id: begun.id, at: begun.at } } : {}),
    ...(takenOut.length === 0 ? {} : { takenOut }),
  };
}

function takenOutBy(record: LedgerRecord): readonly TakenOut[] {
  const { type, at } = record;
  switch (type) {
    case "remedy":
      return bodyOf("remedy", record).remedy === "stop" ? [{ at, unknown: false }] : [];
    case "rolled-back":
    case "loan-taken-back":
      return [{ at, unknown: false }];
    case "failed":
      return [{ at, unknown: true }];
    default:
      return [];
  }
}

/**
 * Deployments that found nothing where a version of the model had been deployed, and no record says who took that out:
 * somebody may have, beside the service, and whoever would rather release it all at once says so too.
 */
export function goneUntold(places: readonly PlaceInTime[]): readonly Unchecked[] {
  return [...Map.groupBy(places, roomName).values()].flatMap((room) => {
    const moments = room.flatMap(momentsOf).toSorted((a, b) => compareText(a.at, b.at) || a.order - b.order);
    let runs: PromotionId | undefined;
    return moments.flatMap(({ promotion, next, foundNothing }): readonly Unchecked[] => {
      const before = runs;
      if (next === "it") runs = promotion;
      if (next === "nobody knows what" || (next === "not it" && runs === promotion)) runs = undefined;
      return foundNothing === undefined || before === undefined
        ? []
        : [
            {
              promotion,
              sentence: `Whether nothing ran any more where ${before} had been deployed is told by '${foundNothing}' alone: no record says who took it out, and what came was released all at once.`,
            },
          ];
    });
  });
}

/** A promotion among those of its model and target. */
interface PlaceInTime extends WhatRan {
  readonly promotion: PromotionId;
  readonly lane: string;
  /** To which place its target led. */
  readonly place?: string;
  readonly deployedAt?: Instant;
}

interface Moment {
  readonly at: Instant;
  /** Of what is told as of one instant, what takes out comes first. */
  readonly order: number;
  readonly promotion: PromotionId;
  /** What runs from then on. */
  readonly next: "it" | "not it" | "nobody knows what" | "as before";
  /** The record that says that nothing ran. */
  readonly foundNothing?: string;
}

function momentsOf({ promotion, deployedAt, foundNothing, takenOut = [] }: PlaceInTime): readonly Moment[] {
  const moments: Moment[] = takenOut.map(({ at, unknown }) => ({
    at,
    order: 0,
    promotion,
    next: unknown ? "nobody knows what" : "not it",
  }));
  if (foundNothing !== undefined)
    moments.push({ at: foundNothing.at, order: 1, promotion, next: "as before", foundNothing: foundNothing.id });
  if (deployedAt !== undefined) moments.push({ at: deployedAt, order: 2, promotion, next: "it" });
  return moments;
}
