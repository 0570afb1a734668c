import {
  concerns,
  type DeploymentTarget,
  type Running,
  targetOfKind,
} from "../../../core/deployment/deployment-target.ts";
import { placeOfTarget } from "../../../core/deployment/intruder.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { openIntruder, takeBackFailed, takeBackStarted } from "../../../core/promotion/intruder-facts.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { isOutOfService } from "../../../core/promotion/restriction.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import { errorFields, type Log } from "../../log.ts";
import { type ApprovedOrderPorts, approvedOrder } from "../../steps/approved-order.ts";
import { deploymentOf } from "../../steps/order.ts";
import { type OneHistoryPorts, requireOneHistory } from "./one-history.ts";

export interface TakeBackPorts extends ApprovedOrderPorts, Pick<OneHistoryPorts, "inLedger"> {
  readonly promotions: OneHistoryPorts["promotions"] & {
    factsUnder(id: PromotionId, name: "intruder"): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  readonly log: Log;
}

/** So long a target may keep it from beginning before people are told, unless a release of ours does. */
const longestSeconds = 3600;

/**
 * Puts back what was approved where the audit found something else, and the matrix asks for it; or takes it out again
 * where it had been taken out of service. That it is done is for the next audit to say.
 *
 * @param approved what should run: the newest that was deployed and not taken back
 * @param released a newer one whose release has begun and is not over
 */
export function takeBack(ports: TakeBackPorts) {
  return async (approved: Promotion, released?: Promotion): Promise<void> => {
    const place = approved.manifest.target;
    const facts = await ports.promotions.factsUnder(approved.id, "intruder");
    const found = openIntruder(facts, placeOfTarget(place));
    if (found?.body["action"] !== "take-back") return;
    try {
      const running = await targetOfKind(ports.targets, place.kind).describeRunning(place);
      // A finding may be older than what is being deployed now, or than what came to run: the next audit says what that is.
      if (!isStill(found, running)) return;
      // It takes the place of what was found, for as long as that takes; where it goes back to that instead, this begins.
      if (released !== undefined && running.changingTo === released.id)
        return ports.log("info", "remedy waits", { promotionId: approved.id });
      if (!isQuiet(running, approved.id))
        throw new Failure("unavailable", "Somebody else is changing what runs there.");
      if (isOutOfService(approved)) await takeOut(approved, found, running);
      else await putBack(approved, found, running, facts);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const late = ports.now() >= addSeconds(found.at, longestSeconds);
      if (error.code === "unavailable" && !late) return ports.log("info", "remedy waits", { promotionId: approved.id });
      // Watched by an alarm: production runs what nobody approved.
      ports.log("error", "remedy failed", { promotionId: approved.id, ...errorFields(error) });
      await ports.promotions.recordFact(takeBackFailed(found, error.message, ports.now()));
    }
  };

  async function putBack(approved: Promotion, found: Fact, running: Running, facts: readonly Fact[]): Promise<void> {
    const target = targetOfKind(ports.targets, approved.manifest.target.kind);
    await requireOneHistory(approved.id, ports);
    const allowed = await approvedOrder(approved, ports, "again");
    const release = plainRelease(running.revision === undefined ? "nothing" : "something");
    const started = takeBackStarted(found, allowed.verdict, ports.now());
    await ports.promotions.recordFact(started);
    const { at: putBackSince } = facts.find(({ id }) => id === started.id) ?? started;
    const order = { ...allowed, putBackSince };
    await target.start(order, release);
    const progress = await target.check({ ...order, release });
    // It is the approved one by name, and somebody changed what is behind the name: nothing here makes it anew.
    if (progress.kind === "unhealthy" && progress.unwell !== true)
      throw new Failure("deployment-refused", progress.why);
  }

  async function takeOut(approved: Promotion, found: Fact, running: Running): Promise<void> {
    const deployment = deploymentOf(approved);
    if (deployment === undefined) return;
    const target = targetOfKind(ports.targets, deployment.target.kind);
    if (!concerns(running, approved.id))
      throw new Failure("deployment-refused", "It was never approved here, so nothing here removes it.");
    await ports.promotions.recordFact(takeBackStarted(found, undefined, ports.now()));
    const { previous: _, ...served } = deployment;
    await target.rollBack(served);
  }
}

/** Whether what was found still is what runs. */
function isStill(found: Fact, { revision }: Running): boolean {
  return (revision ?? "") === found.body["running"];
}

/** Whether nobody but us is changing it. */
function isQuiet({ promotion, changingTo }: Running, approved: PromotionId): boolean {
  // Something that answers a part of the requests is on its way to itself.
  return changingTo === undefined || changingTo === approved || changingTo === promotion;
}
