import type { Promotion } from "./promotion.ts";

/**
 * Whether another verdict may take the place of the one that was signed: nothing has begun under it. Policies come in force at
 * once, or are proposed anew.
 */
export function mayBeVerifiedAgain({
  status,
  deployment,
  manifest,
}: Pick<Promotion, "status" | "deployment" | "manifest">): boolean {
  return status === "approved" && deployment === undefined && manifest.target.kind !== "policy";
}
