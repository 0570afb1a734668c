import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice, verifyRegistration } from "../../../adapters/webauthn/passkeys.ts";
import type { Person } from "../../../core/approval/people.ts";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import {
  type PasskeyDeed,
  type PasskeyPredicate,
  passkeyStatement,
} from "../../../core/attestation/passkey-statement.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { recordPasskey } from "../../../functions/api/record-passkey/handler.ts";
import { type Authenticator, authenticator, portal } from "../../core/attestation/authenticator.ts";
import { passkeyPredicate } from "../../core/attestation/given-passkey.ts";
import { claimsOf, clientId } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  cora,
  everybody,
  issuer,
  matrix,
  member,
  now,
} from "../../core/promotion/promotion-in-review.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { apiRequest } from "./api-request.ts";

export const device = authenticator();
/** Cora under another account, with another role. */
export const alias = member("Cora2", "sre");
export const guest = member("Guest", "visitors");
export const routes = {
  enrol: "/v1/passkeys",
  confirm: "/v1/passkeys/{id}/confirmation",
  revoke: "/v1/passkeys/{id}/revocation",
} as const;

export interface PasskeyScene {
  readonly deeds?: readonly RecordedPasskeyDeed[];
  readonly people?: readonly Person[];
  readonly members?: readonly Member[];
  readonly now?: () => Instant;
  readonly ports?: Partial<Parameters<typeof recordPasskey>[0]>;
}
/** The function over passkeys in memory, with real keys and the library that the service uses. */
export function passkeyScene({
  deeds = [],
  people = [],
  members = [...everybody, alias, guest],
  now: clock = () => now,
  ports = {},
}: PasskeyScene = {}) {
  const passkeys = new MemoryPasskeys(deeds);
  const respond = recordPasskey({
    now: clock,
    attestationBase,
    portal,
    policy: { roles: matrix.roles, people, groups: ["compliance-officers", "lead-data-scientists", "sre"] },
    passkeys,
    directory: memoryDirectory(members),
    verifyReviewer: async (token, expected) => ({
      ...checkReviewerClaims(readToken(token).claims, {
        issuer,
        audiences: [clientId],
        subjectClaim: "sub",
        ...expected,
      }),
      jwks: { keys: [provider.jwk] },
    }),
    verifyRegistration,
    verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...ports,
  });
  const post = (route: string, json: unknown, id: string = device.id) =>
    respond({ ...apiRequest({ json, parameters: route === routes.enrol ? {} : { id } }), route });
  return { passkeys, respond, post };
}

export interface AskedPasskey {
  readonly by?: Member;
  readonly owner?: Member;
  readonly with?: Authenticator;
  readonly predicate?: Partial<PasskeyPredicate>;
  readonly claims?: object;
  readonly extra?: object;
}
/** A request as the page sends it after the ceremony. */
export function passkeyRequest(
  deed: PasskeyDeed,
  { owner = cora, by = owner, with: used = device, predicate = {}, claims = {}, extra = {} }: AskedPasskey = {},
) {
  const said = passkeyPredicate(deed, used, owner, { person: by.identity, ...predicate });
  const statement = passkeyStatement(attestationBase, said);
  const proof = { registration: used.registration(said.salt), assertion: used.assertion(challengeOf(statement)) };
  return {
    statement,
    idToken: provider.token({ ...claimsOf(by, statement), ...claims }),
    ...(deed === "enrol" ? proof : {}),
    ...extra,
  };
}
