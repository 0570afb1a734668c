import { type WebhookTargetPorts, webhookTarget } from "../../../../adapters/webhooks/deployment-target.ts";
import type { DeploymentTarget } from "../../../../core/deployment/deployment-target.ts";
import type { Instant } from "../../../../core/encoding/instant.ts";
import { msOfInstant } from "../../../../core/encoding/instant.ts";
import type { Exchange } from "../../../../core/notification/channel.ts";
import { isPromotionId, type PromotionId } from "../../../../core/promotion/promotion-id.ts";

interface Message {
  readonly type: string;
  readonly data: {
    readonly promotion: PromotionId;
    readonly target: { readonly endpoint: string };
    readonly previous: string | null;
  };
}

/** Somebody who deploys what signed messages ask for, in memory, and drops each that was there before. */
export class Receiver {
  readonly #serving = new Map<string, string>();
  readonly #places = new Map<PromotionId, string>();
  readonly #seen = new Set<string>();
  readonly target: DeploymentTarget;

  constructor(reports: WebhookTargetPorts["reports"], clock: () => Instant) {
    this.target = webhookTarget({
      exchange: this.#exchange,
      secret: async () => `whsec_${"A".repeat(32)}`,
      nowMs: () => msOfInstant(clock()),
      reports,
      verdict: async () => ({}),
    });
  }

  /** Somebody makes it serve this, or nothing. */
  put(endpoint: string, revision: string | undefined): void {
    if (revision === undefined) this.#serving.delete(endpoint);
    else this.#serving.set(endpoint, revision);
  }

  readonly #exchange: Exchange = async ({ headers, body }) => {
    const { type, data }: Message = JSON.parse(String(body));
    const said = (answer: object) => ({ status: 200, headers: {}, body: JSON.stringify(answer) });
    if (type === "deployment.describe") {
      const revision = this.#serving.get(data.target.endpoint);
      const promotion = isPromotionId(revision) ? { promotion: revision } : {};
      return said(revision === undefined ? {} : { revision, ...promotion });
    }
    const id = headers["webhook-id"] ?? "";
    if (this.#seen.has(id)) return said({});
    this.#seen.add(id);
    if (type === "deployment.requested") {
      this.#places.set(data.promotion, data.target.endpoint);
      this.put(data.target.endpoint, data.promotion);
    }
    const place = this.#places.get(data.promotion);
    if (type === "deployment.roll-back" && place !== undefined && this.#serving.get(place) === data.promotion)
      this.put(place, data.previous ?? undefined);
    return said({});
  };
}
