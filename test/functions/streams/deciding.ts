import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { DecidePorts } from "../../../functions/streams/decide/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  everybody,
  now,
  openStage,
  policy,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

export const first = promotionInReview();
export const compliance = await givenSignOff(first, cora);
export const settledFirst = {
  index: 0,
  seats: [{ role: "compliance-officer", person: cora.identity, signOff: compliance.signOff.id }],
};
export const second = promotionInReview({ stage: openStage(1), settled: [settledFirst] });
export const leadRole = { roles: ["lead-data-scientist"] };
export const byDana = await givenSignOff(second, dana, leadRole);
export const bySam = await givenSignOff(second, sam, { roles: ["sre"] });

/** A promotions table, a bell, and everything that decide may touch. */
export function scene(promotion: Promotion, signOffs: readonly RecordedSignOff[], over: Partial<DecidePorts> = {}) {
  const promotions = new MemoryPromotions([promotion], signOffs);
  const tokens = new Map([[promotion.id, "token-1"]]);
  const rung: { readonly token: string; readonly answer: object }[] = [];
  const ports: DecidePorts = {
    now: () => now,
    policy,
    promotions: {
      load: promotions.load,
      move: promotions.move,
      signOffs: promotions.signOffs,
      loans: promotions.loans,
    },
    blobs: keptRequirements(),
    loanBooks: new MemoryLoanBooks(),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(everybody),
    tokens: {
      find: async (promotionId) => tokens.get(promotionId),
      forget: async (promotionId, token) => {
        if (tokens.get(promotionId) === token) tokens.delete(promotionId);
      },
    },
    ring: async (token, answer) => {
      const again = rung.some((each) => each.token === token);
      rung.push({ token, answer });
      return again ? "gone" : "rung";
    },
    ...over,
  };
  return { promotions, tokens, rung, ports };
}
