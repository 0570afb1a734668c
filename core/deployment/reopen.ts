import { asGivenHere } from "../approval/carry-over.ts";
import { findRole } from "../approval/entitlement.ts";
import type { Requirements } from "../approval/requirements.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { by } from "../encoding/text-order.ts";
import type { Attachment } from "../promotion/fact.ts";
import { advance } from "../promotion/life-cycle.ts";
import type { Promotion } from "../promotion/promotion.ts";
import { type ConditionsInForce, inForceText } from "../promotion/release-conditions.ts";
import type { SignOff } from "../promotion/sign-off.ts";

/** An execution has only so many steps; whoever was taken back three times has something to mend first. */
const mostReopenings = 2;

/** A sign-off that no longer counts, and why, in words that follow the person's name. */
export interface FallenSignOff {
  readonly signOff: Sha256;
  readonly why: string;
}

/**
 * Which approvals fall when a release under conditions is taken back: those that asked for conditions, and those in
 * roles that judge the model or do not say what they judge. What was signed in other roles alone stands (design 6.11).
 * Approvals that filled no seat are among them: none may take the place of one that fell before somebody has looked.
 */
export function fallenByBreach(
  promotion: Pick<Promotion, "review" | "invalidated" | "carried">,
  { roles }: Pick<Requirements, "roles">,
  signOffs: readonly SignOff[],
): readonly FallenSignOff[] {
  const before = new Set(promotion.invalidated.map(({ signOff }) => signOff));
  return [...signOffs, ...asGivenHere(promotion.carried ?? [])]
    .filter(({ id, review, result }) => review === promotion.review && result === "approve" && !before.has(id))
    .flatMap(({ id, conditions, roles: named }): readonly FallenSignOff[] => {
      if (conditions !== undefined)
        return [{ signOff: id, why: "signed under conditions, and the release under them was taken back" }];
      // People sign in every role that they hold; one that the rule does not ask for filled no seat.
      const judging = named.flatMap((role) => {
        const known = findRole(roles, role);
        return known === undefined ? [] : [known.judges];
      });
      return judging.length === 0 || judging.some((judged) => judged.length === 0 || judged.includes("model"))
        ? [{ signOff: id, why: "judged the model before its release was taken back" }]
        : [];
    })
    .toSorted(by(({ signOff }) => signOff));
}

/** Why a release under conditions that was taken back ends the promotion instead of reopening it; `undefined`: it reopens. */
export function whyNotReopened(
  { expiresAt, history }: Pick<Promotion, "expiresAt" | "history">,
  { now, newest }: { readonly now: Instant; readonly newest: boolean },
): string | undefined {
  if (expiresAt <= now) return "The time for its approval is over, so nobody is asked again.";
  if (!newest) return "A newer candidate is there, so nobody is asked about this one again.";
  return history.filter(({ type, body }) => type === "seat-reopened" && "breach" in body).length >= mostReopenings
    ? "It was taken back twice before, so nobody is asked again."
    : undefined;
}

/** The promotion back in review, with what the target said for those who sign next. */
export function withReleaseTakenBack(
  promotion: Promotion,
  conditions: ConditionsInForce,
  fallen: readonly FallenSignOff[],
  told: { readonly at: Instant; readonly why: string; readonly attachments: readonly Attachment[] },
): Promotion {
  const gone = new Set(fallen.map(({ signOff }) => signOff));
  const { stage } = promotion;
  return advance(
    promotion,
    {
      status: "in-review",
      settled: promotion.settled.filter(({ seats }) => !seats.some(({ signOff }) => gone.has(signOff))),
      invalidated: [...promotion.invalidated, ...fallen],
      verdict: undefined,
      deployment: undefined,
      ...(stage === undefined ? {} : { stage: { ...stage, open: false } }),
    },
    {
      type: "seat-reopened",
      at: told.at,
      summary: `The release was taken back, and is in review again: it was approved on condition that ${inForceText(conditions)}. ${told.why}`,
      body: { breach: { ...conditions }, fallen: fallen.map((each) => ({ ...each })) },
      attachments: told.attachments,
    },
  );
}
