import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { type ReadLearningPorts, readLearning } from "../../../functions/api/read-learning/handler.ts";
import { approvedFacts, fact } from "../../core/learning/told-facts.ts";
import {
  cora,
  dana,
  digestOf,
  matrix,
  now,
  promotionAtTheGates,
  promotionInReview,
} from "../../core/promotion/promotion-in-review.ts";
import { refused } from "../../core/refusal.ts";
import { MemoryBlobs } from "../memory-blobs.ts";
import { MemoryPromotions } from "../memory-promotions.ts";
import { apiRequest } from "./api-request.ts";

const report = utf8(
  JSON.stringify({ findings: [{ rule: "quality.auc", title: "AUC", observed: 1, required: { min: 0.8 } }] }),
);

/** Six promotions that Cora approved and that ran; the first was told of afterwards. */
function scene(over: Partial<ReadLearningPorts> = {}) {
  const given = Array.from({ length: 6 }, (_, at): Promotion => {
    const id = promotionId(digestOf("manifest"), at + 1);
    const history = approvedFacts().map((each): Fact => ({ ...each, promotion: id }));
    const gates = { outcome: "passed", report: sha256Hex(report), summary: sha256Hex(report) } as const;
    return promotionInReview({ id, status: "deployed", history, gates });
  });
  const promotions = new MemoryPromotions(given);
  const [first] = given;
  if (first !== undefined) {
    void promotions.recordFact({ ...fact("outcome", 1, 9000, { against: true }), promotion: first.id });
  }
  const handler = readLearning({
    now: () => now,
    groups: ["compliance-officers", "lead-data-scientists"],
    matrix: { ...matrix, learning: { seenBy: ["compliance-officer"], fewestDecisions: 5 } },
    verifyPerson: async () => ({ ...cora, authenticatedAt: now }),
    promotions,
    blobs: new MemoryBlobs([report]),
    ...over,
  });
  const query = { model: "credit-scoring", target: "production" };
  return (asked: Record<string, string> = query) => handler(apiRequest({ route: "/v1/learning", query: asked }));
}

describe("GET /v1/learning", () => {
  it("joins outcomes with the gates that came closest, and for those whom the matrix names with the decisions", async () => {
    expect((await scene()()).json).toMatchObject({
      model: "credit-scoring",
      target: "production",
      older: false,
      ran: 6,
      told: { count: 1, of: 6 },
      spokenAgainst: { count: 1, of: 6 },
      gates: [{ rule: "quality.auc", spokenAgainst: { count: 1, of: 6 } }],
      roles: [{ role: "compliance-officer", decisions: 6 }],
      people: [{ role: "compliance-officer", shown: [{ person: cora.identity, decisions: 6 }] }],
    });
  });

  it("shows how people decide to nobody else, and to nobody where the matrix names no one", async () => {
    const other = await scene({ verifyPerson: async () => ({ ...dana, authenticatedAt: now }) })();
    const unnamed = await scene({ matrix })();
    for (const { json } of [other, unnamed]) {
      expect(json).toMatchObject({ ran: 6 });
      expect(json).not.toHaveProperty("roles");
      expect(json).not.toHaveProperty("people");
    }
  });

  it("is for people who hold a role, and needs a model and a target", async () => {
    const outside = scene({ verifyPerson: async () => ({ ...cora, groups: [], authenticatedAt: now }) });
    expect((await refused(outside())).code).toBe("forbidden");
    expect((await refused(scene()({ model: "credit-scoring" }))).code).toBe("invalid-request");
  });

  it("says that older ones are left out once there are too many", async () => {
    const page = { promotions: Array.from({ length: 50 }, () => promotionAtTheGates()), next: "more" };
    const promotions = {
      list: async () => page,
      facts: async () => [],
      outcomes: async () => [],
      signOffs: async () => [],
    };
    expect((await scene({ promotions })()).json).toMatchObject({ older: true });
  });
});
