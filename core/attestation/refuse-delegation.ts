import { type Delegation, whyDelegatorLacks, whyTimeRefused } from "../approval/delegation.ts";
import { byIdentity, findRole, personOf, titleOf, whyTooWeak } from "../approval/entitlement.ts";
import type { Matrix } from "../approval/matrix.ts";
import type { Person } from "../approval/people.ts";
import type { Instant } from "../encoding/instant.ts";
import { Failure } from "../failure.ts";
import { identityKey, type Member } from "../promotion/identity.ts";
import type { DelegationPredicate } from "./delegation-statement.ts";
import type { ReviewerClaims } from "./id-token.ts";
import type { RecordedDelegationDeed } from "./recorded-delegation.ts";
import { requireParty } from "./verify-delegation.ts";

/**
 * Asks of a deed, before it is recorded, whether the person may do it and whether it makes sense: what separation of
 * duties says of a candidate is asked when the delegate signs. Throws `not-entitled`, `invalid-request`, `not-found` or
 * `already-decided`.
 *
 * @param known the delegation as it is recorded so far
 */
export function requireDelegationDeed(
  predicate: DelegationPredicate,
  signer: Pick<ReviewerClaims, "groups" | "acr" | "amr"> & Pick<RecordedDelegationDeed, "passkey">,
  known: Delegation | undefined,
  {
    matrix,
    people,
    members,
    now,
  }: {
    readonly matrix: Pick<Matrix, "roles" | "rules">;
    readonly people: readonly Person[];
    readonly members: readonly Member[];
    readonly now: Instant;
  },
): void {
  requireParty(predicate);
  const { deed, delegation } = predicate;
  switch (deed) {
    case "revoke":
      if (known === undefined) throw new Failure("not-found", "There is no such delegation.");
      if (known.revokedAt !== undefined) throw new Failure("already-decided", "The delegation was revoked before.");
      return;
    case "delegate":
      break;
    default:
      deed satisfies never;
  }
  if (known !== undefined) throw new Failure("conflict", "This delegation is recorded already.");
  const { delegator, delegate, role, scope } = delegation;
  const { roles, rules } = matrix;
  const asked = findRole(roles, role);
  if (asked === undefined) throw invalid(`There is no role '${role}'.`);
  if (scope.modelType !== undefined && !rules.some(({ modelType }) => modelType === scope.modelType))
    throw invalid(`The approval matrix knows no model type '${scope.modelType}'.`);
  if (scope.target !== undefined && !rules.some(({ target }) => target === scope.target))
    throw invalid(`The approval matrix knows no target '${scope.target}'.`);
  const untimely = whyTimeRefused(delegation, now);
  if (untimely !== undefined) throw invalid(untimely);
  const keyOf = personOf(members, people);
  if (keyOf(delegator) === keyOf(delegate)) throw invalid("Nobody stands in their own place.");
  const weak = whyTooWeak(signer, asked);
  if (weak !== undefined) throw new Failure("not-entitled", `You cannot delegate the role: you ${weak}.`);
  const held = { delegator, role, delegatorGroups: signer.groups };
  const lacking = whyDelegatorLacks(held, { roles, members: byIdentity(members), entitlement: "as-of-now" });
  if (lacking !== undefined) {
    const why = `You cannot delegate the role '${titleOf(roles, role)}': whoever delegates holds it in their own right.`;
    throw new Failure("not-entitled", why);
  }
  const other = members.find(({ identity }) => identityKey(identity) === identityKey(delegate));
  if (other === undefined || !other.enabled)
    throw invalid("Whoever is to stand in for you is not in the directory, or their account is disabled.");
}

function invalid(why: string): Failure {
  return new Failure("invalid-request", why);
}
