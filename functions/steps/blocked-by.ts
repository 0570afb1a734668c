import type { Instant } from "../../core/encoding/instant.ts";
import type { Failure } from "../../core/failure.ts";
import { advance } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";

/** A promotion that a step cannot go on with: it ends, and says why and where. */
export function blockedBy(
  { code, message }: Failure,
  step: "freeze" | "stage" | "deploy",
  promotion: Promotion,
  at: Instant,
): Promotion {
  return advance(
    promotion,
    { status: "blocked", reason: message },
    { type: "blocked", at, summary: message, body: { code, step }, attachments: [] },
  );
}
