import { inRecordedOrder } from "../core/approval/approval-input.ts";
import type { Person } from "../core/approval/people.ts";
import { readToken } from "../core/attestation/id-token.ts";
import type { RecordedSignOff } from "../core/attestation/recorded-sign-off.ts";
import { type IdentityKey, identityKey, normalAddress } from "../core/promotion/identity.ts";

/**
 * people.yaml, and by which address the identity provider knew each who signed, which is what verification has of them. An account
 * that the directory does not list any more, as after a change of the provider, stays the same person's as any other with its
 * address: what they decide last counts, whichever account they use.
 */
export function withWhoSigned(
  people: readonly Person[],
  signed: readonly Pick<RecordedSignOff, "signOff" | "idToken">[],
): readonly Person[] {
  const known = new Map<IdentityKey, Person>();
  const ordered = inRecordedOrder(signed.map(({ signOff, idToken }) => ({ ...signOff, idToken })));
  for (const { reviewer, reviewerName: name, idToken } of ordered) {
    const { email } = readToken(idToken).claims;
    if (typeof email !== "string" || email === "") continue;
    const addresses = [normalAddress(email)];
    // Of one account the address that it had last.
    known.set(identityKey(reviewer), { name, addresses, accounts: [], identities: [reviewer], outside: true });
  }
  return known.size === 0 ? people : [...people, ...known.values()];
}
