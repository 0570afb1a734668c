import { targetOfKind } from "../../../core/deployment/deployment-target.ts";
import { placeOfTarget } from "../../../core/deployment/intruder.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { intrudersOfNone, openIntruders, placeFound } from "../../../core/promotion/intruder-facts.ts";
import { addressOf, isEndpointHere, isSamePlace, roomOf } from "../../../core/promotion/room.ts";
import type { ComponentTarget, DeployedTarget } from "../../../core/promotion/target.ts";
import { errorFields } from "../../log.ts";
import { knownLanes } from "../../running/known-lanes.ts";
import { type TargetRounds, targetRounds } from "../../targets/target-rounds.ts";
import { type LanePorts, laneLooks } from "./look-at-lane.ts";
import { looksWhereFound, noTarget, strangerAt } from "./look-where-found.ts";
import { runningReports } from "./running-report.ts";
import { type Look, type TellPorts, tellOfIntruders } from "./tell-of-intruder.ts";

/** It is looked at this often. */
const everySeconds = 15 * 60;
export interface AuditRunningPorts extends LanePorts, TellPorts {
  readonly policies: TellPorts["policies"] & LanePorts["policies"];
  readonly promotions: LanePorts["promotions"] & TellPorts["promotions"];
  readonly blobs: LanePorts["blobs"] & TellPorts["blobs"];
  /** Names of all endpoints that there are, ours and others'. */
  readonly endpoints: () => Promise<readonly string[]>;
  /** Of every promotion, what was found and what was told to be gone; what was told a moment ago may be missing. */
  readonly intruders: () => Promise<readonly Fact[]>;
}

/**
 * Looks at what really runs, in every target that is known and at every endpoint that carries a promotion's name, and
 * holds it against the verdicts. What runs without one, altered, or past its time is a finding: told once, alarmed about
 * while it stands, and put back by somebody else where the matrix says so. Changes nothing itself.
 */
export function auditRunning(ports: AuditRunningPorts) {
  const reportOf = runningReports(ports);
  const lookAtLane = laneLooks(ports);
  const tell = tellOfIntruders(ports);
  const lookWhereFound = looksWhereFound(ports);
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
    const strangers = (await ports.endpoints()).filter((endpoint) => !known.has(endpoint));
    await rounds.attendAll(strangers, () => noTarget, lookAtStranger);
    const standing = [...(await ports.promotions.installationFacts(intrudersOfNone)), ...(await ports.intruders())];
    await rounds.attendAll(
      openIntruders(standing),
      (found) => placeFound(found)?.target ?? noTarget,
      (found) => lookWhereFound(found, lanes),
    );
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

  /** An endpoint that no policy speaks of is nobody's business here, unless a promotion's configuration serves there. */
  async function lookAtStranger(endpoint: string): Promise<void> {
    const asked = strangerAt(endpoint);
    const running = await ports.targets["sagemaker-endpoint"].describeRunning(asked);
    if (running.promotion === undefined) return;
    const of = await ports.promotions.load(running.promotion);
    const { target, model } = of?.manifest ?? { target: asked };
    if (of !== undefined && model !== undefined && target.kind !== "policy" && isSamePlace(target, asked))
      return tell(await lookAtLane(model.name, target));
    const subject = { promotion: of?.id, place: placeOfTarget(asked) };
    await tell({ subject, expected: undefined, report: await reportOf(asked, running, undefined, of) });
  }
}
