import type { PasskeyAssertion } from "../../../core/attestation/passkey-assertion.ts";
import { passkeyIdOf } from "../../../core/attestation/passkey-key.ts";
import type { PasskeyStatement } from "../../../core/attestation/passkey-statement.ts";
import type { PasskeyRegistration } from "../../../core/attestation/read-passkey-request.ts";
import { passkeysPath } from "./listed-passkeys.ts";

/** What somebody wants to do about a passkey. */
export interface PendingPasskey {
  readonly statement: PasskeyStatement;
  /** Of an enrolment. */
  readonly registration?: PasskeyRegistration;
  readonly assertion?: PasskeyAssertion;
}

/** Where it is handed in. */
export function pathOfPasskey({ statement }: Pick<PendingPasskey, "statement">): string {
  const { deed, passkey } = statement.predicate;
  const id = passkeyIdOf(passkey.publicKey);
  switch (deed) {
    case "enrol":
      return passkeysPath;
    case "confirm":
      return `${passkeysPath}/${id}/confirmation`;
    case "revoke":
      return `${passkeysPath}/${id}/revocation`;
    default:
      return deed satisfies never;
  }
}
