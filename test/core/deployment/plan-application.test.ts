import { describe, expect, it } from "vitest";
import { isVerdictDue, planApplication } from "../../../core/deployment/plan-application.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { digestOf, id, manifest, now, promotionInReview } from "../promotion/promotion-in-review.ts";

const plan = {
  kind: "iac-plan",
  format: "terraform-plan",
  name: "plan.json",
  mediaType: "application/json",
  size: 3,
  sha256: digestOf("plan"),
} as const;
const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
const free = { isPinned: true, calendar: { kind: "free" }, lost: [], now } as const;
const until = addSeconds(now, 86_400);
const frozen = { kind: "frozen", window: "Year end", until } as const;
const loan = { terms: { seconds: 60, incident: "" }, lenders: [], at: now, until } as const;

const hours = (count: number) => addSeconds(now, count * 3600);
/** Told to wait for its plan as it got its verdict. */
const waiting = {
  history: [
    { id: "p/4", type: "held", at: now, promotion: id, summary: "It waits.", body: { plans: [] }, attachments: [] },
  ],
} satisfies Partial<Promotion>;
const cora = { person: { identity: { issuer: "https://id.example", subject: "cora" }, name: "Cora" }, why: "left" };

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
    [
      "once somebody who signed may not sign any more",
      { status: "approved", verdict },
      { lost: [cora] },
      "Cora left. Nothing is applied before that seat is filled again.",
    ],
    [
      "where nothing was signed in two hours, and another verdict is late",
      { status: "approved", verdict, ...waiting },
      { now: hours(2) },
      `Its verdict is of ${now}, and by now another should have been signed, for which everything is verified again. Nothing is applied before.`,
    ],
    [
      "that is lent under a verdict that is too old for anything to begin",
      { status: "loaned", loan: { ...loan, verdict: { sha256: verdict.sha256, at: now } } },
      { now: hours(1) },
      "The verdict of its loan is older than an hour; nothing begins under it.",
    ],
  ])("may not be applied %s", (_, over, inForce, why) => {
    expect(application(over, { ...free, ...inForce })).toEqual({ mayBeApplied: false, why });
  });
});

describe("another verdict, while the plan is awaited", () => {
  const approved = promotionInReview({ status: "approved", verdict, manifest: { ...manifest, evidence: [plan] } });
  const signed = (at: number, over: Partial<Promotion> = {}): Promotion => ({
    ...approved,
    ...waiting,
    verdict: { ...verdict, at: hours(at) },
    ...over,
  });

  it("is due after an hour, and less often the longer it waits: 40 times in 30 days", () => {
    expect(isVerdictDue(signed(0), addSeconds(hours(1), -1))).toBe(false);
    expect(isVerdictDue(signed(0), hours(1))).toBe(true);
    let last = 0;
    let count = 0;
    for (let hour = 1; hour <= 30 * 24; hour += 1 / 4) {
      if (!isVerdictDue(signed(last), hours(hour))) continue;
      last = hour;
      count += 1;
    }
    expect(count).toBe(40);
    // What is applied after 30 days is applied under a verdict that is half a week old at the most.
    expect(isVerdictDue(signed(29 * 24), hours(32 * 24))).toBe(false);
    expect(isVerdictDue(signed(28 * 24), hours(32 * 24))).toBe(true);
    expect(application(signed(24 * 24), { ...free, now: hours(32 * 24) })).toMatchObject({ mayBeApplied: false });
    expect(application(signed(25 * 24), { ...free, now: hours(32 * 24) })).toEqual({ mayBeApplied: true });
  });

  it.each<[string, Partial<Promotion>]>([
    ["where no plan comes with it", { manifest }],
    ["once its deployment has begun", { status: "deploying" }],
    ["over what is lent", { status: "loaned" }],
    ["without one that PASSED", { verdict: { ...verdict, result: "FAILED" } }],
  ])("is none %s", (_, over) => {
    expect(isVerdictDue(signed(0, over), hours(100))).toBe(false);
  });
});
