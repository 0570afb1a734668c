import { openStageOf, pinnedRequirements } from "../../../../core/approval/promotion-approval.ts";
import { addSeconds, msOfInstant } from "../../../../core/encoding/instant.ts";
import { Failure } from "../../../../core/failure.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { reviewAnswer } from "../../../../functions/review/review-answer.ts";
import type { House } from "../house.ts";
import type { Platform } from "./platform.ts";
import type { Shadows } from "./shadows.ts";
import type { Turns } from "./turns.ts";

/** The states of the machine, as far as somebody else may come in between. */
export type Where =
  | "freeze"
  | "gates"
  | "stage"
  | "shadow"
  | "open"
  | "waiting"
  | "verify"
  | "deploy"
  | "watch"
  | "activate"
  | "clean-up"
  | "done";

interface Execution {
  readonly where: Where;
  readonly failure?: string;
  tries: number;
}

/** The state machine of statemachine/promotion.asl.json, one execution for each promotion, over the steps themselves. */
export class Machines {
  readonly #house: House;
  readonly #platform: Platform;
  readonly #shadows: Shadows;
  readonly #turns: Turns;
  readonly #executions = new Map<PromotionId, Execution>();
  readonly #holdsUp: boolean;
  readonly #heldUp = new Set<PromotionId>();
  /** When machines and streams last did what was due. */
  #seenTo = 0;

  /** @param holdsUp whether every other deployment is held up for longer than its verdict is good for */
  constructor(house: House, platform: Platform, shadows: Shadows, turns: Turns, holdsUp: boolean) {
    this.#house = house;
    this.#holdsUp = holdsUp;
    this.#platform = platform;
    this.#shadows = shadows;
    this.#turns = turns;
  }

  begin(id: PromotionId): void {
    if (!this.#executions.has(id)) this.#executions.set(id, { where: "freeze", tries: 0 });
  }

  /** Its step cannot be done, however often it is tried: a right is missing, or somebody does not answer for hours. */
  breakDown(id: PromotionId): void {
    const where = this.#executions.get(id)?.where;
    if (where === undefined || where === "waiting" || where === "clean-up" || where === "done") return;
    this.#executions.set(id, { where: "clean-up", tries: 0, failure: "Lambda.AWSLambdaException" });
  }

  where(id: PromotionId): Where {
    return this.#executions.get(id)?.where ?? "freeze";
  }

  get #ids(): readonly PromotionId[] {
    return this.#house.promotions.all().map(({ id }) => id);
  }

