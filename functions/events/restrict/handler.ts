import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId } from "../../../core/promotion/promotion-id.ts";
import { knownLanes } from "../../known-lanes.ts";
import { errorFields } from "../../log.ts";
import type { PolicyBook } from "../../policy-book.ts";
import { type Lane, surveyLane } from "../../what-runs.ts";
import { type ApplyRemedyPorts, applyRemedy } from "./apply-remedy.ts";
import { type TakeBackPorts, takeBack } from "./take-back.ts";

export type RestrictPorts = ApplyRemedyPorts &
  TakeBackPorts & {
    readonly policies: Pick<PolicyBook, "matrix" | "machines" | "targets">;
    /** A processing job of SageMaker has ended, which may be one of Model Monitor's. */
    readonly monitored: (job: unknown) => Promise<void>;
  };

/** What wakes it: a fact that is in the ledger, the clock, or the end of a processing job. */
export interface RestrictEvent {
  readonly "detail-type": string;
  readonly detail: {
    readonly promotionId?: unknown;
    readonly type?: unknown;
    readonly ProcessingJobName?: unknown;
  };
}

/**
 * Changes what runs where the matrix says so, and nobody promotes anything: after a fact that may ask for it, and by the
 * clock whatever is left undone. It decides by what is recorded, not by what woke it. And hears where a monitor says so.
 */
export function restrict(ports: RestrictPorts) {
  const remedy = applyRemedy(ports);
  const putRight = takeBack(ports);
  return async (event: RestrictEvent): Promise<void> => {
    switch (event["detail-type"]) {
      case "Countersign Fact Recorded":
        return afterFact(event.detail);
      case "Scheduled Event":
        return whateverIsLeft();
      case "SageMaker Processing Job State Change":
        return ports.monitored(event.detail.ProcessingJobName);
      default:
        throw new Failure("invalid-request", "This is nothing that is heard here.");
    }
  };

  async function afterFact({ promotionId, type }: RestrictEvent["detail"]): Promise<void> {
    if (!isPromotionId(promotionId)) return;
    const promotion = await ports.promotions.load(promotionId);
    // How an approval ended is told of the promotion that asked; what it asked for runs, or does not.
    const concerned = promotion?.reapproves?.promotion ?? promotion?.id;
    if (concerned !== undefined) await remedy(concerned);
    if (type === "intruder-found" && promotion !== undefined) await takeBackFrom(promotion);
  }

  /** Only what should run now is put back: a finding may be older than what was deployed since. */
  async function takeBackFrom({ id, manifest }: Promotion): Promise<void> {
    const { running } = await surveyLane(ports.promotions, {
      model: manifest.model.name,
      target: manifest.target.name,
    });
    if (running?.id === id) await putRight(running);
  }

  async function whateverIsLeft(): Promise<void> {
    let failed = 0;
    for (const { model, place } of knownLanes(ports.policies)) {
      try {
        await seeTo({ model, target: place.name });
      } catch (error) {
        // One place that fails each time must not keep the others from ever being seen to.
        ports.log("error", "place not seen to", errorFields(error));
        failed += 1;
      }
    }
    if (failed > 0) throw new Failure("unavailable", `${failed} places could not be seen to; the others were.`);
  }

  async function seeTo(lane: Lane): Promise<void> {
    const { running } = await surveyLane(ports.promotions, lane);
    if (running === undefined) return;
    if (running.status === "restricted") await remedy(running.id);
    await putRight(running);
  }
}
