import { type ApprovalPolicy, requirementsNow } from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";

export interface DocumentPorts {
  readonly policy: ApprovalPolicy;
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

/** The requirements that the promotion is pinned to: those in force, or the ones that were kept with its gates. */
export async function pinnedRequirements(
  promotion: Promotion,
  { policy, blobs }: DocumentPorts,
): Promise<Requirements> {
  const now = requirementsNow(policy, promotion);
  if (now.sha256 === promotion.requirements.sha256 || promotion.gates === undefined) return now.document;
  return (await keptDocument(promotion.requirements.sha256, blobs)) as unknown as Requirements;
}

/** A JSON document that is kept with the ledger. */
export async function keptDocument(sha256: Sha256, blobs: DocumentPorts["blobs"]): Promise<Json> {
  return JSON.parse(fromUtf8(await blobs.get(sha256))) as Json;
}
