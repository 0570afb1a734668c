import { type Running, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import {
  candidateSaid,
  intruderIn,
  placeOfTarget,
  type RunningReport,
  settlingSeconds,
} from "../../../core/deployment/intruder.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { IntruderSubject } from "../../../core/promotion/intruder-facts.ts";
import { runsOnLoan } from "../../../core/promotion/lending.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { isOutOfService } from "../../../core/promotion/restriction.ts";
import { isSamePlace } from "../../../core/promotion/room.ts";
import type { DeployedTarget, Target } from "../../../core/promotion/target.ts";
import type { PolicyBook } from "../../policies/policy-book.ts";
import { factsAbout, type IntruderFacts } from "../../running/intruder-facts.ts";
import { knownLanes } from "../../running/known-lanes.ts";
import {
  type Lane,
  laneOf,
  lastByNow,
  type PromotionLists,
  surveyLane,
  whatShouldRun,
} from "../../running/what-runs.ts";
import { deploymentOf } from "../../steps/order.ts";
import { type ReportPorts, runningReports } from "./running-report.ts";
import type { Look } from "./tell-of-intruder.ts";

/** What puts back what was approved is tried again, and may wait for what somebody else does there. */
const longestPuttingBackSeconds = 86_400;

export interface LanePorts extends ReportPorts {
  readonly policies: Pick<PolicyBook, "matrix" | "machines" | "targets">;
  readonly promotions: PromotionLists & IntruderFacts & { load(id: PromotionId): Promise<Promotion | undefined> };
}

/** What runs where a model is to run, and what of it is to be judged: all that answers there, or the first of it that should not. */
export function laneLooks(ports: LanePorts) {
  const reportOf = runningReports(ports);
  return lookAtLane;

  async function lookAtLane(model: string, place: DeployedTarget, handedOn = false): Promise<Look> {
    const lane = { model, target: place.name };
    const { running: listed, released } = await surveyLane(ports.promotions, lane);
    // Where it was approved: the target's file may name another place by now.
    const target = listed?.manifest.target ?? place;
    const running = await targetOfKind(ports.targets, target.kind).describeRunning(target);
    const of = running.promotion === undefined ? undefined : await ports.promotions.load(running.promotion);
    const last =
      listed === undefined && of === undefined ? undefined : await lastByNow(ports.promotions, listed, of, lane);
    const { model: own, target: approvedFor } = of?.manifest ?? {};
    if (!handedOn && own !== undefined && own.name !== model && approvedFor?.kind !== "policy")
      if (approvedFor !== undefined && approvedFor.name === target.name && isSamePlace(approvedFor, target))
        if (!(await tookPlaceOf(last, { model: own.name, target: approvedFor.name })))
          return lookAtLane(own.name, approvedFor, true);
    const subject = { promotion: (last ?? of)?.id, place: placeOfTarget(target) };
    // Where a release goes back, what ran before is under way by its hand, and is not to be held against anybody.
    const settled = released?.deployment?.rollBack === undefined;
    const report = await reportOf(target, running, whatShouldRun(last, of, target), of, settled);
    const { beside, unknownBeside, givingWay } = running;
    if (intruderIn(report) !== undefined) return { subject, expected: last, report };
    if (released === undefined && last !== undefined && (await isMissing(last, running)))
      return { subject, expected: last, report: missingReport(last) };
    const lent = released === undefined ? undefined : await missingOnLoan(released, running);
    if (lent !== undefined)
      return {
        subject: { ...subject, promotion: subject.promotion ?? lent.id },
        expected: last,
        report: missingReport(lent),
      };
    // What somebody updates it to answers a part of the requests before it is all that runs. Where a release is on, nobody else can.
    const coming = released === undefined ? await comingFor(running, last, subject) : undefined;
    // What ran before the first release that was approved answers beside it while that is on its way.
    const unknown = coming ?? (isOnItsWay(of) ? undefined : unknownBeside);
    const foreign = unknown ?? ((await ranHere(givingWay?.promotion, target)) ? undefined : givingWay?.name);
    if (foreign !== undefined) {
      const stranger = await reportOf(target, { revision: foreign }, whatShouldRun(last, of, target), undefined);
      return { subject, expected: last, report: stranger };
    }
    if (beside === undefined) return { subject, expected: last, report };
    // What answers the other requests is judged like what answers them all.
    const other = await ports.promotions.load(beside);
    const should = whatShouldRun(await lastOf(other), other, target);
    return {
      subject,
      expected: last,
      report: await reportOf(target, { ...running, promotion: beside }, should, other),
    };

    /** Where models share the place, it is held against its own model's approvals. */
    async function lastOf(answers: Promotion | undefined): Promise<Promotion | undefined> {
      if (answers === undefined || answers.manifest.model.name === model) return last;
      if (answers.manifest.target.name !== target.name || !isSamePlace(answers.manifest.target, target)) return last;
      return (await surveyLane(ports.promotions, laneOf(answers))).running;
    }
  }

  /** Whether nothing runs where it should: nothing is on its way either, no remedy is, and no other model took its place. */
  async function isMissing(last: Promotion, { revision, changingTo }: Running): Promise<boolean> {
    if (revision !== undefined || changingTo !== undefined || last.restriction?.taken !== undefined) return false;
    const { model, target } = last.manifest;
    const others = knownLanes(ports.policies).filter(
      ({ model: other, place }) => other !== model.name && place.name === target.name && isSamePlace(place, target),
    );
    for (const { model: other } of others) {
      const { running } = await surveyLane(ports.promotions, { model: other, target: target.name });
      if ((running?.deployment?.startedAt ?? "") > (last.deployment?.startedAt ?? "")) return false;
    }
    return true;
  }

  /** What is on loan and served, where nothing does by now: as it stands after the look, for it may be on its way back. */
  async function missingOnLoan({ id }: Promotion, running: Running): Promise<Promotion | undefined> {
    const lent = await ports.promotions.load(id);
    if (lent === undefined || !runsOnLoan(lent) || lent.deployment?.rollBack !== undefined) return undefined;
    return (await isMissing(lent, running)) ? lent : undefined;
  }

  function missingReport(last: Promotion): RunningReport {
    const place = placeOfTarget(last.manifest.target);
    const candidate = candidateSaid(last, { verdict: null, altered: null });
    return { readAt: ports.now(), place, expected: last.id, revision: null, promotion: null, candidate };
  }

  /**
   * What the place is being changed to, where that is nothing harmless that would be over by now, nor done by what puts right there
   * what drifted, or what was found.
   */
  async function comingFor(
    { unknownComing, unknownSince }: Running,
    last: Promotion | undefined,
    subject: IntruderSubject,
  ): Promise<string | undefined> {
    if (unknownSince === undefined) return unknownComing;
    const isOver = ports.now() >= addSeconds(unknownSince, settlingSeconds);
    if (!isOver || last?.restriction?.taken !== undefined) return undefined;
    const since = addSeconds(unknownSince, -longestPuttingBackSeconds);
    const facts = await factsAbout(ports.promotions, subject);
    return facts.some(({ type, at }) => type === "take-back" && at >= since) ? undefined : unknownComing;
  }

  /** Whether what calls itself a promotion's in a place is that promotion's, and as it was approved. */
  async function ranHere(id: PromotionId | undefined, place: Target): Promise<boolean> {
    const promotion = id === undefined ? undefined : await ports.promotions.load(id);
    const deployment = promotion === undefined ? undefined : deploymentOf(promotion);
    if (promotion === undefined || deployment === undefined) return false;
    if (!isSamePlace(promotion.manifest.target, place)) return false;
    const target = targetOfKind(ports.targets, deployment.target.kind);
    return (await target.whyAlteredBeside?.(deployment)) === undefined;
  }

  /**
   * Where models share a place, what serves there is held against its own model's approvals, unless another model's was
   * deployed there later: that is what should serve then.
   */
  async function tookPlaceOf(last: Promotion | undefined, other: Lane): Promise<boolean> {
    if (last?.deployment === undefined || isOutOfService(last)) return false;
    const { running } = await surveyLane(ports.promotions, other);
    return last.deployment.startedAt > (running?.deployment?.startedAt ?? "");
  }
}

/** Whether its release is not over: what ran before answers meanwhile. */
function isOnItsWay(of: Promotion | undefined): boolean {
  return of?.status === "deploying" || (of?.status === "loaned" && !runsOnLoan(of));
}
