// Types only: nothing of functions/ is in the portal's build.

import type { Envelope } from "../../../core/attestation/dsse.ts";
import type { EvidenceSummary } from "../../../core/gates/evidence-summary.ts";
import type { GateReport } from "../../../core/gates/gate-report.ts";
import type { LearningReport } from "../../../core/learning/learning-report.ts";
import type { DescribedPolicy } from "../../../core/policy/describe-policy.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { AskedQuestions } from "../../../functions/api/ask-question/view.ts";
import type { AbsenceView, DelegationView } from "../../../functions/api/plan-absence/view.ts";
import type { PasskeyView } from "../../../functions/api/read-passkeys/view.ts";
import type {
  EvidencePart,
  ListedPromotion,
  OlderFacts,
  PromotionSummary,
  PromotionView,
} from "../../../functions/api/read-promotions/view.ts";

export type {
  AbsenceView,
  AskedQuestions,
  DelegationView,
  EvidencePart,
  ListedPromotion,
  OlderFacts,
  PasskeyView,
  PromotionSummary,
};

/** What `GET /v1/passkeys` answers. */
export interface PasskeyPage {
  readonly passkeys: readonly PasskeyView[];
  readonly next?: string;
}

/** A promotion as `GET /v1/promotions/{id}` answers it, with its documents by their own types. */
export interface ShownPromotion extends Omit<PromotionView, "gates" | "summary" | "signOffs"> {
  readonly signOffs: readonly (PromotionView["signOffs"][number] & { readonly result: SignOffResult })[];
  readonly gates?: { readonly outcome: string; readonly report: GateReport };
  readonly summary?: { readonly sha256: string; readonly document: EvidenceSummary };
}

/** What `GET /v1/policy` answers. */
export interface ShownPolicy extends DescribedPolicy {
  /** Which version is in force. Since when and by whom is not known within minutes of the first deployment. */
  readonly version: {
    readonly sha256: string;
    readonly since?: string;
    readonly number?: number;
    /** In which it was signed off; absent where it came with a deployment. */
    readonly promotion?: string;
    /** Their names. */
    readonly signedBy?: readonly string[];
    /** Why these would not be taken if they were proposed today; absent where they would. */
    readonly refusedIfNew?: readonly string[];
  };
}

/** What `GET /v1/learning` answers, as far as the page shows it. */
export interface ShownLearning
  extends Pick<LearningReport, "promotions" | "ran" | "told" | "spokenAgainst" | "failures"> {
  /** Older promotions of the model are not in it. */
  readonly older: boolean;
}

/** One page of `GET /v1/promotions`. */
export interface PromotionPage {
  readonly promotions: readonly ListedPromotion[];
  /** The ids of those that belong here and that the service cannot read. */
  readonly unreadable?: readonly string[];
  /** The cursor of the next page, where there is one. */
  readonly next?: string;
}

/** What whoever signs something is answered: what the service signed over it as well. */
export interface RecordedAnswer {
  readonly id: string;
  readonly recordedAt: string;
  readonly envelope: Envelope;
  /** Of an approval on which nothing rests: why. */
  readonly late?: string;
}

/** The part of `GET /v1/promotions/{id}/attestations` that whoever signed keeps. */
export interface AttestationsAnswer {
  readonly promotion: string;
  readonly signOffs: readonly { readonly id: string; readonly envelope: Envelope }[];
  readonly loans?: AttestationsAnswer["signOffs"];
  /** Where the next page begins, where there is one. */
  readonly next?: number;
}

/** What `POST /v1/audit/exports` takes; a promotion, a model or a time, none of them for everything. */
export interface ExportRequest {
  readonly promotion?: string;
  readonly model?: string;
  readonly from?: string;
  readonly to?: string;
  readonly withoutPersonalData?: boolean;
}

/** What `GET /v1/audit/exports/{id}` answers. */
export interface ExportAnswer {
  readonly self: string;
  readonly status: "queued" | "running" | "done" | "failed";
  readonly keptUntil?: string;
  /** Why it failed. */
  readonly reason?: string;
  /** There once it is done, as long as it is kept. */
  readonly pack?: {
    readonly address: string;
    readonly expiresAt: string;
    readonly bytes: number;
    readonly sha256: string;
  };
}

/** The part of `GET /v1/service` that the portal needs. */
export interface ServiceSettings {
  readonly issuer: string;
  /** Which claim of a sign-in names the person. */
  readonly subjectClaim: "sub" | "oid";
  readonly portalClientId: string;
  readonly cliClientId: string;
  readonly attestationBase: string;
  readonly logOrigin: string;
  /** The applications that people sign in to, and where passkeys are made: what a pack is held against. */
  readonly audiences: readonly string[];
  readonly passkeys: { readonly origins: readonly string[] };
  /** The keys that verify what this deployment signs. */
  readonly keys: {
    readonly attestation: {
      readonly keyid: string;
      readonly pem: string;
      readonly others: readonly { readonly pem: string }[];
    };
    /** In base64; `others` are of other generations. */
    readonly checkpoint: { readonly ed25519: string; readonly others: readonly { readonly ed25519: string }[] };
  };
}
