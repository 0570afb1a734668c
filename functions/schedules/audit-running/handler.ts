import { type ApprovalPolicy, requirementsInForce } from "../../../core/approval/promotion-approval.ts";
import { type DeploymentTarget, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import {
  candidateSaid,
  intruderIn,
  placeOfTarget,
  type RunningReport,
  runningDocument,
  saidOf,
} from "../../../core/deployment/intruder.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import {
  type FoundIntruder,
  type IntruderSubject,
  intruderFound,
  intruderGone,
  intrudersOfNone,
  isNews,
  openIntruder,
  openIntruders,
  placeFound,
} from "../../../core/promotion/intruder-facts.ts";
import { runsOnLoan } from "../../../core/promotion/lending.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { isOutOfService } from "../../../core/promotion/restriction.ts";
import { addressOf, isEndpointHere, isSamePlace, roomOf } from "../../../core/promotion/room.ts";
import type { ComponentTarget, DeployedKind, DeployedTarget, Target } from "../../../core/promotion/target.ts";
import { factsAbout, type IntruderFacts } from "../../intruder-facts.ts";
import { type KnownLane, knownLanes } from "../../known-lanes.ts";
import { errorFields, type Log } from "../../log.ts";
import type { PolicyBook } from "../../policy-book.ts";
import { type ApprovedOrderPorts, heldAgainstVerdict } from "../../steps/approved-order.ts";
import { deploymentOf } from "../../steps/order.ts";
import { type TargetRounds, targetRounds } from "../../target-rounds.ts";
import { type Lane, laneOf, lastByNow, type PromotionLists, surveyLane, whatShouldRun } from "../../what-runs.ts";

/** It is looked at this often. */
const everySeconds = 15 * 60;
/** Endpoints here of which no target speaks. */
const noTarget = "";

