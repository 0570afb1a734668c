import { type IdentityKey, identityKey, type Member } from "../promotion/identity.ts";
import { type ApprovalInput, inRecordedOrder, latestDecisions } from "./approval-input.ts";
import { whyNotInForce } from "./delegation.ts";
import { byIdentity, personOf } from "./entitlement.ts";
import { whoCouldSign } from "./reachability.ts";

/** Somebody who is asked to sign in a role, for themselves or in another's place. */
export interface AskedPerson {
  readonly role: string;
  readonly member: Member;
  readonly inPlaceOf?: Member;
}

/**
 * Whom to ask about a stage: who could sign and is not away, and whoever stands in for somebody who could. Nobody twice
 * for one role: who holds it is asked for themselves.
 */
export function whomToAsk(
  input: ApprovalInput & { readonly stage: number; readonly absent: ReadonlySet<IdentityKey> },
  { butThoseWhoDecided = false }: { readonly butThoseWhoDecided?: boolean } = {},
): readonly AskedPerson[] {
  const keyOf = personOf(input.members, input.people);
  const members = byIdentity(input.members);
  const seated = new Set(
    input.settled
      .filter(({ index }) => index !== input.stage)
      .flatMap(({ seats }) => seats.flatMap(({ person, signOff }) => [keyOf(person), ...placeBehind(signOff)])),
  );
  if (butThoseWhoDecided) {
    const latest = latestDecisions(
      inRecordedOrder(input.signOffs),
      { review: input.review, stage: input.stage },
      keyOf,
    );
    for (const [person, { id, result }] of latest)
      if (result !== "withdraw") for (const each of [person, ...placeBehind(id)]) seated.add(each);
  }
  return whoCouldSign(input).flatMap(({ role, members: able }) => {
    const free = able.filter(({ identity }) => !seated.has(keyOf(identity)));
    const own = free.filter(({ identity }) => !input.absent.has(identityKey(identity)));
    const asked = new Set(own.map(({ identity }) => identityKey(identity)));
    const others = free.flatMap((delegator) =>
      input.delegations.flatMap((delegation): readonly AskedPerson[] => {
        const member = members.get(identityKey(delegation.delegate));
        if (
          member === undefined ||
          delegation.role !== role ||
          identityKey(delegation.delegator) !== identityKey(delegator.identity) ||
          whyNotInForce(delegation, input.now) !== undefined ||
          !member.enabled ||
          input.excluded.has(identityKey(member.identity)) ||
          input.absent.has(identityKey(member.identity)) ||
          seated.has(keyOf(member.identity)) ||
          asked.has(identityKey(member.identity))
        )
          return [];
        asked.add(identityKey(member.identity));
        return [{ role, member, inPlaceOf: delegator }];
      }),
    );
    return [...own.map((member) => ({ role, member })), ...others];
  });

  function placeBehind(id: string) {
    const place = input.signOffs.find((signOff) => signOff.id === id)?.onBehalfOf;
    return place === undefined ? [] : [keyOf(place.person)];
  }
}
