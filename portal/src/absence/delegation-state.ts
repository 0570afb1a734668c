import type { Instant } from "../../../core/encoding/instant.ts";
import type { DelegationView } from "../api/contract.ts";

export type DelegationState = "in-force" | "planned" | "over" | "revoked";

/** Where a delegation stands at an instant. */
export function stateOf({ revokedAt, delegation: { from, until } }: DelegationView, now: Instant): DelegationState {
  if (revokedAt !== undefined) return "revoked";
  if (now >= until) return "over";
  return now < from ? "planned" : "in-force";
}

/** Whether somebody signs, or will sign, under it. */
export function stillHolds(state: DelegationState): boolean {
  return state === "in-force" || state === "planned";
}
