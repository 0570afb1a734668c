import type { Progress } from "../../core/deployment/deployment-target.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { Attachment, Fact } from "../../core/promotion/fact.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { recordedInTime } from "../recorded-in-time.ts";
import { keepProgress } from "./kept-progress.ts";
import { moveOn, type PromotionMoves } from "./promotion-store.ts";

export interface RecordPorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
}

/** What the target said, kept, and the instant of which it is told. */
export interface Said {
  readonly at: Instant;
  readonly attachments: readonly Attachment[];
}

/**
 * Moves a promotion on with what the target said. That is told as of an instant after the promotion was read that it is told of, and
 * shortly before it is written: others record meanwhile, and in the history nothing stands behind what was later.
 *
 * @param next answers `undefined` where there is nothing to tell; it may be asked before anything is kept
 */
export function moveOnWithSaid(
  ports: RecordPorts,
  id: PromotionId,
  progress: Progress,
  next: (current: Promotion, said: Said) => Promotion | undefined,
): Promise<Promotion> {
  const keep = async (at: Instant): Promise<Said> => ({
    at,
    attachments: [await keepProgress(ports.blobs, progress, at)],
  });
  return moveOn(ports.promotions, id, async (current) => {
    const at = ports.now();
    if (next(current, { at, attachments: [] }) === undefined) return undefined;
    return next(current, await recordedInTime(await keep(at), keep, ports.now));
  });
}

/** What happened as of an instant, and what it changes; `undefined` where that was told already. */
export type Told = (
  current: Promotion,
  at: Instant,
) =>
  | {
      readonly change: Parameters<typeof advance>[1];
      readonly fact: Pick<Fact, "type" | "summary"> & Partial<Pick<Fact, "body">>;
    }
  | undefined;

/** Writes down what happened together with what the target said. */
export function recordProgress(
  ports: RecordPorts,
): (id: PromotionId, progress: Progress, next: Told) => Promise<Promotion> {
  return (id, progress, next) =>
    moveOnWithSaid(ports, id, progress, (current, { at, attachments }) => {
      const told = next(current, at);
      if (told === undefined) return undefined;
      const { type, summary, body } = told.fact;
      const endpoint = current.manifest.target.endpoint;
      return advance(current, told.change, { type, at, summary, body: { endpoint, ...body }, attachments });
    });
}

/** It is to go back, and why; told once, and before the target is touched. */
export function withRollBack(why: string): Told {
  return ({ status, deployment }, at) =>
    (status !== "deploying" && status !== "loaned") || deployment === undefined || deployment.rollBack !== undefined
      ? undefined
      : {
          change: { deployment: { ...deployment, rollBack: { at, why } } },
          fact: { type: "rollback", summary: `It is rolled back. ${why}`, body: { state: "started" } },
        };
}
