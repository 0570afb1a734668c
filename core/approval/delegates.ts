import { by } from "../encoding/text-order.ts";
import { identityKey } from "../promotion/identity.ts";
import type { ApprovalInput } from "./approval-input.ts";
import { whyNotInForce } from "./delegation.ts";
import { byIdentity, type PersonKey, type PersonOf } from "./entitlement.ts";
import type { NamedPerson } from "./explanation.ts";

/**
 * Who could sign in a role in another's place at the moment, as far as the two of them let it; each once for a delegator.
 * By name, so that the order of the delegations changes nothing.
 */
export function delegatesFor(
  role: string,
  input: Pick<ApprovalInput, "members" | "excluded" | "delegations" | "now">,
  keyOf: PersonOf,
): readonly { readonly delegate: PersonKey; readonly delegator: PersonKey; readonly named: NamedPerson }[] {
  const inForce = input.delegations.filter(
    (each) => each.role === role && whyNotInForce(each, input.now) === undefined,
  );
  if (inForce.length === 0) return [];
  const members = byIdentity(input.members);
  const told = new Set<string>();
  const found = inForce.toSorted(by(({ id }) => id)).flatMap(({ delegate, delegator, delegatorName }) => {
    const member = members.get(identityKey(delegate));
    const key = `${identityKey(delegate)} ${identityKey(delegator)}`;
    if (member === undefined || !member.enabled || input.excluded.has(identityKey(delegate)) || told.has(key))
      return [];
    told.add(key);
    const named = { identity: delegate, name: member.name, inPlaceOf: delegatorName };
    return [{ delegate: keyOf(delegate), delegator: keyOf(delegator), named, rank: `${member.name}\u0000${key}` }];
  });
  return found.toSorted(by(({ rank }) => rank));
}
