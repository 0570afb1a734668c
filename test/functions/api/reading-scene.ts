import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type ReadPromotionsPorts, readPromotions } from "../../../functions/api/read-promotions/handler.ts";
import type { PromotionView } from "../../../functions/api/read-promotions/view.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  attestationBase,
  cora,
  everybody,
  id,
  issuer,
  manifest,
  now,
  policy,
  promotionInReview,
  requirements,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryAbsences, MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

export const report = canonicalJsonBytes({ outcome: "passed", findings: [] });
export const summary = canonicalJsonBytes({ summaryVersion: 1 });
export const blobs = new MemoryBlobs([report, summary, canonicalJsonBytes(requirements.document)]);
export const gates = { outcome: "passed", report: sha256Hex(report), summary: sha256Hex(summary) } as const;
export const inReview = promotionInReview({ gates });
export const byCora = await givenSignOff(inReview, cora, { reason: "Fine." });

export function person(groups: readonly string[]) {
  return { identity: { issuer, subject: "sub-x" }, name: "X", groups, authenticatedAt: now };
}

export function scene(promotion: Promotion = inReview, over: Partial<ReadPromotionsPorts> = {}, signOffs = [byCora]) {
  const store = new MemoryPromotions([promotion], signOffs);
  const lists: unknown[] = [];
  const ports: ReadPromotionsPorts = {
    now: () => now,
    attestationBase,
    policy,
    groups: ["compliance-officers", "lead-data-scientists", "sre"],
    claimsMachine: (token) => token === "machine",
    verifyPerson: async () => person(sam.groups),
    verifyMachine: async () => manifest.requester,
    delegations: new MemoryDelegations(),
    absences: new MemoryAbsences(),
    loanBooks: new MemoryLoanBooks(),
    promotions: {
      load: store.load,
      signOffs: store.signOffs,
      loans: store.loans,
      facts: store.facts,
      outcomes: store.outcomes,
      countOutcomes: store.countOutcomes,
      list: async (filter, limit, from) => {
        lists.push({ filter, limit, from });
        return from === "cursor-2" ? { promotions: [] } : { promotions: [promotion], next: "cursor-2" };
      },
    },
    directory: memoryDirectory(everybody),
    blobs,
    ledger: { markers: async ([first = ""]) => new Map([[first, { id: first, index: 41, leafHash: gates.report }]]) },
    ...over,
  };
  const get = (route: string, more: Parameters<typeof apiRequest>[0] = {}) =>
    readPromotions(ports)(apiRequest({ route, parameters: { id }, ...more }));
  const view = async () => (await get("/v1/promotions/{id}")).json as PromotionView;
  return { store, lists, get, view };
}
export const asMachine = { headers: { authorization: "Bearer machine" } };
