import type { Delegation } from "../approval/delegation.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Fact, FactType } from "../promotion/fact.ts";
import type { Identity } from "../promotion/identity.ts";
import type { PasskeyUse } from "../promotion/sign-off.ts";
import type { DelegationDeed, DelegationDocument } from "./delegation-statement.ts";
import type { Envelope } from "./dsse.ts";
import type { Jwks } from "./id-token.ts";
import type { PasskeyAssertion } from "./passkey-assertion.ts";
import { attachmentOf, type Blob, ceremonyBlobs } from "./recorded-sign-off.ts";

/** A deed as it is stored: what was done, and everything that proves who did it. Each of the two is done once at most. */
export interface RecordedDelegationDeed {
  readonly id: Sha256;
  readonly deed: DelegationDeed;
  readonly delegation: DelegationDocument;
  /** Who did it. */
  readonly person: Identity;
  readonly personName: string;
  /** The groups that the identity provider named in the token. */
  readonly groups: readonly string[];
  readonly recordedAt: Instant;
  readonly envelope: Envelope;
  readonly idToken: string;
  readonly jwks: Jwks;
  /** Where a passkey of theirs signed it as well: which, and its answer. */
  readonly passkey?: PasskeyUse;
  readonly assertion?: PasskeyAssertion;
}

/** The delegations that deeds in any order come to; a revocation of what was never delegated is of nothing. */
export function delegationsOf(deeds: readonly RecordedDelegationDeed[]): readonly Delegation[] {
  const revoked = new Map(deeds.filter(({ deed }) => deed === "revoke").map((deed) => [deed.id, deed.recordedAt]));
  return deeds
    .filter(({ deed }) => deed === "delegate")
    .map(({ id, delegation: { reason: _, salt: __, ...terms }, personName, groups, passkey, recordedAt }) => {
      const revokedAt = revoked.get(id);
      return {
        ...terms,
        id,
        delegatorName: personName,
        delegatorGroups: groups,
        ...(passkey === undefined ? {} : { passkey }),
        recordedAt,
        ...(revokedAt === undefined ? {} : { revokedAt }),
      };
    });
}

/** The name of the document that a deed's envelope is kept in. */
export const delegationEnvelopeName = "delegation.dsse.json";

/** The documents that a deed rests on. */
export function delegationBlobs(recorded: RecordedDelegationDeed): readonly Blob[] {
  return ceremonyBlobs(delegationEnvelopeName, recorded, recorded.assertion);
}

const facts = { delegate: "delegated", revoke: "delegation-revoked" } as const satisfies Readonly<
  Record<DelegationDeed, FactType>
>;

/** The deed that a type of fact is about; `undefined` for every other type. */
export function delegationDeedOf(type: FactType): DelegationDeed | undefined {
  return (["delegate", "revoke"] as const).find((deed) => facts[deed] === type);
}

/** The id of the fact that a deed was done. */
export function delegationFactId(id: Sha256, deed: DelegationDeed): string {
  return `delegation/${id}/${deed}`;
}

/** The fact that a deed was done. It belongs to no promotion. */
export function delegationFact(recorded: RecordedDelegationDeed): Fact {
  const { id, deed, delegation, person, personName } = recorded;
  const did =
    deed === "delegate"
      ? `delegated the role ${delegation.role} from ${delegation.from} until ${delegation.until}`
      : `revoked a delegation of the role ${delegation.role}`;
  return {
    id: delegationFactId(id, deed),
    type: facts[deed],
    at: recorded.recordedAt,
    summary: `${personName} ${did}${recorded.passkey === undefined ? "" : ", with a passkey"} (${id.slice(0, 16)}).`,
    body: {
      delegation: id,
      delegator: { issuer: delegation.delegator.issuer, subject: delegation.delegator.subject },
      delegate: { issuer: delegation.delegate.issuer, subject: delegation.delegate.subject },
      person: { issuer: person.issuer, subject: person.subject },
      groups: recorded.groups,
      ...(recorded.passkey === undefined ? {} : { passkey: { ...recorded.passkey } }),
    },
    attachments: delegationBlobs(recorded).map(attachmentOf),
  };
}
