import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { type Claim, claimLane, type Lane, settledLane, superseded } from "../../../core/promotion/lane.ts";
import { statuses } from "../../../core/promotion/promotion.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf, now, openStage, promotionInReview } from "./promotion-in-review.ts";

const claim = (name: string, seconds = 0): Claim => ({
  id: promotionId(digestOf(name), 1),
  submittedAt: addSeconds(now, seconds),
});
const [a, b, c] = [claim("a"), claim("b", 60), claim("c", 120)];

function laneAfter(...claims: readonly Claim[]): Lane | undefined {
  return claims.reduce<Lane | undefined>((lane, each) => {
    const outcome = claimLane(lane, each);
    return outcome.kind === "head" ? outcome.lane : lane;
  }, undefined);
}

describe("the lane of a model and a target", () => {
  it("is led by the later submission, which displaces the earlier", () => {
    expect(claimLane(laneAfter(a), b)).toEqual({
      kind: "head",
      moved: true,
      lane: { revision: 2, head: b, displaced: [a.id] },
    });
    expect(claimLane(laneAfter(b), a)).toEqual({ kind: "behind", newer: b.id });
  });

  it("keeps in mind whom an earlier head displaced and may not have seen to", () => {
    expect(laneAfter(a, b, c)?.displaced).toEqual([a.id, b.id]);
    expect(settledLane(laneAfter(a, b, c) ?? expect.unreachable()).displaced).toEqual([]);
  });

  it("is written anew by each head, in a revision of its own", () => {
    expect(claimLane(undefined, a)).toEqual({
      kind: "head",
      moved: true,
      lane: { revision: 1, head: a, displaced: [] },
    });
    const lane = laneAfter(a, b) ?? expect.unreachable();
    expect(settledLane(lane)).toEqual({ revision: 3, head: b, displaced: [] });
    // One that leads again, of which somebody remembers that it was displaced, is displaced no more.
    const again = claimLane({ ...lane, displaced: [a.id, c.id] }, c);
    expect(again).toMatchObject({ kind: "head", lane: { head: c, displaced: [a.id, b.id] } });
  });

  it("changes nothing for the head that comes again", () => {
    expect(claimLane(laneAfter(a, b), b)).toMatchObject({ kind: "head", moved: false, lane: { displaced: [a.id] } });
  });

  it("ends with the same head whatever the order, and nobody else is left out", () => {
    const claims = ["p", "q", "r", "s"].map((name, index) => claim(name, index % 2));
    const newest = claims.toSorted((x, y) => (`${x.submittedAt} ${x.id}` < `${y.submittedAt} ${y.id}` ? 1 : -1))[0];
    fc.assert(
      fc.property(fc.shuffledSubarray(claims, { minLength: 4 }), (order) => {
        const seen = new Set<string>();
        let lane: Lane | undefined;
        for (const each of order) {
          const outcome = claimLane(lane, each);
          if (outcome.kind === "behind") seen.add(each.id);
          else lane = outcome.lane;
        }
        for (const id of lane?.displaced ?? []) seen.add(id);
        expect(lane?.head).toEqual(newest);
        expect(seen.size).toBe(claims.length - 1);
      }),
    );
  });
});

describe("being superseded", () => {
  const newer = { id: b.id, version: "2.0.0" };

  it("closes the stage, and names the newer candidate", () => {
    expect(superseded(promotionInReview(), newer, now)).toMatchObject({
      status: "superseded",
      supersededBy: b.id,
      reason: "The newer candidate 2.0.0 for the same model and target took its place.",
      stage: { open: false },
      history: [{ type: "superseded", at: now, body: { by: b.id }, attachments: [] }],
    });
    const { stage: _, ...closed } = promotionInReview({ status: "gating" });
    const unnamed = superseded(closed, { id: b.id }, now);
    expect(unnamed?.reason).toBe("A newer candidate for the same model and target took its place.");
    expect(unnamed).not.toHaveProperty("stage");
  });

  const possible = ["gating", "shadowing", "in-review", "approved"];
  it.each(statuses.filter((status) => !possible.includes(status)))("is not for a promotion that is %s", (status) => {
    expect(superseded(promotionInReview({ status, stage: openStage(1, { open: false }) }), newer, now)).toBeUndefined();
  });

  it("is not for policies that come in force under their verdict now: nothing would say that they do", () => {
    const target = { name: "policies", kind: "policy", endpoint: "policies" } as const;
    const policies = { ...promotionInReview().manifest, target };
    const approved = promotionInReview({ status: "approved", manifest: policies });
    const verdict = { sha256: digestOf("verdict"), result: "PASSED", at: now } as const;
    expect(superseded({ ...approved, verdict }, newer, now)).toBeUndefined();
    expect(superseded(approved, newer, now)?.status).toBe("superseded");
    expect(superseded(promotionInReview({ status: "approved", verdict }), newer, now)?.status).toBe("superseded");
  });
});
