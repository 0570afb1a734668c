import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { type PromotionId, promotionId } from "../../../core/promotion/promotion-id.ts";
import { openReapproval } from "../../../functions/running/restrict-model.ts";
import { digestOf, everybody, now, policy, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { deployedPromotion } from "../api/deployed-promotion.ts";
import { restriction } from "../approved-promotion.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const reapproval = promotionId(digestOf("again"), 1);
const frozen = [{ name: "model.json", key: "frozen/model", versionId: "v1" }];
const drifted = deployedPromotion({ status: "restricted", frozen, restriction: restriction({ reapproval }) });
const later = { id: promotionId(digestOf("newer"), 1), submittedAt: addSeconds(drifted.submittedAt, 60) };

function scene(...given: readonly (Promotion | { readonly members: readonly Member[] })[]) {
  const others = given.filter((each) => "id" in each);
  const members = given.find((each) => "members" in each)?.members ?? everybody;
  const promotions = new MemoryPromotions([drifted, ...others]);
  const started: PromotionId[] = [];
  const directory = memoryDirectory(members);
  const open = openReapproval({
    ...{ now: () => now, policy, directory, promotions },
    start: async (id) => void started.push(id),
  });
  return { promotions, started, open: () => open(promotions.stored(drifted.id)) };
}

describe("the approval that a restriction names", () => {
  it("is opened by whoever finds that it is not there, and once", async () => {
    const { promotions, started, open } = scene();
    await open();
    expect(promotions.stored(reapproval)).toMatchObject({
      ...{ status: "gating", submittedAt: now, reapproves: { promotion: drifted.id, frozen } },
      history: [{ type: "request", body: { reapproves: drifted.id } }],
    });
    await open();
    // Whether its execution was begun is not known before it has frozen anything.
    expect(started).toEqual([reapproval, reapproval]);
    promotions.put({ ...promotions.stored(reapproval), frozen });
    await open();
    expect(started).toHaveLength(2);
  });

  it.each<[string, Promotion]>([
    ["is on its way", promotionInReview(later)],
    ["was deployed", deployedPromotion(later)],
  ])("is not opened in the place of what was submitted since and %s", async (_, newer) => {
    const { promotions, started, open } = scene(newer);
    await open();
    expect([promotions.all().length, started]).toEqual([2, []]);
  });

  describe("where none could be asked for as it drifted", () => {
    const told = (because: Fact["body"]): Promotion => ({
      ...drifted,
      restriction: restriction(),
      history: [
        ...drifted.history,
        {
          ...{ id: `${drifted.id}/3`, type: "drift", at: now, promotion: drifted.id, summary: "It drifted." },
          body: { action: "keep", source: "monitor", ...because },
          attachments: [{ name: "drift.json", mediaType: "application/json", sha256: digestOf("report") }],
        },
      ],
    });

    it.each<[string, Fact["body"], string]>([
      [
        "a newer candidate was on its way",
        { newer: later.id },
        ": the newer candidate that was on its way came to nothing.",
      ],
      ["nobody could sign", { why: "Nobody could sign for it." }, ", and could be asked about only now."],
    ])("is opened by the clock once it can be: %s", async (_, because, words) => {
      const { promotions, started, open } = scene(promotionInReview({ ...later, status: "withdrawn" }));
      promotions.put(told(because));
      await open();
      const anew = promotions.stored(drifted.id).restriction?.reapproval ?? expect.unreachable();
      expect(promotions.stored(drifted.id).history.at(-1)).toMatchObject({
        ...{ type: "drift", body: { action: "keep", source: "monitor", reapproval: anew } },
        summary: `credit-scoring 1.4.0 still is restricted in production${words} Drift was reported of credit-scoring 1.4.0 in production. It has to be approved again, with the report as evidence.`,
      });
      expect(Object.keys(promotions.stored(drifted.id).history.at(-1)?.body ?? {})).not.toContain(
        Object.keys(because)[0],
      );
      expect([promotions.stored(anew).status, started]).toEqual(["gating", [anew]]);
    });

    it("is not opened while something newer is on its way, or was deployed", async () => {
      for (const newer of [promotionInReview(later), deployedPromotion(later)]) {
        const { promotions, started, open } = scene(newer);
        promotions.put(told({ newer: later.id }));
        await open();
        expect([promotions.moves, started]).toEqual([[], []]);
      }
    });

    it("is not opened while nobody could be asked, which the records say already", async () => {
      const { promotions, started, open } = scene({ members: [] });
      promotions.put(told({ why: "Nobody could sign for it." }));
      await open();
      expect([promotions.moves, started]).toEqual([[], []]);
    });
  });

  describe("and whose place a newer candidate took", () => {
    const told: Fact = {
      ...{ id: `${drifted.id}/3`, type: "drift", at: now, promotion: drifted.id, summary: "It drifted." },
      body: { action: "keep", reapproval, source: "monitor" },
      attachments: [{ name: "drift.json", mediaType: "application/json", sha256: digestOf("report") }],
    };
    const restricted = { ...drifted, history: [...drifted.history, told] };
    const displaced = promotionInReview({ id: reapproval, status: "superseded", supersededBy: later.id });
    const [second] = [promotionId(digestOf("newest"), 1)];

    it.each<[string, readonly Promotion[]]>([
      ["was withdrawn", [promotionInReview({ ...later, status: "withdrawn" })]],
      ["was rolled back", [deployedPromotion({ ...later, status: "rolled-back" })]],
      [
        "was superseded by one that was rejected",
        [
          promotionInReview({ ...later, status: "superseded", supersededBy: second }),
          promotionInReview({ ...later, id: second, status: "rejected" }),
        ],
      ],
    ])("is asked for anew, once that %s, and once", async (_, newer) => {
      const { promotions, started, open } = scene(displaced, ...newer);
      promotions.put(restricted);
      await open();
      const anew = promotions.stored(drifted.id).restriction?.reapproval ?? expect.unreachable();
      expect(anew).not.toBe(reapproval);
      expect(promotions.stored(drifted.id).history.at(-1)).toMatchObject({
        ...{ type: "drift", attachments: told.attachments },
        body: { action: "keep", source: "monitor", reopens: reapproval, reapproval: anew },
        summary:
          "credit-scoring 1.4.0 still is restricted in production: what took the place of its new approval came to nothing. Drift was reported of credit-scoring 1.4.0 in production. It has to be approved again, with the report as evidence.",
      });
      expect(promotions.stored(anew)).toMatchObject({ status: "gating", reapproves: { promotion: drifted.id } });
      promotions.put({ ...promotions.stored(anew), frozen });
      await open();
      expect([started, promotions.moves.length]).toEqual([[anew], 1]);
    });

    it("is asked for anew three times, and no more", async () => {
      const often = { ...restricted, history: [...restricted.history, told, told, told] };
      const { promotions, started, open } = scene(displaced, promotionInReview({ ...later, status: "withdrawn" }));
      promotions.put(often);
      await open();
      expect([promotions.moves, started]).toEqual([[], []]);
    });

    it.each<[string, Promotion]>([
      ["on its way", promotionInReview(later)],
      ["deployed", deployedPromotion(later)],
      ["restricted itself", deployedPromotion({ ...later, status: "restricted", restriction: restriction() })],
    ])("is left to that while it is %s", async (_, newer) => {
      const { promotions, started, open } = scene(displaced, newer);
      promotions.put(restricted);
      await open();
      expect([promotions.moves, started]).toEqual([[], []]);
    });
  });
});
