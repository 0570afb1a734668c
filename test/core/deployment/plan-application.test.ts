import { describe, expect, it } from "vitest";
import { planApplication } from "../../../core/deployment/plan-application.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { digestOf, manifest, now, promotionInReview } from "../promotion/promotion-in-review.ts";

const plan = {
  kind: "iac-plan",
  format: "terraform-plan",
  name: "plan.json",
  mediaType: "application/json",
  size: 3,
  sha256: digestOf("plan"),
} as const;
const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
const free = { isPinned: true, calendar: { kind: "free" } } as const;
const until = addSeconds(now, 86_400);
const frozen = { kind: "frozen", window: "Year end", until } as const;
const loan = { terms: { seconds: 60, incident: "" }, lenders: [], at: now, until } as const;

function application(over: Partial<Promotion>, inForce: Parameters<typeof planApplication>[1] = free) {
  return planApplication(promotionInReview({ manifest: { ...manifest, evidence: [plan] }, ...over }), inForce);
}

describe("the infrastructure plan that was signed", () => {
  it("may be applied under its verdict, until what it comes with is deployed", () => {
    for (const over of [
      { status: "approved", verdict },
      { status: "loaned", loan: { ...loan, verdict: { sha256: verdict.sha256, at: now } } },
      { status: "deploying", verdict },
      { status: "deployed", verdict },
    ] satisfies Partial<Promotion>[])
      expect(application(over)).toEqual({ mayBeApplied: true });
  });

  it("is nothing that a candidate without one is asked about", () => {
    expect(application({ status: "approved", verdict, manifest })).toBeUndefined();
  });

  it.each<[string, Partial<Promotion>, Partial<Parameters<typeof planApplication>[1]>, string]>([
    ["before anybody approved it", {}, {}, "The promotion is in-review, not approved."],
    ["before it is verified, or once a window took its verdict", { status: "approved" }, {}, "It has no verdict yet."],
    ["that is lent before that is verified", { status: "loaned", loan }, {}, "It has no verdict yet."],
    ["that was rejected", { status: "rejected" }, {}, "The promotion is rejected, not approved."],
    [
      "under requirements that are not in force any more",
      { status: "approved", verdict },
      { isPinned: false },
      "The requirements have changed since its verdict, and nobody has approved it under those in force.",
    ],
    [
      "in a freeze window, at once and not when its verdict is taken",
      { status: "approved", verdict },
      { calendar: frozen },
      `Changes are frozen ('Year end') until ${until}. Nothing is applied before.`,
    ],
  ])("may not be applied %s", (_, over, inForce, why) => {
    expect(application(over, { ...free, ...inForce })).toEqual({ mayBeApplied: false, why });
  });
});
