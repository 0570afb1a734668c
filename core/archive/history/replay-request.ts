import { policyModelType } from "../../approval/matrix.ts";
import type { Requirements } from "../../approval/requirements.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import type { FreezeManifest } from "../../promotion/freeze-manifest.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { misplaced } from "./misplaced.ts";

/** The documents that the life cycle depends on. */
export interface ReplayDocuments {
  /** Absent where the candidate was never frozen. */
  readonly manifest: FreezeManifest | undefined;
  readonly requirements: ReadonlyMap<Sha256, Requirements>;
}

/** The promotion as its request makes it: the first of its records. Throws where it is no request for this promotion. */
export function begun(id: PromotionId, record: LedgerRecord, { manifest }: ReplayDocuments): Promotion {
  if (record.type !== "request") throw misplaced(record, "the first record of a promotion is its request");
  const body = bodyOf("request", record);
  const attempt = Number(id.slice(id.lastIndexOf("-") + 1));
  if (promotionId(body.freezeDigest, attempt) !== id) throw misplaced(record, "its id is not that of what was frozen");
  if (body.model.type === policyModelType && body.release !== "update")
    throw misplaced(record, "a change of the policies takes the place of others, and is an update");
  const { startedBy } = body;
  return {
    id,
    revision: 1,
    status: "gating",
    attempt,
    freezeDigest: body.freezeDigest,
    manifest: manifest ?? requested(body),
    sources: {},
    submittedAt: record.at,
    expiresAt: body.expiresAt,
    ...(startedBy === undefined ? {} : { startedBy }),
    requirements: { sha256: body.requirements },
    facts: { release: body.release },
    review: 1,
    settled: [],
    invalidated: [],
    history: [record],
  };
}

/** What the request alone says of a candidate that was never frozen. */
function requested(body: ReturnType<typeof bodyOf<"request">>): FreezeManifest {
  return {
    manifestVersion: 1,
    model: body.model,
    target:
      body.model.type === policyModelType
        ? { name: body.target, kind: "policy", endpoint: "" }
        : { name: body.target, kind: "sagemaker-endpoint", endpoint: "", instanceType: "", instanceCount: 0 },
    artifacts: [],
    evidence: [],
    requester: body.requester,
    lineage: { trainedBy: [], codeAuthors: [], dataOwners: [], infrastructureAuthors: [] },
  };
}
