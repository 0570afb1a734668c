import type { Machine } from "../../../core/approval/loading/load-machines.ts";
import type { Submitter } from "../../../core/approval/machine-identity.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";

function fact(type: Fact["type"], index: number): Fact {
  return { id: `${id}/${index}`, type, at: now, promotion: id, summary: "", body: {}, attachments: [] };
}

/** A promotion whose candidate runs. */
export function deployedPromotion(over: Partial<Promotion> = {}): Promotion {
  return promotionInReview({
    status: "deployed",
    history: [fact("request", 0), fact("deployment-started", 1), fact("deployed", 2)],
    ...over,
  });
}

/** A monitor that may report about the model and submits nothing. */
export function monitor(over: Partial<Machine> = {}): Submitter {
  const machine: Machine = {
    name: "drift-monitor",
    issuer: "ci",
    provider: "github",
    match: { repository_id: "2" },
    submits: [],
    reports: ["credit-scoring"],
    ...over,
  };
  const issuer = "https://ci.example";
  return {
    machine,
    identity: { issuer, subject: `machine/${machine.name}` },
    token: { issuer, id: "token-1", expiresAtSeconds: 4_000_000_000 },
  };
}
