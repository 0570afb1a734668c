import { Failure } from "../failure.ts";
import type { Promotion } from "./promotion.ts";
import type { SignOff } from "./sign-off.ts";

/**
 * Whether a decision speaks against a promotion: a rejection, or an approval that is taken back. One of these may be
 * missed by nobody; an approval that comes while others are counted is counted after them.
 */
export function isObjection({ result }: Pick<SignOff, "result">): boolean {
  return result !== "approve";
}

/**
 * Whether everybody has signed and no verdict over it stands, which a freeze window may keep from it for weeks: until then it can be
 * rejected by whoever holds a role of any stage (design 6.4).
 */
export function awaitsItsVerdict({ status, verdict }: Pick<Promotion, "status" | "verdict">): boolean {
  return status === "approved" && verdict === undefined;
}

/**
 * The promotion with one more objection, to be written together with it: one revision later, so that whoever judged the
 * one before begins again. It is no fact of the promotion's own; the sign-off is.
 */
export function withObjection(promotion: Promotion): Promotion {
  return { ...promotion, revision: promotion.revision + 1, objections: (promotion.objections ?? 0) + 1 };
}

/**
 * Throws `unavailable` where fewer objections were read than are recorded: a table shows the items of one transaction at
 * different moments to whoever asks for several, and may have lost one.
 */
export function requireEveryObjection(
  { objections = 0 }: Pick<Promotion, "objections">,
  signOffs: readonly Pick<SignOff, "result">[],
): void {
  if (signOffs.filter(isObjection).length < objections)
    throw new Failure("unavailable", "A rejection or withdrawal is recorded that cannot be read yet.");
}
