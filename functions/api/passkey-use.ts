import type { PasskeyAssertion, PasskeyCredential } from "../../core/attestation/passkey-assertion.ts";
import type { PasskeyAnswer } from "../../core/attestation/read-sign-off-request.ts";
import {
  type Passkey,
  passkeysOf,
  type RecordedPasskeyDeed,
  timesOf,
  whyPasskeyDoesNotStand,
} from "../../core/attestation/recorded-passkey.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";
import { sameIdentity } from "../../core/promotion/identity.ts";
import type { PasskeyUse, SignOff } from "../../core/promotion/sign-off.ts";
import { isAsSigned } from "../ledger/stored-facts.ts";

export interface PasskeyUsePorts {
  readonly passkeys: {
    deeds(id: Sha256): Promise<readonly RecordedPasskeyDeed[]>;
    counterBefore(id: Sha256, signature: Sha256): Promise<number>;
    noteCounter(id: Sha256, signature: Sha256, counter: number): Promise<void>;
  };
  readonly verifyAssertion: (
    assertion: PasskeyAssertion,
    expected: { readonly credential: PasskeyCredential; readonly challenge: string },
  ) => Promise<{ readonly counter: number }>;
}

/** That a passkey of the signer's own, which stands, signed the same challenge. Throws `passkey-invalid`. */
export async function passkeyUse(
  { passkeys, verifyAssertion }: PasskeyUsePorts,
  answer: PasskeyAnswer,
  signed: Pick<SignOff, "id" | "reviewer" | "recordedAt">,
  challenge: string,
): Promise<PasskeyUse> {
  const [passkey] = passkeysOf(await passkeys.deeds(answer.id));
  if (passkey === undefined || !sameIdentity(passkey.description.owner, signed.reviewer))
    throw new Failure("passkey-invalid", "The passkey that answered is none of yours.");
  requireStoredAsSigned(passkey);
  const why = whyPasskeyDoesNotStand(timesOf(passkey), signed.recordedAt);
  if (why !== undefined) throw new Failure("passkey-invalid", `The passkey that answered ${why}.`);
  const { counter } = await verifyAssertion(assertionOf(answer), { credential: passkey.description, challenge });
  const before = await passkeys.counterBefore(answer.id, signed.id);
  // WebAuthn section 7.2: a counter that does not rise is a sign of a copy, not a proof; what follows is for people.
  const wentBack = (counter > 0 || before > 0) && counter <= before;
  return { id: answer.id, counter, ...(wentBack ? { counterWentBack: true } : {}) };
}

/** Nothing is signed by it, nor about it: a verdict over that would be FAILED, once everybody had signed. Throws `passkey-invalid`. */
export function requireStoredAsSigned({ enrolled, confirmed = enrolled }: Passkey): void {
  if ([enrolled, confirmed].every((deed) => isAsSigned({ kind: "passkey", deed }))) return;
  throw new Failure(
    "passkey-invalid",
    "The passkey is not stored as it was signed for: whoever runs Countersign has to look into that. Enrol another one meanwhile.",
  );
}

/** Remembers the counter of a passkey that keeps one, so that a copy of it shows. */
export async function noteUse(
  { passkeys }: Pick<PasskeyUsePorts, "passkeys">,
  use: PasskeyUse | undefined,
  signature: Sha256,
): Promise<void> {
  if (use !== undefined && use.counter > 0) await passkeys.noteCounter(use.id, signature, use.counter);
}

/** The passkey's answer as it is kept. */
export function assertionOf({ id: _, ...assertion }: PasskeyAnswer): PasskeyAssertion {
  return assertion;
}
