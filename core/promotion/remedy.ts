import type { Instant } from "../encoding/instant.ts";
import type { PromotionId } from "./promotion-id.ts";

/** What may be done about what runs, from the mildest on: it serves on; what was approved before it serves; nothing does. */
export const remedies = ["keep", "previous", "stop"] as const;
export type Remedy = (typeof remedies)[number];

/** Those that change what runs. */
export type ChangingRemedy = Exclude<Remedy, "keep">;

/** Whether the first goes further than the second. */
export function goesFurther(first: Remedy, second: Remedy): boolean {
  return remedies.indexOf(first) > remedies.indexOf(second);
}

/** What is done about a restricted promotion, and how far it is. */
export interface TakenRemedy {
  readonly remedy: ChangingRemedy;
  readonly because: "drift" | "not-reapproved";
  readonly startedAt: Instant;
  /** The earlier promotion that is to serve instead. */
  readonly to?: PromotionId;
  /** Why it could not be done so far, in a sentence. */
  readonly failure?: string;
  readonly doneAt?: Instant;
}
