import type { Order } from "../../../../core/deployment/order.ts";
import type { Footing, Shadowing, ShadowStanding, ShadowTarget } from "../../../../core/deployment/shadow-target.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { type Answered, MemoryShadow } from "../../../functions/memory-shadow.ts";
import type { Platform } from "./platform.ts";

const alike: readonly Answered[] = [
  [0.1, 0.1],
  [0.2, 0.2],
  [0.9, 0.95],
  [0.7, 0.7],
];

/** Candidates that run in shadow of what serves on a platform, each by itself. */
export class Shadows implements ShadowTarget {
  readonly #platform: Platform;
  readonly #runs = new Map<PromotionId, MemoryShadow>();
  /** What is begun from now on answers otherwise than what serves. */
  strange = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  readonly footing = async ({ target }: Order): Promise<Footing> => {
    if (this.#platform.slow > 0) return { kind: "later", why: "Somebody changes what is there." };
    const { revision } = await this.#platform.describeRunning(target);
    return revision === undefined ? { kind: "nothing" } : { kind: "possible", beside: revision };
  };

  readonly start = async (order: Order): Promise<void> => {
    const run = this.#of(order.promotion);
    if (run.started.length === 0 && this.strange) run.answered = alike.map(([one]): Answered => [one, 1 - one]);
    await run.start(order);
  };

  readonly check = async ({ promotion, target, run }: Shadowing): Promise<ShadowStanding> => {
    const { revision } = await this.#platform.describeRunning(target);
    if (revision !== run.beside) return { kind: "lost", why: "Something else serves there." };
    return await this.#of(promotion).check();
  };

  readonly measure = async ({ promotion }: Shadowing) => await this.#of(promotion).measure();
  readonly captured = (shadowing: Shadowing, of: "champion" | "candidate") =>
    this.#of(shadowing.promotion).captured(shadowing, of);
  readonly end = async ({ promotion }: Shadowing) => await this.#of(promotion).end();

  #of(promotion: PromotionId): MemoryShadow {
    const run = this.#runs.get(promotion) ?? new MemoryShadow();
    if (!this.#runs.has(promotion)) run.answered = alike;
    this.#runs.set(promotion, run);
    return run;
  }
}
