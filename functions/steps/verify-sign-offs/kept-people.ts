import { asGivenHere } from "../../../core/approval/carry-over.ts";
import { authorsOf, peopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import type { ApprovalPolicy } from "../../../core/approval/promotion-approval.ts";
import type { Blob } from "../../../core/attestation/recorded-sign-off.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Attachment } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";

export interface KeptPeoplePorts {
  readonly policy: Pick<ApprovalPolicy, "people">;
  /** The whole of the policies, as they are archived: `policies.json` first, people.yaml and all. */
  readonly policyDocuments: readonly Blob[];
  /** 16 random bytes, in hex; others each time. */
  readonly salt: () => string;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
}

/**
 * Keeps what a verdict is judged by again: what the directory and people.yaml tell of those who signed and made the
 * candidate, and the policies, whose people.yaml shows that nobody was left out of it.
 */
export async function keptPeople(
  promotion: Promotion,
  signed: readonly Pick<SignOff, "reviewer" | "onBehalfOf">[],
  members: readonly Member[],
  { policy, policyDocuments, salt, blobs }: KeptPeoplePorts,
): Promise<{ readonly people: Sha256; readonly policy: readonly Attachment[] }> {
  const snapshot = peopleSnapshot({
    signers: [...signed, ...asGivenHere(promotion.carried ?? [])].flatMap(({ reviewer, onBehalfOf }) =>
      onBehalfOf === undefined ? [reviewer] : [reviewer, onBehalfOf.person],
    ),
    authors: authorsOf(promotion.manifest, promotion.startedBy),
    members,
    people: policy.people,
    salt: salt(),
  });
  // Mostly the gates have brought them: they are large.
  const there = new Set(promotion.history.flatMap(({ attachments }) => attachments.map(({ sha256 }) => sha256)));
  const documents = policyDocuments.map((each) => ({ ...each, sha256: sha256Hex(each.bytes) }));
  const [kept] = await Promise.all([
    blobs.put(canonicalJsonBytes(snapshot), "application/json"),
    ...documents.filter(({ sha256 }) => !there.has(sha256)).map((each) => blobs.put(each.bytes, each.mediaType)),
  ]);
  return { people: kept, policy: documents.map(({ name, mediaType, sha256 }) => ({ name, mediaType, sha256 })) };
}
