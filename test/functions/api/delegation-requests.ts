import { expect } from "vitest";
import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice } from "../../../adapters/webauthn/passkeys.ts";
import type { Role } from "../../../core/approval/matrix.ts";
import {
  type DelegationDeed,
  type DelegationDocument,
  type DelegationPredicate,
  delegationIdOf,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { challengeOf } from "../../../core/attestation/sign-off-statement.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { planAbsence } from "../../../functions/api/plan-absence/handler.ts";
import { type RecordDelegationPorts, recordDelegation } from "../../../functions/api/record-delegation/handler.ts";
import type { Authenticator } from "../../core/attestation/authenticator.ts";
import { delegationDocument, delegationPredicate } from "../../core/attestation/given-delegation.ts";
import { claimsOf, clientId } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  everybody,
  issuer,
  matrix,
  member,
  now,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";

/** Holds no role: stands in for others. */
export const emil = member("Emil", "visitors");
export const given = delegationDocument(sam, emil, "sre");
export const routes = {
  delegate: "/v1/delegations",
  revoke: "/v1/delegations/{id}/revocation",
  absence: "/v1/absence",
} as const;
const groups = ["compliance-officers", "lead-data-scientists", "sre"];

export interface DelegationScene {
  /** What the role `sre` asks of whoever signs in it. */
  readonly sre?: Partial<Role>;
  readonly deeds?: readonly RecordedDelegationDeed[];
  readonly members?: readonly Member[];
  readonly passkeys?: readonly RecordedPasskeyDeed[];
  readonly ports?: Partial<RecordDelegationPorts>;
}

/** The functions over delegations in memory, with real keys. */
export function delegationScene({
  deeds = [],
  members = [...everybody, emil],
  sre = {},
  passkeys = [],
  ports = {},
}: DelegationScene = {}) {
  const roles = { ...matrix.roles, sre: { ...(matrix.roles["sre"] ?? expect.unreachable()), ...sre } };
  const delegations = new MemoryDelegations(...deeds);
  const absences = new MemoryAbsences();
  const directory = memoryDirectory(members);
  const respond = recordDelegation({
    now: () => now,
    attestationBase,
    policy: { matrix: { ...matrix, roles }, people: [], groups },
    delegations,
    turns: new MemoryTurnBooks(),
    passkeys: new MemoryPasskeys(passkeys),
    verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
    directory,
    verifyReviewer: async (token, expected) => ({
      ...checkReviewerClaims(readToken(token).claims, {
        issuer,
        audiences: [clientId],
        subjectClaim: "sub",
        ...expected,
      }),
      jwks: { keys: [provider.jwk] },
    }),
    sign: attestation.sign,
    verifyingKey: async () => attestation.key,
    ...ports,
  });
  const as = (who: Member) =>
    planAbsence({
      now: () => now,
      attestationBase,
      policy: { matrix: { ...matrix, roles }, groups },
      verifyPerson: async () => ({ ...who, authenticatedAt: now }),
      directory,
      delegations,
      absences,
    });
  const post = (route: string, json: unknown, id: string = delegationIdOf(given)) =>
    respond({ ...apiRequest({ json, parameters: route === routes.delegate ? {} : { id } }), route });
  return { delegations, absences, respond, as, post };
}

/** A request as the page sends it after the ceremony. */
export function delegationRequest(
  deed: DelegationDeed,
  {
    by = sam,
    document = given,
    predicate = {},
    claims = {},
    device,
  }: {
    readonly by?: Member;
    readonly document?: DelegationDocument;
    readonly predicate?: Partial<DelegationPredicate>;
    readonly claims?: object;
    /** Signs as well. */
    readonly device?: Authenticator;
  } = {},
) {
  const statement = delegationStatement(
    attestationBase,
    delegationPredicate(deed, document, { person: by.identity, ...predicate }),
  );
  return {
    statement,
    idToken: provider.token({ ...claimsOf(by, statement), ...claims }),
    ...(device === undefined ? {} : { passkey: { id: device.id, ...device.assertion(challengeOf(statement)) } }),
  };
}
