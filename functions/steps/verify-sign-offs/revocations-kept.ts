import { delegationFactId } from "../../../core/attestation/recorded-delegation.ts";
import { passkeyFactId } from "../../../core/attestation/recorded-passkey.ts";
import { Failure } from "../../../core/failure.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import type { InLedger } from "../../ledger/told-otherwise.ts";
import { type DelegationDeeds, deedsBehind } from "../../people/delegations.ts";
import type { PasskeyDeeds } from "../../people/standing-passkeys.ts";

export interface RevocationsPorts {
  readonly inLedger: InLedger;
  readonly delegations: DelegationDeeds;
  readonly passkeys: PasskeyDeeds;
}

type DeedsOf = () => Promise<readonly { readonly deed: string }[]>;

/**
 * Throws `conflict` where the ledger tells that a delegation or a passkey was revoked by which somebody signed, and the table does
 * not: whether that was before they signed nobody could say by the table.
 */
export async function requireRevocationsKept(
  signed: readonly Pick<SignOff, "onBehalfOf" | "passkey">[],
  { inLedger, delegations, passkeys }: RevocationsPorts,
): Promise<void> {
  const revocations = new Map<string, DeedsOf>();
  for (const { onBehalfOf } of signed) {
    const id = onBehalfOf?.delegation;
    if (id !== undefined) revocations.set(delegationFactId(id, "revoke"), () => delegations.deeds(id));
  }
  // Whoever delegates may have signed that with a passkey.
  for (const { passkey } of [...signed, ...(await deedsBehind(signed, delegations))]) {
    const id = passkey?.id;
    if (id !== undefined) revocations.set(passkeyFactId(id, "revoke"), () => passkeys.deeds(id));
  }
  if (revocations.size === 0) return;
  const told = await inLedger([...revocations.keys()]);
  for (const [fact, deedsOf] of revocations) {
    // After the ledger was asked: what is told there was in the table before.
    if (!told.has(fact) || (await deedsOf()).some(({ deed }) => deed === "revoke")) continue;
    throw new Failure(
      "conflict",
      `The ledger tells ${fact}, a revocation, and the table does not: the table was restored to an earlier time, or changed by hand. Nothing that was signed by it is approved: whoever runs Countersign has to look into that.`,
    );
  }
}
