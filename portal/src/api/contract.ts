// Types only: nothing of functions/ is in the portal's build.

import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { GateReport } from "../../../core/gates/gate-report.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { PromotionSummary, PromotionView } from "../../../functions/api/read-promotions/view.ts";

export type { PromotionSummary };

/** A promotion as `GET /v1/promotions/{id}` answers it, with its documents by their own types. */
export interface ShownPromotion extends Omit<PromotionView, "gates" | "summary" | "signOffs"> {
  readonly signOffs: readonly (PromotionView["signOffs"][number] & { readonly result: SignOffResult })[];
  readonly gates?: { readonly outcome: string; readonly report: GateReport };
  readonly summary?: { readonly sha256: string; readonly document: EvidenceSummary };
}

/** One page of `GET /v1/promotions`. */
export interface PromotionPage {
  readonly promotions: readonly PromotionSummary[];
  /** The cursor of the next page, where there is one. */
  readonly next?: string;
}

/** What `POST /v1/promotions/{id}/sign-offs` answers. */
export interface RecordedAnswer {
  readonly id: string;
  readonly recordedAt: string;
}

/** The part of `GET /v1/service` that the portal needs. */
export interface ServiceSettings {
  readonly issuer: string;
  readonly portalClientId: string;
  readonly logOrigin: string;
  /** The keys that verify what this deployment signs. */
  readonly keys: {
    readonly attestation: { readonly keyid: string; readonly pem: string };
    /** In base64. */
    readonly checkpoint: { readonly ed25519: string };
  };
}
