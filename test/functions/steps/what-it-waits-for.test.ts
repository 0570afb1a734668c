import { describe, expect, it } from "vitest";
import { lastMoment } from "../../../core/approval/promotion-approval.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { secondsUntilLook, whatItWaitedFor, withWait } from "../../../functions/steps/what-it-waits-for.ts";
import { id, now, promotionInReview } from "../../core/promotion/promotion-in-review.ts";
import { image, model } from "./deployment-scene.ts";

const approved = promotionInReview({ status: "approved" });
const deployment = { startedAt: now, serves: { image, model }, release: plainRelease("nothing") };
const waits = (promotion: Promotion, until = "the plan is applied") => withWait(promotion, until, {}, now);

/** It waits for something, and was told to. */
function told(promotion: Promotion, until?: string): Promotion {
  const next = waits(promotion, until);
  if (next === undefined) throw new Error("Nothing was told.");
  return next;
}

describe("what a promotion waits for", () => {
  it.each(["approved", "loaned"] as const)("is told of one that is %s", (status) => {
    const { history, revision } = told({ ...approved, status });
    expect(history).toEqual([
      {
        id: `${id}/0`,
        type: "held",
        at: now,
        promotion: id,
        summary: "Everybody has signed; it is deployed once the plan is applied.",
        body: {},
        attachments: [],
      },
    ]);
    expect(revision).toBe(approved.revision + 1);
  });

  it.each<readonly [string, Partial<Promotion>]>([
    ["was withdrawn meanwhile", { status: "withdrawn" }],
    ["was superseded meanwhile", { status: "superseded" }],
    ["has begun to deploy", { deployment }],
    ["runs on loan", { status: "loaned", deployment }],
  ])("is not told of one that %s", (_, over) => {
    expect(waits({ ...approved, ...over })).toBeUndefined();
  });

  it("is told once, and what it waits for next as well", () => {
    const once = told(approved);
    expect(waits(once)).toBeUndefined();
    expect(told(once, "its pipeline has said what came of it").history).toHaveLength(2);
    const otherwise = { ...once, history: once.history.map((fact) => ({ ...fact, type: "gates" as const })) };
    expect(told(otherwise).history).toHaveLength(2);
  });

  it("follows why it ended, where it waited for anything", () => {
    expect(whatItWaitedFor(approved)).toBe("");
    const twice = told(told(approved), "its pipeline has said what came of it");
    expect(whatItWaitedFor(twice)).toBe(" What it waited for: its pipeline has said what came of it.");
  });
});

describe("the next look at what it waits for", () => {
  it("comes soon at first, less often the longer it takes, and in time for the end", () => {
    expect(secondsUntilLook(approved, 30, now)).toBe(30);
    const waiting = told(approved);
    const later = secondsUntilLook(waiting, 30, addSeconds(now, 12 * 3600));
    expect(later).toBeGreaterThan(30);
    expect(secondsUntilLook(waiting, 30, addSeconds(lastMoment(waiting), -120))).toBe(120);
  });
});
