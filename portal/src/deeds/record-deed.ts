import type { DelegationDeed } from "../../../core/attestation/delegation-statement.ts";
import type { PasskeyDeed } from "../../../core/attestation/passkey-statement.ts";
import { type PendingDelegation, pathOfDelegation } from "../absence/pending-delegation.ts";
import { apiClient, type Problem } from "../api/client.ts";
import { type PendingPasskey, pathOfPasskey } from "../passkeys/pending-passkey.ts";

/** What somebody wants to do about a passkey or a delegation, waiting for the sign-in that signs it. */
export type PendingDeed =
  | ({ readonly about: "passkey" } & PendingPasskey)
  | ({ readonly about: "delegation" } & PendingDelegation);

/** What became of it. `problem`: absent where it is recorded. */
export type DeedOutcome =
  | { readonly about: "passkey"; readonly deed: PasskeyDeed; readonly problem?: Problem }
  | { readonly about: "delegation"; readonly deed: DelegationDeed; readonly problem?: Problem };

/** Hands in the statement with the ID token that signs it, as for a decision. */
export async function recordDeed(pending: PendingDeed, idToken: string): Promise<DeedOutcome> {
  const { about, ...body } = pending;
  const path = pending.about === "passkey" ? pathOfPasskey(pending) : pathOfDelegation(pending);
  const reply = await apiClient(idToken).post(path, { ...body, idToken });
  const { deed } = pending.statement.predicate;
  return { about, deed, ...(reply.kind === "ok" ? {} : { problem: reply.problem }) } as DeedOutcome;
}
