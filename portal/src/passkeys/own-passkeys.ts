import type { PasskeyAnswer } from "../../../core/attestation/read-sign-off-request.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import { apiClient } from "../api/client.ts";
import type { PasskeyView } from "../api/contract.ts";
import type { Session } from "../session/session.ts";
import type { Signable } from "../signing/signable.ts";
import { answerOf, knowsPasskeys } from "./authenticator.ts";
import { ownPasskeys } from "./listed-passkeys.ts";

/** Whether a passkey counts: confirmed, not revoked, and made for this page. */
function stands({ confirmed, revoked, passkey }: PasskeyView): boolean {
  return confirmed !== undefined && revoked === undefined && passkey.origin === location.origin;
}

/** What became of asking the reader's passkeys to sign. */
export type PasskeySigned =
  | { readonly kind: "signed"; readonly answer: PasskeyAnswer }
  /** The reader has none that counts. */
  | { readonly kind: "none" }
  /** The reader has one, and it did not answer. */
  | { readonly kind: "unanswered" };

/** Has one of the reader's passkeys sign a statement, where there is one that counts. */
export async function signedByPasskey(session: Session, statement: Signable): Promise<PasskeySigned> {
  if (!knowsPasskeys()) return { kind: "none" };
  const reply = await ownPasskeys(apiClient(session.idToken));
  const own = reply.kind === "ok" ? reply.value.passkeys.filter(stands) : [];
  if (own.length === 0) return { kind: "none" };
  const assertion = await answerOf(
    challengeOf(statement),
    own.map(({ passkey }) => passkey.credentialId),
  );
  const used = own.find(({ passkey }) => passkey.credentialId === assertion?.credentialId);
  if (assertion === undefined || used === undefined) return { kind: "unanswered" };
  return { kind: "signed", answer: { id: used.id, ...assertion } };
}
