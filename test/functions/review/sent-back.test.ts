import { describe, expect, it } from "vitest";
import type { ApprovalRule, Matrix } from "../../../core/approval/matrix.ts";
import {
  type ApprovalPolicy,
  requirementsInForce,
  requirementsNow,
} from "../../../core/approval/promotion-approval.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type SentBackPorts, sentBack } from "../../../functions/review/sent-back.ts";
import { openStage as openStageStep } from "../../../functions/steps/open-stage/handler.ts";
import { decide } from "../../../functions/streams/decide/handler.ts";
import { givenSignOff } from "../../core/attestation/given-sign-off.ts";
import {
  cora,
  dana,
  everybody,
  id,
  manifest,
  matrix,
  now,
  openStage,
  policiesWithoutRule,
  policy,
  promotionAtTheGates,
  promotionInReview,
  sam,
  stricterPolicy,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { keptRequirements } from "../kept-requirements.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryDelegations } from "../memory-delegations.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryLoanBooks } from "../memory-loan-books.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { mock } from "../mock.ts";

const inReview = promotionInReview();
const approved = promotionInReview({ status: "approved", stage: openStage(1, { open: false }) });
const no = { result: "reject", reason: "It leaks.", roles: ["sre"] } as const;

/** Policies with a rule that takes two rejections to stop: lazier than those that the promotion is pinned to. */
const lazier: ApprovalPolicy = { ...policy, matrix: takingTwo(matrix) };

function takingTwo(from: Matrix): Matrix {
  const rules = from.rules.map((rule: ApprovalRule) => ({
    ...rule,
    stages: rule.stages.map((stage) => ({ ...stage, rejectionsToStop: 2 })),
  }));
  return { ...from, rules };
}

function portsWith(signOffs: readonly RecordedSignOff[], over: Partial<SentBackPorts> = {}): SentBackPorts {
  return {
    policy,
    promotions: { signOffs: async () => signOffs, loans: async () => [] },
    blobs: keptRequirements(),
    delegations: new MemoryDelegations(),
    directory: memoryDirectory(everybody),
    ...over,
  };
}

const back = (ports: SentBackPorts, promotion: Promotion, inForce: ApprovalPolicy = lazier) =>
  sentBack(ports, promotion, requirementsInForce(inForce, promotion), () => now);

describe("a promotion whose requirements changed", () => {
  it.each<[string, Promotion, ApprovalPolicy]>([
    ["in review", inReview, stricterPolicy],
    ["in review, by rules that would let it pass", inReview, lazier],
    ["approved", approved, lazier],
    ...policiesWithoutRule.map(([name, inForce]) => [name, inReview, inForce] as [string, Promotion, ApprovalPolicy]),
  ])(
    "is rejected, where somebody had stopped it and nobody had decided about that yet: %s",
    async (_, promotion, inForce) => {
      const rejected = await back(portsWith([await givenSignOff(promotion, sam, no)]), promotion, inForce);
      expect(rejected).toMatchObject({ status: "rejected", reason: "It leaks.", requirements: promotion.requirements });
      expect(rejected.history.at(-1)).toMatchObject({ type: "rejected", body: { by: [sam.identity] } });
    },
  );

  it("goes back to its gates where nobody rejects it, without a look at what it was asked for", async () => {
    const ports = portsWith([await givenSignOff(inReview, cora)], {
      blobs: mock("blobs"),
      directory: mock("directory"),
    });
    expect(await back(ports, inReview)).toMatchObject({ status: "gating", review: 2 });
  });

  it("goes back to its gates where too few reject it, and where they had taken it back", async () => {
    const pinned = requirementsNow(lazier, { manifest });
    const promotion = promotionInReview({ requirements: { sha256: pinned.sha256 } });
    const ports = portsWith([await givenSignOff(promotion, sam, no)], {
      blobs: new MemoryBlobs([canonicalJsonBytes(pinned.document)]),
    });
    expect(await back(ports, promotion, policy)).toMatchObject({ status: "gating", review: 2 });
    const both = [await givenSignOff(promotion, sam, no), await givenSignOff(promotion, dana, no)];
    const stopped = await back(
      { ...ports, promotions: { ...ports.promotions, signOffs: async () => both } },
      promotion,
      policy,
    );
    expect(stopped.status).toBe("rejected");
  });

  it("begins another review where nobody was asked in this one: what stands goes on with it", async () => {
    const again = await back(portsWith([await givenSignOff(inReview, sam, no)]), promotionAtTheGates());
    expect(again).toMatchObject({ status: "gating", review: 2 });
  });

  it("waits for a rejection that is recorded and cannot be read yet", async () => {
    expect((await refused(back(portsWith([]), { ...inReview, objections: 1 }))).code).toBe("unavailable");
  });
});

describe("whoever finds that the requirements changed", () => {
  it.each<[string, (promotions: MemoryPromotions) => Promise<void>]>([
    [
      "counting the sign-offs",
      (promotions) =>
        decide({
          ...portsWith([]),
          now: () => now,
          policy: lazier,
          promotions,
          loanBooks: new MemoryLoanBooks(),
          tokens: { find: async () => undefined, forget: async () => {} },
          ring: async () => "rung",
        })(id),
    ],
    [
      "opening the next stage",
      (promotions) =>
        openStageStep({
          ...portsWith([]),
          now: () => now,
          policy: lazier,
          promotions,
          tokens: { keep: async () => {} },
        })({
          promotionId: id,
          taskToken: "token-1",
        }),
    ],
  ])("does not put off what had stopped it: %s", async (_, run) => {
    const between = promotionInReview({ stage: openStage(0, { open: false }) });
    const promotions = new MemoryPromotions([between], [await givenSignOff(inReview, sam, no)]);
    await run(promotions);
    expect(promotions.stored(id).status).toBe("rejected");
  });
});
