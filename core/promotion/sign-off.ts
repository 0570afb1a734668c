import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Identity } from "./identity.ts";
import type { PromotionId } from "./promotion-id.ts";
import type { ReleaseConditions } from "./release-conditions.ts";

/** That a passkey signed a decision. */
export interface PasskeyUse {
  /** RFC 7638 thumbprint of its public key, in hex. */
  readonly id: Sha256;
  /** The authenticator's signature counter; 0 where it keeps none. */
  readonly counter: number;
  /** The counter was not above an earlier one: the passkey may have been copied (WebAuthn section 6.1.1). */
  readonly counterWentBack?: true;
}

export type SignOffResult = "approve" | "reject" | "withdraw";

/** A recorded sign-off as the approval rules see it: verified when it was recorded, so only its content matters here. */
export interface SignOff {
  /** SHA-256 of the statement's PAE: the challenge that the identity provider signed, in hex. */
  readonly id: Sha256;
  readonly promotion: PromotionId;
  readonly review: number;
  readonly stage: number;
  readonly result: SignOffResult;
  readonly reason: string;
  /** The roles in which it is given. */
  readonly roles: readonly string[];
  readonly reviewer: Identity;
  readonly reviewerName: string;
  /** In whose place it is given, and under which recorded delegation. */
  readonly onBehalfOf?: { readonly person: Identity; readonly delegation: Sha256 };
  /** What an approval asks of the release. */
  readonly conditions?: ReleaseConditions;
  /** The groups that the identity provider named in the token. */
  readonly groups: readonly string[];
  /** How the person signed in, as far as the token says it (OpenID Connect Core 1.0 section 2). */
  readonly acr?: string;
  readonly amr?: readonly string[];
  /** Set where the reviewer's own, confirmed passkey signed the same challenge. */
  readonly passkey?: PasskeyUse;
  readonly recordedAt: Instant;
}
