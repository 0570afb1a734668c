import type { PromotionId } from "../promotion/promotion-id.ts";
import type { ShadowRun, VariantMeasures } from "../promotion/shadow.ts";
import type { Target } from "../promotion/target.ts";
import type { Order } from "./order.ts";

/** Whether a candidate can run in shadow at the moment, or why not. */
export type Footing =
  /** Beside what, in the target's own name for it. */
  | { readonly kind: "possible"; readonly beside: string }
  /** Nothing answers there: there is nothing to compare with. */
  | { readonly kind: "nothing" }
  /** Not now: somebody is changing what is there. */
  | { readonly kind: "later"; readonly why: string }
  | { readonly kind: "impossible"; readonly why: string };

/** How a run in shadow stands, by what the target says. */
export type ShadowStanding =
  | { readonly kind: "under-way" }
  /** Both get every request. */
  | { readonly kind: "running" }
  /** What answered before answers alone. `failure`: why the candidate did not come up. */
  | { readonly kind: "alone"; readonly failure?: string }
  /** It cannot be judged any more: somebody changed what runs there, or nothing does. */
  | { readonly kind: "lost"; readonly why: string };

export interface Shadowing {
  readonly promotion: PromotionId;
  readonly target: Target;
  readonly run: ShadowRun;
}

/**
 * Where a candidate can get the requests of production without being heard. Every operation may be repeated: what is made
 * carries the promotion's id. `Failure` `unavailable` asks to be tried again, `deployment-refused` never is.
 */
export interface ShadowTarget {
  /** Asks; changes nothing. */
  footing(order: Order): Promise<Footing>;
  /** Lets exactly what is staged for the order get the requests that `beside` answers. */
  start(order: Order, beside: string): Promise<void>;
  /** Holds what is there against the order, too. */
  check(shadowing: Shadowing & Order): Promise<ShadowStanding>;
  /** What was measured of both from the beginning of the run until its end, or until `now`. */
  measure(
    shadowing: Shadowing,
    now: ShadowRun["askedAt"],
  ): Promise<{ readonly champion: VariantMeasures; readonly candidate: VariantMeasures }>;
  /** What one of the two answered, file by file in the order of time; absent where nobody sees it. */
  captured?(shadowing: Shadowing, of: "champion" | "candidate"): AsyncIterable<Uint8Array>;
  /** Lets what answers answer alone, and removes what the run needed; looks whether it is gone. */
  end(shadowing: Shadowing): Promise<"gone" | "going">;
}
