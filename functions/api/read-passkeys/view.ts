import type { PasskeyDescription } from "../../../core/attestation/passkey-statement.ts";
import type { Passkey, RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";

/** Who did something about a passkey, and when. */
interface PasskeyDeedView {
  readonly name: string;
  readonly at: string;
}

/** A passkey as its owner and those who might confirm it see it. */
export interface PasskeyView {
  readonly id: Sha256;
  readonly passkey: PasskeyDescription;
  readonly enrolled: PasskeyDeedView;
  readonly confirmed?: PasskeyDeedView;
  readonly revoked?: PasskeyDeedView;
}

export function passkeyView({ id, description, enrolled, confirmed, revoked }: Passkey): PasskeyView {
  return {
    id,
    passkey: description,
    enrolled: deedView(enrolled),
    ...(confirmed === undefined ? {} : { confirmed: deedView(confirmed) }),
    ...(revoked === undefined ? {} : { revoked: deedView(revoked) }),
  };
}

function deedView({ personName, recordedAt }: RecordedPasskeyDeed): PasskeyDeedView {
  return { name: personName, at: recordedAt };
}
