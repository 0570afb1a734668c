import type { HeldSignOff } from "../../../core/archive/people/verify-sign-offs.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { reviewOf, told } from "./told.ts";

// Cora, then Sam with his passkey and Emil in Dana's place; verdict, deployment, drift.
export const deployed = await reviewOf(told.deployed);
export const ratified = await reviewOf(told.ratified);
export const kept = await reviewOf(told.kept);
export const reopened = await reviewOf(told.reopened);

/** What one person signed, changed. */
export const by = (held: readonly HeldSignOff[], { identity }: Member, change: Partial<SignOff>) =>
  held.map((each) =>
    each.signOff.reviewer.subject === identity.subject ? { ...each, signOff: { ...each.signOff, ...change } } : each,
  );
