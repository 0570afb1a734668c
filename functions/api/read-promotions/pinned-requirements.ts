import type { Explanation } from "../../../core/approval/explanation.ts";
import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import { type ApprovalPolicy, requirementsInForce } from "../../../core/approval/promotion-approval.ts";
import type { Requirements } from "../../../core/approval/requirements.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";

export interface DocumentPorts {
  readonly policy: ApprovalPolicy;
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
}

/**
 * The requirements that the promotion is pinned to: those in force, or the ones that were kept with its gates. Before
 * it was judged for the first time it stands under those in force; where they say nothing of it, `without` says why.
 */
export async function requirementsFor(
  promotion: Promotion,
  { policy, blobs }: DocumentPorts,
): Promise<{ readonly requirements: Requirements; readonly without?: Explanation }> {
  const inForce = requirementsInForce(policy, promotion);
  const pinned = promotion.requirements.sha256;
  if (inForce.kind === "asked" && (inForce.requirements.sha256 === pinned || promotion.gates === undefined))
    return { requirements: inForce.requirements.document };
  try {
    return { requirements: (await keptDocument(pinned, blobs)) as unknown as Requirements };
  } catch (error) {
    // They are kept once the gates were judged by them.
    if (!(error instanceof Failure) || error.code !== "ledger-invalid" || inForce.kind === "asked") throw error;
    return withoutRule(promotion, policy, inForce.why);
  }
}

function withoutRule({ manifest: { model, target } }: Promotion, policy: ApprovalPolicy, { message: why }: Failure) {
  const rule: ApprovalRule = {
    modelType: model.type,
    target: target.name,
    expiresAfterSeconds: 0,
    excludes: [],
    stages: [],
  };
  const gates = policy.gatePolicy(model.type, target.name);
  return {
    requirements: { requirementsVersion: 1 as const, rule, roles: {}, gates },
    without: { name: `${model.type} in ${target.name}`, status: "unreachable" as const, why, children: [] },
  };
}

/** A JSON document that is kept with the ledger. */
export async function keptDocument(sha256: Sha256, blobs: DocumentPorts["blobs"]): Promise<Json> {
  return JSON.parse(fromUtf8(await blobs.get(sha256))) as Json;
}
