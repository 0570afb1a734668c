import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../../core/archive/pack/promotion-file.ts";
import { inForceIn, inForceOf } from "../../../../core/archive/policies/versions-in-force.ts";
import {
  type RestsOnPolicies,
  restsOnNone,
  restsOnPolicies,
  underPolicies,
  wasInForce,
} from "../../../../core/archive/promotion/under-policies.ts";
import { heldAgainst } from "../../../../core/archive/verify-under-policies.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf } from "../../promotion/promotion-in-review.ts";
import { recordsOf, replayedOf, told } from "../told.ts";

// Of what rests on policies a promotion tells one version and how long, where that settles all of it: nothing may be let through
// by the short word that the whole one would have shown.

const { blobs, facts } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const activations = recordsOf(facts).filter(({ record }) => record.type === "policy-activated");
const rests = async (promotion: PromotionId): Promise<RestsOnPolicies> => {
  const { steps, manifest } = await replayedOf(promotion);
  return await restsOnPolicies(steps, steps, manifest, read, () => expect.unreachable());
};
const promotions = [...new Set(facts.flatMap(({ promotion }) => promotion ?? []))];
const all = await Promise.all(promotions.map(rests));
// As if it had not drifted, and nothing else had run in its place.
const { announced = [], ...deployed } = await rests(told.deployed);

describe("what rests on policies", () => {
  it("is settled by those of the gates, of every promotion that was judged by one version", () => {
    const kinds = Map.groupBy(all, (each) => underPolicies(each).kind);
    expect(kinds.get("settled")?.length).toBeGreaterThan(5);
    for (const each of kinds.get("told") ?? [])
      expect(
        new Set(each.judgedBy.map(({ policy }) => policy)).size === 1 &&
          each.submitted === undefined &&
          each.announced === undefined,
      ).toBe(false);
  });

  it("is from the first to the last of it", () => {
    const under = underPolicies(deployed);
    if (under.kind !== "settled") throw new Error("One version settles it.");
    expect(under.policy).toBe(deployed.judgedBy[0]?.policy);
    expect(under.from).toBe(deployed.request?.at);
    expect(under.until).toBe(deployed.done.at(-1)?.steps.at(-1)?.at);
  });

  it("is told as a whole where anything of it is settled by no policies, or by others", () => {
    const other = digestOf("other");
    const { request, submitted: _, ...rest } = deployed;
    if (request === undefined) throw new Error("It says what it was asked for under.");
    const { settledBy: __, ...open } = request;
    const submitted = { promotion: told.deployed, index: 1, at: request.at, manifest: {} as never };
    const toldWhole: readonly RestsOnPolicies[] = [
      restsOnNone,
      { ...rest, request: open },
      { ...rest, request: { ...request, settledBy: other } },
      { ...deployed, submitted },
      { ...deployed, announced },
      { ...deployed, judgedBy: deployed.judgedBy.map(({ index, at }) => ({ index, at })) },
      { ...deployed, judgedBy: deployed.judgedBy.map((each, at) => (at === 1 ? { ...each, policy: other } : each)) },
      { ...deployed, done: deployed.done.map((each) => ({ ...each, policy: other })) },
      { ...deployed, calendar: deployed.calendar.map(({ settledBy: ___, ...each }) => each) },
    ];
    for (const each of toldWhole) expect(underPolicies(each)).toEqual({ kind: "told", ...each });
  });

  it("lets nothing through that the whole of it would have shown, whenever policies came in force", async () => {
    const shifted = (seconds: readonly number[]): readonly PromotionRecord[] =>
      activations.map((each, place) => ({
        ...each,
        record: { ...each.record, at: addSeconds(each.record.at, seconds[place] ?? 0) },
      }));
    const long = fc.integer({ min: -200_000, max: 200_000 });
    const seconds = fc.tuple(...activations.map(() => long));
    const seen = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(seconds, fc.nat(all.length - 1), async (by, at) => {
        const each = all[at] ?? deployed;
        const under = underPolicies(each);
        if (under.kind === "told") return;
        const of = shifted(by);
        const inForce = wasInForce(under, inForceIn(of));
        seen.add(inForce);
        if (!inForce) return;
        const own = await heldAgainst(of, [each], read);
        const none = await heldAgainst(of, [], read);
        expect(own).toEqual(none);
      }),
      { numRuns: 150 },
    );
    expect(seen).toEqual(new Set([true, false]));
    // Nor where the log tells of no policies.
    for (const each of all) {
      if (underPolicies(each).kind === "settled")
        expect(await heldAgainst([], [each], read)).toEqual({ problems: [], unchecked: [] });
    }
  });

  it("may be under a version at one time alone, not under the same again later", () => {
    const under = underPolicies(deployed);
    if (under.kind !== "settled") throw new Error("One version settles it.");
    const { policy, from, until } = under;
    const between = { policy: digestOf("other"), at: addSeconds(from, -2000) };
    const since = { policy, at: addSeconds(from, -4000) };
    expect(wasInForce(under, inForceOf([since]))).toBe(true);
    expect(wasInForce(under, inForceOf([since, between]))).toBe(false);
    expect(wasInForce(under, inForceOf([since, { ...between, at: addSeconds(until, -899) }]))).toBe(true);
    expect(wasInForce(under, inForceOf([since, between, { policy, at: addSeconds(from, 6) }]))).toBe(false);
    expect(wasInForce(under, inForceOf([since, between, { policy, at: addSeconds(from, 5) }]))).toBe(true);
    expect(wasInForce(under, inForceOf([]))).toBe(false);
  });
});
