import { signEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { signOffContextOf } from "../../../core/attestation/sign-off-context.ts";
import {
  askedIn,
  challengeOf,
  type SignOffChoice,
  type SignOffContext,
  type SignOffStatement,
  signOffId,
  signOffStatement,
  statementBytes,
} from "../../../core/attestation/sign-off-statement.ts";
import type { Statement } from "../../../core/attestation/statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { attestationBase, issuer, now } from "../promotion/promotion-in-review.ts";
import type { Authenticator } from "./authenticator.ts";
import { attestation, provider } from "./signing-keys.ts";

export const clientId = "portal-client";

/** A choice of the reviewer; the salt differs with everything else that differs. */
export function choiceOf(member: Member, over: Partial<SignOffChoice> = {}): SignOffChoice {
  const issuedAt = over.issuedAt ?? addSeconds(now, -60);
  const roles = over.roles ?? ["compliance-officer"];
  const seed = `${member.name} ${over.result ?? "approve"} ${roles.join()} ${issuedAt} ${over.reason ?? ""}`;
  return {
    result: "approve",
    reason: "",
    roles,
    reviewer: member.identity,
    salt: base64url(sha256Bytes(utf8(seed)).slice(0, 16)),
    issuedAt,
    expiresAt: addSeconds(issuedAt, 900),
    ...over,
  };
}

/** The claims of an ID token over a statement, as the identity provider gives them. */
export function claimsOf(
  member: Member,
  statement: Statement<unknown, string>,
  at: Instant = now,
): Record<string, unknown> {
  const seconds = Math.floor(msOfInstant(at) / 1000);
  return {
    iss: issuer,
    aud: clientId,
    sub: member.identity.subject,
    name: member.name,
    ...(member.address === "" ? {} : { email: member.address }),
    "cognito:groups": member.groups,
    token_use: "id",
    iat: seconds - 10,
    auth_time: seconds - 15,
    exp: seconds + 900,
    nonce: challengeOf(statement),
  };
}

/** A recorded sign-off with real signatures. */
export async function givenSignOff(
  promotion: Promotion,
  member: Member,
  over: Partial<SignOffChoice> & {
    readonly recordedAt?: Instant;
    readonly context?: Partial<SignOffContext>;
    readonly device?: Authenticator;
  } = {},
): Promise<RecordedSignOff> {
  const { recordedAt = now, context, device, ...choice } = over;
  const statement = signOffStatement(
    { ...signOffContextOf(promotion, attestationBase), ...context },
    choiceOf(member, { issuedAt: addSeconds(recordedAt, -60), ...choice }),
  );
  return recordingOf(statement, member, recordedAt, device);
}

/** The recording of a statement by somebody. */
export async function recordingOf(
  statement: SignOffStatement,
  member: Member,
  recordedAt: Instant = now,
  device?: Authenticator,
): Promise<RecordedSignOff> {
  const { predicate } = statement;
  return {
    signOff: {
      id: signOffId(statement),
      promotion: predicate.promotion,
      review: predicate.review,
      stage: predicate.stage.index,
      result: predicate.result,
      reason: predicate.reason,
      roles: predicate.roles,
      reviewer: member.identity,
      reviewerName: member.name,
      groups: member.groups,
      recordedAt,
      ...askedIn(predicate),
      ...(device === undefined ? {} : { passkey: { id: device.id, counter: 0 } }),
    },
    envelope: await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
    idToken: provider.token(claimsOf(member, statement, recordedAt)),
    jwks: { keys: [provider.jwk] },
    ...(device === undefined ? {} : { passkey: device.assertion(challengeOf(statement)) }),
  };
}
