import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact, FactType } from "../promotion/fact.ts";
import type { Identity } from "../promotion/identity.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import type { Envelope } from "./dsse.ts";
import type { Jwks } from "./id-token.ts";
import type { PasskeyAssertion } from "./passkey-assertion.ts";
import type { PasskeyDeed, PasskeyDescription } from "./passkey-statement.ts";
import { attachmentOf, type Blob, ceremonyBlobs } from "./recorded-sign-off.ts";

/** A deed as it is stored: what was done, and everything that proves who did it. Each of the three is done once at most. */
export interface RecordedPasskeyDeed {
  /** RFC 7638 thumbprint of the public key, in hex. */
  readonly id: Sha256;
  readonly deed: PasskeyDeed;
  readonly passkey: PasskeyDescription;
  /** Who did it. */
  readonly person: Identity;
  readonly personName: string;
  /** The groups that the identity provider named in the token. */
  readonly groups: readonly string[];
  readonly recordedAt: Instant;
  readonly envelope: Envelope;
  readonly idToken: string;
  readonly jwks: Jwks;
  /** Of an enrolment: the new passkey's own signature over it. */
  readonly assertion?: PasskeyAssertion;
}

/** Where a passkey stands, and who did what about it. */
export interface Passkey {
  readonly id: Sha256;
  readonly description: PasskeyDescription;
  readonly enrolled: RecordedPasskeyDeed;
  readonly confirmed?: RecordedPasskeyDeed;
  readonly revoked?: RecordedPasskeyDeed;
}

/** The passkeys that deeds in any order come to; a confirmation or revocation without its enrolment is of nothing. */
export function passkeysOf(deeds: readonly RecordedPasskeyDeed[]): readonly Passkey[] {
  return deeds
    .filter(({ deed }) => deed === "enrol")
    .map((enrolled) => {
      const find = (wanted: PasskeyDeed) => deeds.find(({ id, deed }) => id === enrolled.id && deed === wanted);
      const [confirmed, revoked] = [find("confirm"), find("revoke")];
      return {
        id: enrolled.id,
        description: enrolled.passkey,
        enrolled,
        ...(confirmed === undefined ? {} : { confirmed }),
        ...(revoked === undefined ? {} : { revoked }),
      };
    });
}

/** Why a passkey does not count at an instant, in words that follow `The passkey`; `undefined` where it does. */
export function whyPasskeyDoesNotStand(
  { confirmedAt, revokedAt }: { readonly confirmedAt?: Instant; readonly revokedAt?: Instant },
  at: Instant,
): string | undefined {
  if (revokedAt !== undefined && revokedAt <= at) return "was revoked";
  if (confirmedAt === undefined || confirmedAt > at) return "was not confirmed by a second person";
  return undefined;
}

/** When a passkey was confirmed and revoked. */
export function timesOf({ confirmed, revoked }: Passkey): { confirmedAt?: Instant; revokedAt?: Instant } {
  return {
    ...(confirmed === undefined ? {} : { confirmedAt: confirmed.recordedAt }),
    ...(revoked === undefined ? {} : { revokedAt: revoked.recordedAt }),
  };
}

/**
 * Sign-offs as they count at an instant: one whose passkey does not stand any more counts as given without it.
 *
 * @param passkeys when each was confirmed and revoked, by its id; one that is not there does not stand
 */
export function withStandingPasskeys<Signed extends Pick<SignOff, "passkey">>(
  signOffs: readonly Signed[],
  passkeys: ReadonlyMap<Sha256, { readonly confirmedAt?: Instant; readonly revokedAt?: Instant }>,
  at: Instant,
): readonly (Signed | Omit<Signed, "passkey">)[] {
  return signOffs.map((signOff) => {
    const { passkey: use, ...without } = signOff;
    if (use === undefined || whyPasskeyDoesNotStand(passkeys.get(use.id) ?? {}, at) === undefined) return signOff;
    return without;
  });
}

/** The name of the document that a deed's envelope is kept in. */
export const passkeyEnvelopeName = "passkey.dsse.json";

/** The documents that a deed rests on. */
export function passkeyBlobs(recorded: RecordedPasskeyDeed): readonly Blob[] {
  return ceremonyBlobs(passkeyEnvelopeName, recorded, recorded.assertion);
}

const facts: Readonly<Record<PasskeyDeed, { readonly type: FactType; readonly did: string }>> = {
  enrol: { type: "passkey-enrolled", did: "enrolled a passkey of their own" },
  confirm: { type: "passkey-confirmed", did: "confirmed another person's passkey" },
  revoke: { type: "passkey-revoked", did: "revoked a passkey" },
};

/** The deed that a type of fact is about; `undefined` for every other type. */
export function deedOfFact(type: FactType): PasskeyDeed | undefined {
  return (["enrol", "confirm", "revoke"] as const).find((deed) => facts[deed].type === type);
}

/** The id of the fact that a deed was done. */
export function passkeyFactId(id: Sha256, deed: PasskeyDeed): string {
  return `passkey/${id}/${deed}`;
}

/** The fact that a deed was done. It belongs to no promotion. */
export function passkeyFact(recorded: RecordedPasskeyDeed): Fact {
  const { id, deed, passkey, person } = recorded;
  return {
    id: passkeyFactId(id, deed),
    type: facts[deed].type,
    at: recorded.recordedAt,
    summary: `${recorded.personName} ${facts[deed].did} (${id.slice(0, 16)}).`,
    body: {
      passkey: id,
      owner: { issuer: passkey.owner.issuer, subject: passkey.owner.subject },
      person: { issuer: person.issuer, subject: person.subject },
      groups: recorded.groups,
    },
    attachments: passkeyBlobs(recorded).map(attachmentOf),
  };
}
