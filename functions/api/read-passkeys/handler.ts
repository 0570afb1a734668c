import type { ReviewerClaims } from "../../../core/attestation/id-token.ts";
import { passkeysOf, type RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { type Answer, type ApiRequest, bearerToken } from "../http.ts";
import { passkeyView } from "./view.ts";

export interface ReadPasskeysPorts {
  readonly now: () => Instant;
  /** The groups that give a role in the approval matrix: others of the directory see nothing. */
  readonly groups: readonly string[];
  readonly verifyPerson: (token: string, expected: { readonly now: Instant }) => Promise<ReviewerClaims>;
  readonly passkeys: { deeds(): Promise<readonly RecordedPasskeyDeed[]> };
}

/** GET /v1/passkeys: everybody's, newest first: a second person must find the one to confirm. Public keys are no secrets. */
export function readPasskeys(ports: ReadPasskeysPorts) {
  return async (http: ApiRequest): Promise<Answer> => {
    const person = await ports.verifyPerson(bearerToken(http), { now: ports.now() });
    if (!person.groups.some((group) => ports.groups.includes(group)))
      throw new Failure("forbidden", "You are signed in, but hold no role in any review here.");
    const passkeys = passkeysOf(await ports.passkeys.deeds())
      .map(passkeyView)
      .toSorted((a, b) => (a.enrolled.at < b.enrolled.at ? 1 : -1));
    return { status: 200, json: { passkeys } };
  };
}
