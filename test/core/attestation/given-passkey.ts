import { signEnvelope } from "../../../core/attestation/dsse.ts";
import {
  type PasskeyDeed,
  type PasskeyPredicate,
  passkeyStatement,
} from "../../../core/attestation/passkey-statement.ts";
import type { RecordedPasskeyDeed } from "../../../core/attestation/recorded-passkey.ts";
import { challengeOf, statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { base64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { attestationBase, now } from "../promotion/promotion-in-review.ts";
import type { Authenticator } from "./authenticator.ts";
import { claimsOf } from "./given-sign-off.ts";
import { attestation, provider } from "./signing-keys.ts";

/** A statement about a passkey, as the page composes it. */
export function passkeyPredicate(
  deed: PasskeyDeed,
  { credentialId, publicKey, rpId, origin }: Authenticator,
  owner: Member,
  over: Partial<PasskeyPredicate> = {},
): PasskeyPredicate {
  const issuedAt = over.issuedAt ?? addSeconds(now, -60);
  return {
    deed,
    passkey: { owner: owner.identity, name: "Laptop", credentialId, publicKey, rpId, origin },
    person: owner.identity,
    reason: "",
    salt: base64url(sha256Bytes(utf8(`${deed} ${credentialId} ${issuedAt}`)).slice(0, 16)),
    issuedAt,
    expiresAt: addSeconds(issuedAt, 900),
    ...over,
  };
}

/** A recorded deed with real signatures. */
export async function passkeyDeed(
  deed: PasskeyDeed,
  device: Authenticator,
  owner: Member,
  by: Member = owner,
  recordedAt: Instant = addSeconds(now, -3600),
): Promise<RecordedPasskeyDeed> {
  const predicate = passkeyPredicate(deed, device, owner, {
    person: by.identity,
    issuedAt: addSeconds(recordedAt, -60),
  });
  const statement = passkeyStatement(attestationBase, predicate);
  return {
    id: device.id,
    deed,
    passkey: predicate.passkey,
    person: by.identity,
    personName: by.name,
    groups: by.groups,
    recordedAt,
    envelope: await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
    idToken: provider.token(claimsOf(by, statement, recordedAt)),
    jwks: { keys: [provider.jwk] },
    ...(deed === "enrol" ? { assertion: device.assertion(challengeOf(statement)) } : {}),
  };
}

/** A passkey that its owner enrolled and somebody else confirmed, an hour ago. */
export async function confirmedPasskey(
  device: Authenticator,
  owner: Member,
  second: Member,
): Promise<readonly RecordedPasskeyDeed[]> {
  return [await passkeyDeed("enrol", device, owner), await passkeyDeed("confirm", device, owner, second)];
}
