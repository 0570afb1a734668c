import { verifyJws } from "../../../adapters/node-crypto/signatures.ts";
import { verifyAssertionTwice } from "../../../adapters/webauthn/passkeys.ts";
import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import { checkReviewerClaims, readToken } from "../../../core/attestation/id-token.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import { type SignOffChoice, signOffStatement } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type RecordSignOffPorts, recordSignOff } from "../../../functions/api/record-sign-off/handler.ts";
import { choiceOf, claimsOf, clientId } from "../../core/attestation/given-sign-off.ts";
import { attestation, provider } from "../../core/attestation/signing-keys.ts";
import {
  attestationBase,
  everybody,
  id,
  issuer,
  now,
  policy,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPasskeys } from "../memory-passkeys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { MemoryTurnBooks } from "../memory-turn-books.ts";
import { apiRequest } from "./api-request.ts";

export const first = promotionInReview();

export interface Scene {
  readonly promotion?: Promotion;
  readonly signOffs?: readonly RecordedSignOff[];
  readonly members?: readonly Member[];
  readonly deeds?: readonly RecordedPasskeyDeed[];
  readonly ports?: Partial<RecordSignOffPorts>;
}

export function scene({
  promotion = first,
  signOffs = [],
  members = everybody,
  deeds = [],
  ports: over = {},
}: Scene = {}) {
  const promotions = new MemoryPromotions([promotion], signOffs);
  const passkeys = new MemoryPasskeys(deeds);
  const ports: RecordSignOffPorts = {
    now: () => now,
    attestationBase,
    policy,
    promotions,
    blobs: keptRequirements(),
    passkeys,
    delegations: new MemoryDelegations(),
    turns: new MemoryTurnBooks(),
    verifyAssertion: (assertion, expected) => verifyAssertionTwice(assertion, expected, verifyJws),
    directory: memoryDirectory(members),
    // As adapters/oidc does once the signature is verified.
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
    ...over,
  };
  return {
    ports,
    promotions,
    passkeys,
    post: (json: unknown, promotionId: string = id) =>
      recordSignOff(ports)(apiRequest({ json, parameters: { id: promotionId } })),
  };
}

export interface Asked extends Partial<SignOffChoice> {
  readonly promotion?: Promotion;
  readonly claims?: object;
  readonly at?: Instant;
}

/** A request as the portal sends it after the ceremony. */
export function request(who: Member, { promotion = first, claims = {}, at = now, ...choice }: Asked = {}) {
  const issuedAt = choice.issuedAt ?? addSeconds(at, -60);
  const statement = signOffStatement(
    signOffContextOf(promotion, attestationBase),
    choiceOf(who, { ...choice, issuedAt }),
  );
  return { statement, idToken: provider.token({ ...claimsOf(who, statement, at), ...claims }) };
}
/** The same rule, whose compliance officers need a passkey. */
export const strictPolicy = {
  ...policy,
  matrix: {
    ...policy.matrix,
    roles: {
      ...policy.matrix.roles,
      "compliance-officer": {
        title: "Compliance officer",
        groups: ["compliance-officers"],
        judges: [],
        secondFactor: "passkey",
      },
    },
  },
} as const satisfies ApprovalPolicy;
export const strict = promotionInReview({ requirements: { sha256: requirementsNow(strictPolicy, first).sha256 } });