export interface AuditRunningPorts
  extends Pick<ApprovedOrderPorts, "now" | "attestationBase" | "verifyingKeys" | "verifySignature"> {
  readonly log: Log;
  readonly policies: ApprovalPolicy & Pick<PolicyBook, "machines" | "targets">;
  readonly promotions: PromotionLists &
    IntruderFacts & {
      load(id: PromotionId): Promise<Promotion | undefined>;
      recordFact(fact: Fact): Promise<"recorded" | "exists">;
    };
  readonly blobs: ApprovedOrderPorts["blobs"] & { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  /** Names of all endpoints that there are, ours and others'. */
  readonly endpoints: () => Promise<readonly string[]>;
}

/** What runs somewhere, as it is judged, and whose facts tell of it. */
interface Look {
  readonly subject: IntruderSubject;
  readonly report: RunningReport;
  readonly expected: Promotion | undefined;
}

/**
 * Looks at what really runs, in every target that is known and at every endpoint that carries a promotion's name, and
 * holds it against the verdicts. What runs without one, altered, or past its time is a finding: told once, alarmed about
 * while it stands, and put back by somebody else where the matrix says so. Changes nothing itself.
 */
export function auditRunning(ports: AuditRunningPorts) {
  let told: Promise<unknown> = Promise.resolve();
  return async (): Promise<void> => {
    const lanes = knownLanes(ports.policies).filter(({ place }) => place.kind !== "pipeline");
    const rounds = targetRounds(ports.now, everySeconds, (error, target) => {
      ports.log(error instanceof Failure ? "info" : "error", "place not read", { target, ...errorFields(error) });
    });
    await rounds.attendAll(
      lanes,
      ({ place }) => place.name,
      async ({ model, place }) => tell(await lookAtLane(model, place)),
    );
    await lookAtNeighbours(
      lanes.map(({ place }) => place),
      rounds,
    );
    // In another account the same name is another endpoint's.
    const known = new Set(lanes.flatMap(({ place }) => (isEndpointHere(place) ? [place.endpoint] : [])));
    for (const endpoint of await ports.endpoints())
      if (!known.has(endpoint)) await rounds.attend(noTarget, () => lookAtStranger(endpoint));
    for (const found of openIntruders(await ports.promotions.installationFacts(intrudersOfNone)))
      await rounds.attend(placeFound(found)?.target ?? noTarget, () => lookWhereFound(found, lanes));
    if (rounds.failed > 0)
      throw new Failure(
        "unavailable",
        `${rounds.failed} places did not say what runs there; the others were looked at.`,
      );
  };

  /** What is in one room with what is known, and under a name of which no target speaks. */
  async function lookAtNeighbours(places: readonly DeployedTarget[], rounds: TargetRounds): Promise<void> {
    const components = places.filter((place) => place.kind === "sagemaker-inference-component");
    const known = new Set(components.map(addressOf));
    const rooms = new Map(components.map((place) => [JSON.stringify([roomOf(place), place.host]), place]));
    const strangers: ComponentTarget[] = [];
    const nameOf = ({ name }: ComponentTarget) => name;
    await rounds.attendAll([...rooms.values()], nameOf, async (room) => {
      const names = await targetOfKind(ports.targets, room.kind).neighbours?.(room);
      strangers.push(...(names ?? []).map((endpoint) => ({ ...room, endpoint })));
    });
    const unknown = strangers.filter((place) => !known.has(addressOf(place)));
    await rounds.attendAll(unknown, nameOf, async (place) => tell(await lookAtNeighbour(place)));
  }

  /** Whoever put it there, nobody approved it under that name. */
  async function lookAtNeighbour(place: DeployedTarget): Promise<Look> {
    const running = await targetOfKind(ports.targets, place.kind).describeRunning(place);
    const of = running.promotion === undefined ? undefined : await ports.promotions.load(running.promotion);
    const { target, model } = of?.manifest ?? {};
    // Of a model that nobody may submit any more.
    if (model !== undefined && target?.kind === place.kind && isSamePlace(target, place))
      return lookAtLane(model.name, target);
    const subject = { promotion: of?.id, place: placeOfTarget(place) };
    return { subject, expected: undefined, report: await reportOf(place, running, undefined, of) };
  }

  /** What was found where nothing leads any more, since whoever put it there has removed it: nobody else looks there. */
  async function lookWhereFound(found: Fact, lanes: readonly KnownLane[]): Promise<void> {
    const said = placeFound(found);
    const known = lanes.find(({ place: { name, kind } }) => name === said?.target && kind === said.kind);
    if (said === undefined || known === undefined) return;
    const place = { ...known.place, endpoint: said.endpoint };
    const { revision, changingTo } = await targetOfKind(ports.targets, place.kind).describeRunning(place);
    if (revision === undefined && changingTo === undefined)
      await ports.promotions.recordFact(intruderGone(found, ports.now()));
  }

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
    // What somebody updates it to answers a part of the requests before it is all that runs. Where a release is on, nobody else can.
    const coming = released === undefined ? running.unknownComing : undefined;
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

  /** An endpoint that no policy speaks of is nobody's business here, unless a promotion's configuration serves there. */
  async function lookAtStranger(endpoint: string): Promise<void> {
    const asked: Target = { name: "", kind: "sagemaker-endpoint", endpoint, instanceType: "", instanceCount: 0 };
    const running = await ports.targets["sagemaker-endpoint"].describeRunning(asked);
    if (running.promotion === undefined) return;
    const of = await ports.promotions.load(running.promotion);
    const { target, model } = of?.manifest ?? { target: asked };
    if (of !== undefined && model !== undefined && target.kind !== "policy" && isSamePlace(target, asked))
      return tell(await lookAtLane(model.name, target));
    const subject = { promotion: of?.id, place: placeOfTarget(asked) };
    await tell({ subject, expected: undefined, report: await reportOf(asked, running, undefined, of) });
  }

  async function reportOf(
    target: Target,
    running: Awaited<ReturnType<DeploymentTarget["describeRunning"]>>,
    expected: Promotion | undefined,
    of: Promotion | undefined,
    settled = true,
  ): Promise<RunningReport> {
    return {
      readAt: ports.now(),
      place: placeOfTarget(target),
      expected: expected?.id ?? null,
      ...saidOf(running),
      candidate: of === undefined ? null : candidateSaid(of, await heldAgainst(of, settled)),
    };
  }

  /** Why the verdict does not allow what runs, and how that differs from what was approved. */
  async function heldAgainst(
    of: Promotion,
    settled: boolean,
  ): Promise<{ verdict: string | null; altered: string | null }> {
    const deployment = deploymentOf(of);
    if (deployment === undefined) return { verdict: "It was never deployed.", altered: null };
    try {
      await heldAgainstVerdict(of, deployment, ports, "again");
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "unavailable") throw error;
      return { verdict: error.message, altered: null };
    }
    const target = targetOfKind(ports.targets, deployment.target.kind);
    // The release's own alarms are gone by now: only whether it still is what was approved is asked.
    const { kind, why, unwell } = await target.check({ ...deployment, release: plainRelease("something") });
    // That what was approved does not do well is for whoever runs the place, and no sign that somebody changed it.
    if (settled && kind === "unhealthy" && unwell !== true) return { verdict: null, altered: why };
    return { verdict: null, altered: (await target.whyAlteredBeside?.(deployment)) ?? null };
  }

  /** One after the other: findings are numbered, and places are looked at beside each other. */
  function tell(look: Look): Promise<void> {
    const telling = told.then(() => record(look));
    told = Promise.allSettled([telling]);
    return telling;
  }

  async function record({ subject, report, expected }: Look): Promise<void> {
    const facts = await factsAbout(ports.promotions, subject);
    const open = openIntruder(facts, subject.place);
    const intruder = intruderIn(report);
    if (intruder === undefined) {
      if (open !== undefined) await ports.promotions.recordFact(intruderGone(open, ports.now()));
      return;
    }
    // Watched by an alarm, which stays while it runs.
    ports.log("error", "intruder found", { kind: intruder.kind, target: report.place.target });
    const found: FoundIntruder = { ...intruder, running: report.revision ?? "", action: actionFor(expected) };
    if (!isNews(open, found)) return;
    const mediaType = "application/json";
    const bytes = canonicalJsonBytes({ ...report, place: { ...report.place } });
    const attachment = { name: runningDocument, mediaType, sha256: await ports.blobs.put(bytes, mediaType) };
    await ports.promotions.recordFact(intruderFound(subject, facts, found, [attachment], ports.now()));
  }

  /** Where nothing was approved before, there is nothing to put back. */
  function actionFor(expected: Promotion | undefined): FoundIntruder["action"] {
    if (expected === undefined) return "report";
    const { manifest } = expected;
    const asked = requirementsInForce(ports.policies, { manifest, facts: { release: "update" } });
    return asked.kind === "asked" && asked.requirements.document.rule.onIntruder === "take-back"
      ? "take-back"
      : "report";
  }
}

/** Whether its release is not over: what ran before answers meanwhile. */
function isOnItsWay(of: Promotion | undefined): boolean {
  return of?.status === "deploying" || (of?.status === "loaned" && !runsOnLoan(of));
}
