import type { Json } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { PromotionId } from "./promotion-id.ts";

/** Everything that can happen to a promotion and is kept in the ledger. */
export const factTypes = [
  "request",
  "freeze",
  "gates",
  "stage-opened",
  "notification-queued",
  "notification-sent",
  "notification-refused",
  "notification-delivered",
  "notification-bounced",
  "notification-complained",
  "notification-redriven",
  "notification-discarded",
  "escalated",
  "link-opened",
  "question",
  "answer",
  "sign-off",
  "stage-decided",
  "seat-reopened",
  "loan-requested",
  "loan",
  "loan-refused",
  "loan-running",
  "loan-ratified",
  "loan-ended",
  "loan-taken-back",
  "loan-review-opened",
  "held",
  "verdict",
  "staged",
  "shadow-run",
  "deployment-started",
  "traffic-shifted",
  "rollback",
  "deployed",
  "rolled-back",
  "blocked",
  "rejected",
  "expired",
  "withdrawn",
  "superseded",
  "supersedes",
  "sign-off-kept",
  "failed",
  "outcome",
  "drift",
  "remedy",
  "intruder-found",
  "intruder-gone",
  "take-back",
  "clean-up",
  "passkey-enrolled",
  "passkey-confirmed",
  "passkey-revoked",
  "export-requested",
  "export",
  "installation",
  "key",
  "delegated",
  "delegation-revoked",
  "policy-proposed",
  "policy-activated",
  "passport-issued",
  "passport-redeemed",
  "deployment-reported",
  "plan-reported",
] as const;
export type FactType = (typeof factTypes)[number];

/** Whether a fact says that from then on a candidate is deployed: watched until it was healthy, or ratified while it ran. */
export function saysDeployed({ type }: { readonly type: FactType }): boolean {
  return type === "deployed" || type === "loan-ratified";
}

/** A document that a fact rests on, kept in the ledger bucket under its digest (`blobs/sha256/<hex>`). */
export interface Attachment {
  readonly name: string;
  readonly mediaType: string;
  readonly sha256: Sha256;
}

/** One thing that happened. Its canonical JSON, with `recordVersion`, is one entry of the ledger. */
export interface Fact {
  /** Unique and derived from what happened, so that telling it twice makes one record: `<promotion>/<n>` and the like. */
  readonly id: string;
  readonly type: FactType;
  readonly at: Instant;
  /** Absent for facts about the installation itself, such as a published key. */
  readonly promotion?: PromotionId;
  /** What happened, in a sentence for people: no addresses, tokens or links. */
  readonly summary: string;
  readonly body: { readonly [key: string]: Json };
  readonly attachments: readonly Attachment[];
}

/** A fact in its final form: the ledger's entry. */
export interface LedgerRecord extends Fact {
  readonly recordVersion: 1;
}
