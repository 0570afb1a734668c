import type { Fact } from "./fact.ts";
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

/** What it was told last to wait for before it is deployed; a freeze window, of which the end is told, is none of it. */
export function lastWait({ history }: Pick<Promotion, "history">): Fact | undefined {
  return history.findLast(({ type, body }) => type === "held" && body["until"] === undefined);
}
