import { Failure } from "../failure.ts";
import type { Fact } from "./fact.ts";
import type { Promotion, Status } from "./promotion.ts";

/** Which status may follow which. A status that nothing follows is an end. */
const followers: Readonly<Record<Status, readonly Status[]>> = {
  gating: ["in-review", "shadowing", "blocked", "withdrawn", "superseded", "expired", "failed"],
  shadowing: ["in-review", "gating", "blocked", "withdrawn", "superseded", "expired", "failed"],
  "in-review": ["approved", "gating", "rejected", "withdrawn", "superseded", "expired", "loaned", "failed"],
  approved: ["deploying", "in-review", "gating", "blocked", "rejected", "withdrawn", "superseded", "expired", "failed"],
  // Back in review: taken back, and somebody had signed under conditions.
  deploying: ["deployed", "in-review", "rolled-back", "blocked", "failed"],
  deployed: ["restricted", "rolled-back"],
  // Nothing but its quorum makes a lent candidate a deployed one; whatever else follows, it is taken back.
  loaned: ["deployed", "expired", "rejected", "blocked", "rolled-back", "failed"],
  restricted: ["rolled-back"],
  blocked: [],
  rejected: [],
  expired: [],
  withdrawn: [],
  superseded: [],
  "rolled-back": [],
  failed: [],
};

/** Whether a promotion in this status may still come to a deployment: a second submission finds it instead of making another. */
export function isOpen(status: Status): boolean {
  return !hasEnded(status) && status !== "deployed" && status !== "restricted";
}

/** Whether nothing can follow any more. */
export function hasEnded(status: Status): boolean {
  return followers[status].length === 0;
}

/** What a step changes: never what identifies the promotion, nor what `advance` counts itself. `undefined` takes a part away. */
export type Change = { readonly [Part in ChangeablePart]?: Promotion[Part] | undefined };

type ChangeablePart =
  | "expiresAt"
  | "requirements"
  | "facts"
  | "review"
  | "frozen"
  | "gates"
  | "staged"
  | "shadow"
  | "stage"
  | "settled"
  | "carried"
  | "invalidated"
  | "verdict"
  | "deployment"
  | "restriction"
  | "loan"
  | "supersededBy"
  | "reason"
  | "status";

/**
 * The promotion after one more fact: one revision later, the fact at the end of its history under the id
 * `<promotion>/<n>`. Throws `conflict` where the life cycle does not allow the new status.
 */
export function advance(promotion: Promotion, change: Change, fact: Omit<Fact, "id" | "promotion">): Promotion {
  const status = change.status ?? promotion.status;
  if (status !== promotion.status && !followers[promotion.status].includes(status)) {
    throw new Failure("conflict", `A promotion that is ${promotion.status} cannot become ${status}.`);
  }
  const changed = withoutGone({ ...promotion, ...change }) as unknown as Promotion;
  return {
    ...changed,
    revision: promotion.revision + 1,
    history: [
      ...promotion.history,
      { ...fact, id: `${promotion.id}/${promotion.history.length}`, promotion: promotion.id },
    ],
  };
}

/** The parts that there still are. Put together anew only where one has gone: a promotion changes ten times, and all of it each time. */
function withoutGone(parts: object): object {
  if (!Object.values(parts).includes(undefined)) return parts;
  return Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined));
}
