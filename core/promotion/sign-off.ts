import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Identity } from "./identity.ts";
import type { PromotionId } from "./promotion-id.ts";

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
  /** The groups that the identity provider named in the token. */
  readonly groups: readonly string[];
  readonly recordedAt: Instant;
}
