import { describe, expect, it } from "vitest";
import type { Identity } from "../../../core/promotion/identity.ts";
import { statuses } from "../../../core/promotion/promotion.ts";
import { withdraw } from "../../../functions/api/withdraw/handler.ts";
import {
  cora,
  digestOf,
  id,
  manifest,
  now,
  openStage,
  promotionAtTheGates,
  promotionInReview,
  sam,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { memoryDirectory } from "../memory-directory.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

/** Cora by the address that the directory has of both accounts. */
const coraAgain = { ...cora, identity: { ...cora.identity, subject: "cora-again" } };

function scene(promotion = promotionInReview(), machine = manifest.requester, person?: Identity) {
  const promotions = new MemoryPromotions([promotion]);
  const handler = withdraw({
    now: () => now,
    claimsMachine: () => person === undefined,
    verifyMachine: async () => machine,
    verifyPerson: async (_, { acts }) => ({ identity: acts ? (person ?? machine) : machine }),
    people: [],
    groups: [],
    directory: memoryDirectory([cora, sam, coraAgain]),
    promotions,
  });
  return {
    promotions,
    post: (promotionId: string = id) => handler(apiRequest({ json: {}, parameters: { id: promotionId } })),
  };
}

describe("a withdrawal", () => {
  it("ends the review and closes its stage, with the pipeline's reason", async () => {
    const { promotions, post } = scene();
    expect(await post()).toEqual({ status: 200, json: { id, status: "withdrawn" } });
    expect(promotions.stored(id)).toMatchObject({
      status: "withdrawn",
      reason: "The pipeline that asked for it took its request back.",
      stage: { open: false },
      history: [{ type: "withdrawn", at: now }],
    });
  });

  it("of policies is for whoever proposed them, by their own sign-in", async () => {
    const proposed = promotionInReview({ manifest: { ...manifest, requester: cora.identity } });
    const { promotions, post } = scene(proposed, manifest.requester, cora.identity);
    expect(await post()).toEqual({ status: 200, json: { id, status: "withdrawn" } });
    expect(promotions.stored(id).reason).toBe("Whoever proposed it took the proposal back.");
    const other = scene(proposed, manifest.requester, sam.identity);
    expect((await refused(other.post())).code).toBe("not-found");
    // Nobody takes back what a pipeline asked for.
    expect((await refused(scene(promotionInReview(), manifest.requester, sam.identity).post())).code).toBe("not-found");
  });

  it("of policies is for whoever proposed them with another account, too, and a pipeline is nobody's other account", async () => {
    const proposed = promotionInReview({ manifest: { ...manifest, requester: cora.identity } });
    const { promotions, post } = scene(proposed, manifest.requester, coraAgain.identity);
    expect(await post()).toEqual({ status: 200, json: { id, status: "withdrawn" } });
    expect(promotions.moves).toHaveLength(1);
    const machine = scene(proposed, coraAgain.identity);
    expect((await refused(machine.post())).code).toBe("not-found");
  });

  it("is too late for policies under their verdict, which are in force before anything of the promotion says so", async () => {
    const verdict = { sha256: digestOf("v"), result: "PASSED", at: now } as const;
    const target = { name: "policies", kind: "policy", endpoint: "in-force" } as const;
    const approved = (over: Partial<typeof manifest>) =>
      scene(promotionInReview({ status: "approved", manifest: { ...manifest, ...over }, verdict }));
    const { promotions, post } = approved({ target });
    const refusal = await refused(post());
    expect([refusal.code, refusal.sentence, promotions.moves]).toEqual([
      "already-decided",
      "The policies are being put in force; they cannot be withdrawn any more.",
      [],
    ]);
    // What is deployed says so first.
    expect((await approved({}).post()).status).toBe(200);
  });

  it("of a promotion at the gates needs no stage", async () => {
    const { promotions, post } = scene(promotionAtTheGates());
    await post();
    expect(promotions.stored(id)).not.toHaveProperty("stage");
  });

  it("sent twice is one", async () => {
    const { promotions, post } = scene();
    await post();
    expect((await post()).status).toBe(200);
    expect(promotions.moves).toHaveLength(1);
  });

  const possible = ["gating", "shadowing", "in-review", "approved", "withdrawn"];
  it.each(statuses.filter((status) => !possible.includes(status)))(
    "is too late for a promotion that is %s",
    async (status) => {
      const { promotions, post } = scene(promotionInReview({ status, stage: openStage(1, { open: false }) }));
      expect((await refused(post())).code).toBe("already-decided");
      expect(promotions.moves).toEqual([]);
    },
  );

  it("also takes a candidate back that runs in shadow", async () => {
    const { promotions, post } = scene(promotionAtTheGates({ status: "shadowing" }));
    await post();
    expect(promotions.stored(id).status).toBe("withdrawn");
  });

  it("is for the pipeline that asked: to others the promotion is not there", async () => {
    const { post, promotions } = scene(promotionInReview(), { ...manifest.requester, subject: "machine/other" });
    expect((await refused(post())).code).toBe("not-found");
    expect((await refused(post(id.replace(/1$/, "2")))).code).toBe("not-found");
    expect((await refused(post("x"))).code).toBe("not-found");
    expect(promotions.moves).toEqual([]);
  });
});