  /** Nothing that is due waits for a quarter of an hour. */
  async seeTo(): Promise<void> {
    if (msOfInstant(this.#house.clock) - this.#seenTo > 300_000) await this.goOnAll();
  }

  /** Time goes by; machines do what is due meanwhile, and nobody waits for minutes for what can be done at once. */
  async pass(seconds: number): Promise<void> {
    const house = this.#house;
    const until = msOfInstant(house.clock) + seconds * 1000;
    if (seconds < 120) return house.pass(seconds);
    await this.goOnAll();
    for (let left = 20; left > 0; left -= 1) {
      const now = msOfInstant(house.clock);
      const due = this.#ids.flatMap((id) => this.#dueAt(id) ?? []).filter((at) => at <= until);
      if (due.length === 0) break;
      house.pass(Math.max(0, (Math.min(...due) - now) / 1000));
      await this.goOnAll();
    }
    const now = msOfInstant(house.clock);
    if (now < until) house.pass((until - now) / 1000);
    await this.goOnAll();
  }

  /** When the machine wakes by itself. */
  #dueAt(id: PromotionId): number | undefined {
    const execution = this.#executions.get(id);
    const promotion = this.#house.promotions.stored(id);
    if (execution?.where === "waiting") return msOfInstant(openStageOf(promotion)?.deadline ?? promotion.expiresAt);
    if (execution?.where === "deploy" && promotion.verdict !== undefined && this.#isHeldUp(id))
      return msOfInstant(promotion.verdict.at) + 3_700_000;
    if (execution?.where === "shadow" && promotion.status === "shadowing")
      return msOfInstant(this.#house.clock) + 60_000;
    return execution?.where === "watch" ? msOfInstant(this.#house.clock) + 300_000 : undefined;
  }

  async goOnAll(): Promise<void> {
    this.#seenTo = msOfInstant(this.#house.clock);
    for (const id of this.#ids) {
      await this.#turns.take({}, () => this.quietly(() => this.#house.decide(id)));
      for (let steps = 0; steps < 8; steps += 1) {
        const before = this.#executions.get(id)?.where;
        await this.#turns.take({}, () => this.go(id));
        if (this.#executions.get(id)?.where === before) break;
      }
    }
    // Restrict rings every few minutes.
    const isForIt = (id: PromotionId) =>
      !this.#executions.has(id) || this.#house.promotions.stored(id).status === "restricted";
    if (this.#ids.some(isForIt)) await this.#turns.take({}, () => this.ring());
  }

  /** The clock of `restrict`. */
  async ring(): Promise<void> {
    const event = { "detail-type": "Scheduled Event", detail: {} };
    await this.quietly(() => this.#house.restrictBy(event, this.#platform));
  }

  /** The machine goes on with a promotion, as far as one step. */
  async go(id: PromotionId): Promise<void> {
    const execution = this.#executions.get(id);
    // Whoever wrote it down died before they began it.
    if (execution === undefined) return;
    try {
      const next = await this.#goOn(id, execution);
      if (next !== execution.where) this.#executions.set(id, { where: next, tries: 0 });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const where = execution.where;
      if (where === "open" && error.code === "not-in-review") {
        await this.#expire(id);
        return;
      }
      execution.tries += 1;
      if (error.code === "unavailable" && execution.tries < 4) return;
      // It is deployed, and what failed came after that: nothing of it may be removed, and people are told.
      if (where === "clean-up" && execution.failure !== undefined && error.code === "conflict") {
        this.#executions.set(id, { where: "done", tries: 0 });
        return;
      }
      if (where === "clean-up" || where === "done") throw new Error(`clean-up failed: ${error.message}`);
      if (error.code === "internal") throw error;
      this.#executions.set(id, { where: "clean-up", tries: 0, failure: error.code });
    }
  }

  async #goOn(promotionId: PromotionId, { where, failure }: Execution): Promise<Where> {
    const house = this.#house;
    switch (where) {
      case "freeze":
        return (await house.freeze(promotionId)) === "frozen" ? "gates" : "clean-up";
      case "gates": {
        const outcome = await house.judge(promotionId);
        return outcome === "passed" ? "stage" : outcome === "nothing-to-stage" ? "open" : "clean-up";
      }
      case "stage":
        return (await house.stage(promotionId, this.#platform.target)) === "staged" ? "shadow" : "clean-up";
      case "shadow": {
        const { outcome } = await house.shadowOnce(promotionId, this.#shadows);
        if (outcome === "watching") return "shadow";
        return outcome === "settled" ? "open" : outcome === "reported" ? "gates" : "clean-up";
      }
      case "open":
        await house.openStage(promotionId);
        return "waiting";
      case "waiting": {
        const promotion = house.promotions.stored(promotionId);
        const answer = reviewAnswer(promotion, pinnedRequirements(house.policies, promotion)?.rule, house.clock);
        const deadline = openStageOf(promotion)?.deadline ?? promotion.expiresAt;
        if (answer === undefined && house.clock >= deadline) return this.#expire(promotionId);
        return answer === undefined ? "waiting" : afterReview(answer.outcome);
      }
      case "verify": {
        const outcome = await house.verify(promotionId);
        switch (outcome) {
          case "passed":
            return "deploy";
          case "policy-signed":
            return "activate";
          case "ratified":
            return "done";
          case "reopened":
            return "open";
          case "requirements-changed":
            return "gates";
          case "held":
            return "verify";
          default:
            return "clean-up";
        }
      }
      case "deploy": {
        if (this.#isHeldUp(promotionId)) return "deploy";
        const { outcome } = await house.startDeployment(promotionId, this.#platform.target);
        if (outcome === "unverified") return "verify";
        return outcome === "started" ? "watch" : outcome === "waiting" ? "deploy" : "clean-up";
      }
      case "watch": {
        const { outcome } = await house.watch(promotionId, this.#platform.target);
        if (outcome === "watching") return "watch";
        if (outcome === "reopened" || outcome === "loaned") return "open";
        return outcome === "deployed" ? "done" : "clean-up";
      }
      case "activate":
        return (await house.activatePolicy(promotionId)) === "in-force" ? "done" : "clean-up";
      case "clean-up": {
        const input = { promotionId, ...(failure === undefined ? {} : { failure: { Error: failure } }) };
        return (await house.cleanUpOnce(input)).outcome === "cleaned" ? "done" : "clean-up";
      }
      case "done":
        return "done";
      default:
        return where satisfies never;
    }
  }

  /** Nobody hears its machine meanwhile. */
  #isHeldUp(id: PromotionId): boolean {
    if (!this.#holdsUp) return false;
    const { verdict, status } = this.#house.promotions.stored(id);
    if (status !== "approved" || verdict === undefined || this.#heldUp.has(id)) return false;
    if (Number.parseInt(id.slice(-3, -2), 16) % 2 === 1) return false;
    if (this.#house.clock < addSeconds(verdict.at, 3700)) return true;
    this.#heldUp.add(id);
    return false;
  }

  async #expire(id: PromotionId): Promise<Where> {
    const { outcome } = await this.#house.expire(id);
    const next = outcome === "expired" ? "clean-up" : afterReview(outcome);
    this.#executions.set(id, { where: next, tries: 0 });
    return next;
  }

  /** Whoever is refused is told so. */
  async quietly(act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
    }
  }
}

function afterReview(outcome: string): Where {
  switch (outcome) {
    case "next-stage":
      return "open";
    case "quorum":
    case "loaned":
      return "verify";
    case "requirements-changed":
      return "gates";
    default:
      return "clean-up";
  }
}
