import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

type EndpointState =
  | { readonly kind: "absent" }
  | { readonly kind: "busy"; readonly configName: string }
  | { readonly kind: "in-service"; readonly configName: string; readonly why: string | undefined }
  | { readonly kind: "failed"; readonly why: string };

export interface WatchDeploymentPorts {
  readonly now: () => Instant;
  readonly watchSeconds: number;
  readonly promotions: PromotionMoves;
  readonly target: { state(endpointName: string): Promise<EndpointState> };
}

export type WatchAnswer =
  | { readonly outcome: "watching"; readonly seconds: number }
  | { readonly outcome: "deployed" | "rolled-back" };

/** Watch the deployment: asks the target how it goes, and writes down how it ended. */
export function watchDeployment(ports: WatchDeploymentPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<WatchAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    const { endpoint } = promotion.manifest.target;
    const state = await ports.target.state(endpoint);
    switch (state.kind) {
      case "busy":
        return { outcome: "watching", seconds: ports.watchSeconds };
      case "in-service":
        if (state.configName === promotionId) {
          await end(promotionId, "deployed", "deployed", `The endpoint '${endpoint}' serves the approved model.`);
          return { outcome: "deployed" };
        }
        await end(
          promotionId,
          "rolled-back",
          "rolled-back",
          `The endpoint '${endpoint}' went back to the model before${state.why === undefined ? "" : `: ${withoutStop(state.why)}`}.`,
        );
        return { outcome: "rolled-back" };
      case "absent":
        throw new Failure("deployment-refused", `The endpoint '${endpoint}' is gone.`);
      case "failed":
        throw new Failure("deployment-refused", `The endpoint '${endpoint}' failed: ${withoutStop(state.why)}.`);
      default:
        return state satisfies never;
    }
  };

  function end(id: PromotionId, status: Status, type: FactType, summary: string): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) =>
      current.status === status
        ? undefined
        : advance(
            current,
            { status, ...(status === "rolled-back" ? { reason: summary } : {}) },
            { type, at: ports.now(), summary, body: { endpoint: current.manifest.target.endpoint }, attachments: [] },
          ),
    );
  }
}

/** SageMaker's reasons are sentences; here they end one. */
function withoutStop(reason: string): string {
  return reason.trim().replace(/\.$/, "");
}
