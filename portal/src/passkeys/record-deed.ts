import type { PasskeyAssertion } from "../../../core/attestation/passkey-assertion.ts";
import { passkeyIdOf } from "../../../core/attestation/passkey-key.ts";
import type { PasskeyDeed, PasskeyStatement } from "../../../core/attestation/passkey-statement.ts";
import type { PasskeyRegistration } from "../../../core/attestation/read-passkey-request.ts";
import { apiClient, type Problem } from "../api/client.ts";
import { passkeysPath } from "./own-passkeys.ts";

/** What somebody wants to do about a passkey, waiting for the sign-in that signs it. */
export interface PendingDeed {
  readonly statement: PasskeyStatement;
  /** Of an enrolment. */
  readonly registration?: PasskeyRegistration;
  readonly assertion?: PasskeyAssertion;
}

/** What became of it. */
export interface DeedOutcome {
  readonly deed: PasskeyDeed;
  /** Absent where it is recorded. */
  readonly problem?: Problem;
}

/** Hands in the statement with the ID token that signs it, as for a decision. */
export async function recordDeed(pending: PendingDeed, idToken: string): Promise<DeedOutcome> {
  const { deed, passkey } = pending.statement.predicate;
  const reply = await apiClient(idToken).post(pathOf(deed, passkeyIdOf(passkey.publicKey)), { ...pending, idToken });
  return reply.kind === "ok" ? { deed } : { deed, problem: reply.problem };
}

function pathOf(deed: PasskeyDeed, id: string): string {
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
