import type { Progress } from "../../core/deployment/deployment-target.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { keepProgress } from "./kept-progress.ts";
import { moveOn, type PromotionMoves } from "./promotion-store.ts";

export interface RecordPorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
}

/** What happened, and what it changes; `undefined` where that was told already. */
export type Told = (current: Promotion) =>
  | {
      readonly change: Parameters<typeof advance>[1];
      readonly fact: Pick<Fact, "type" | "summary"> & Partial<Pick<Fact, "body">>;
    }
  | undefined;

/** Writes down what happened together with what the target said. */
export function recordProgress(
  ports: RecordPorts,
): (id: PromotionId, progress: Progress, next: Told) => Promise<Promotion> {
  return async (id, progress, next) => {
    const at = ports.now();
    return moveOn(ports.promotions, id, async (current) => {
      const told = next(current);
      if (told === undefined) return undefined;
      const { type, summary, body } = told.fact;
      return advance(current, told.change, {
        type,
        at,
        summary,
        body: { endpoint: current.manifest.target.endpoint, ...body },
        attachments: [await keepProgress(ports.blobs, progress, at)],
      });
    });
  };
}

/** It is to go back, and why; told once, and before the target is touched. */
export function withRollBack(why: string, at: Instant): Told {
  return ({ status, deployment }) =>
    (status !== "deploying" && status !== "loaned") || deployment === undefined || deployment.rollBack !== undefined
      ? undefined
      : {
          change: { deployment: { ...deployment, rollBack: { at, why } } },
          fact: { type: "rollback", summary: `It is rolled back. ${why}`, body: { state: "started" } },
        };
}
