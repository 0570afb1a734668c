import { concerns, type Running, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { intruderGone, openIntruder, placeFound } from "../../../core/promotion/intruder-facts.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { SageMakerTarget, Target } from "../../../core/promotion/target.ts";
import type { KnownLane } from "../../running/known-lanes.ts";
import type { LanePorts } from "./look-at-lane.ts";
import type { TellPorts } from "./tell-of-intruder.ts";

/** Endpoints here of which no target speaks. */
export const noTarget = "";

type Found = NonNullable<ReturnType<typeof placeFound>>;

type Ports = Pick<LanePorts, "targets" | "promotions"> & Pick<TellPorts, "now" | "promotions">;

/** What was found under a name of which no target speaks, and where nobody else looks once whoever put it there has removed it. */
export function looksWhereFound({ targets, promotions, now }: Ports) {
  return async (found: Fact, lanes: readonly KnownLane[]): Promise<void> => {
    const said = placeFound(found);
    if (said === undefined || (found.promotion !== undefined && (await isLane(found.promotion, said, lanes)))) return;
    const known = lanes.find(({ place: { name, kind } }) => name === said.target && kind === said.kind)?.place;
    const nobodys =
      said.target === noTarget && said.kind === "sagemaker-endpoint" ? strangerAt(said.endpoint) : undefined;
    const asked = known ?? nobodys;
    if (asked === undefined) return;
    const place = { ...asked, endpoint: said.endpoint };
    if (!isOver(found, await targetOfKind(targets, place.kind).describeRunning(place))) return;
    if (found.promotion !== undefined) {
      // The list over all promotions may be behind.
      const facts = await promotions.factsUnder(found.promotion, "intruder");
      if (openIntruder(facts, said)?.id !== found.id) return;
    }
    await promotions.recordFact(intruderGone(found, now()));
  };

  /** Whether it is a place of which a target speaks, or did as the promotion was approved for it: there it is looked at what should run. */
  async function isLane(id: PromotionId, said: Found, lanes: readonly KnownLane[]): Promise<boolean> {
    const approved = (await promotions.load(id))?.manifest.target;
    const spoken: readonly Target[] = [
      ...lanes.map(({ place }) => place),
      ...(approved === undefined ? [] : [approved]),
    ];
    return spoken.some(
      ({ name, kind, endpoint }) => name === said.target && kind === said.kind && endpoint === said.endpoint,
    );
  }
}

/** Whether nothing runs there any more or, of what was found of a promotion, nothing of that one: another is told of as such. */
function isOver({ promotion }: Fact, running: Running): boolean {
  const { revision, changingTo, beside, givingWay } = running;
  if (revision === undefined && changingTo === undefined) return true;
  if (promotion === undefined || concerns(running, promotion)) return false;
  return beside !== promotion && givingWay?.promotion !== promotion;
}

/** An endpoint here of which no target speaks, as it is asked what it serves. */
export function strangerAt(endpoint: string): SageMakerTarget {
  return { name: noTarget, kind: "sagemaker-endpoint", endpoint, instanceType: "", instanceCount: 0 };
}
