import { asGivenHere } from "../../../core/approval/carry-over.ts";
import { authorsOf, peopleSnapshot } from "../../../core/approval/people-snapshot.ts";
import type { ApprovalPolicy } from "../../../core/approval/promotion-approval.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { type Sha256, sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";

export interface KeptPeoplePorts {
  readonly policy: Pick<ApprovalPolicy, "people">;
  /** The whole of the policies, as they are archived: people.yaml and all. */
  readonly policyDocument: Uint8Array;
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
  { policy, policyDocument, blobs }: KeptPeoplePorts,
): Promise<{ readonly people: Sha256; readonly policy: Sha256 }> {
  const snapshot = peopleSnapshot({
    signers: [...signed, ...asGivenHere(promotion.carried ?? [])].flatMap(({ reviewer, onBehalfOf }) =>
      onBehalfOf === undefined ? [reviewer] : [reviewer, onBehalfOf.person],
    ),
    authors: authorsOf(promotion.manifest, promotion.startedBy),
    members,
    people: policy.people,
  });
  const digest = sha256Hex(policyDocument);
  // Mostly the gates have brought them: they are large.
  const isThere = promotion.history.some(({ attachments }) => attachments.some(({ sha256 }) => sha256 === digest));
  const [kept] = await Promise.all([
    blobs.put(canonicalJsonBytes(snapshot), "application/json"),
    ...(isThere ? [] : [blobs.put(policyDocument, "application/json")]),
  ]);
  return { people: kept, policy: digest };
}
