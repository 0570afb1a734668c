import { describe, expect, it } from "vitest";
import { foundOtherwise, foundThere } from "../../../../core/archive/beside/what-was-found.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { type PromotionId, promotionId } from "../../../../core/promotion/promotion-id.ts";
import { digestOf, now } from "../../promotion/promotion-in-review.ts";
import { replayedOf, told } from "../told.ts";
import { momentOf, sayingIn, stepOf } from "../told-steps.ts";

const [first, second, third] = ["first", "second", "third"].map((name) => promotionId(digestOf(name), 1)) as [
  PromotionId,
  PromotionId,
  PromotionId,
];
const lane = "credit-scoring in production";
const at = (seconds: number): Instant => addSeconds(now, seconds);

type Place = Parameters<typeof foundOtherwise>[0][number];
type Stood = NonNullable<Place["stood"]>[number];
const stood = (...told: readonly (readonly [number, Stood["state"]])[]): readonly Stood[] =>
  told.map(([seconds, state]) => ({ at: at(seconds), state }));
/** Began, and served a hundred seconds later. */
const place = (promotion: PromotionId, from: number, over: Partial<Place> = {}): Place => ({
  ...{ promotion, lane, replacements: [], stood: stood([from, "under-way"], [from + 100, "serves"]) },
  ...over,
});
const finding = (promotion: PromotionId, seconds = 5000): Partial<Place> => ({
  found: [{ id: `${third}/9`, at: at(seconds), promotion }],
});
const said = (...places: readonly Place[]): readonly string[] =>
  foundOtherwise(places, () => true).map(({ sentence }) => sentence);

describe("what a deployment found running", () => {
  it("is what came to serve there last, or is on its way", () => {
    const before = [place(first, 0), place(second, 1000)];
    expect(said(...before, place(third, 5000, finding(second)))).toEqual([]);
    const underWay = place(second, 4990, { stood: stood([4990, "under-way"], [5100, "serves"]) });
    expect(said(place(first, 0), underWay, place(third, 5000, finding(second)))).toEqual([]);
    expect(said(place(first, 0), underWay, place(third, 5000, finding(first)))).toEqual([]);
  });

  it("is something of before, where what came since is not said to have gone", () => {
    const sentence = `Whether ${second} served until '${third}/9', as the records say: that found ${first} there, and no record says that it had been taken out.`;
    expect(
      foundOtherwise([place(third, 5000, finding(first)), place(first, 0), place(second, 1000)], () => true),
    ).toEqual([{ promotion: third, sentence }]);
    const { promotion: _, ...stranger } = { id: `${third}/9`, at: at(5000), promotion: first };
    expect(said(place(second, 1000), place(third, 5000, { found: [stranger] }))).toEqual([
      sentence.replace(first, "what is none of these"),
    ]);
  });

  it.each<[string, Partial<Place>]>([
    ["rolled back", { stood: stood([1000, "under-way"], [1100, "serves"], [2000, "gone"]) }],
    ["lost sight of", { stood: stood([1000, "under-way"], [1100, "serves"], [2000, "unknown"]) }],
    ["made to make place", { replacements: [{ at: at(2000), to: first }] }],
  ])("is what was there before it, where that was %s", (_, over) => {
    expect(said(place(first, 0), place(second, 1000, over), place(third, 5000, finding(first)))).toEqual([]);
  });

  it("is something that its own records say had been taken out, or was never deployed", () => {
    const gone = place(second, 1000, { stood: stood([1000, "under-way"], [2000, "gone"]) });
    expect(said(place(first, 0), gone, place(third, 5000, finding(second)))).toEqual([
      `Whether ${second} had been taken out before '${third}/9', as its records say: that found it there.`,
    ]);
    const failed = place(second, 1000, { stood: stood([1000, "under-way"], [2000, "unknown"]) });
    expect(said(failed, place(third, 5000, finding(second)))).toEqual([]);
    expect(said(place(first, 0), place(third, 5000, finding(second)))).toEqual([
      `Whether ${second} was never deployed before '${third}/9', as the records say: that found it there.`,
    ]);
  });

  it("is asked give or take what clocks differ by, of what the log tells all, and not of another model's", () => {
    const soon = place(second, 4850, { stood: stood([4850, "under-way"], [4950, "serves"]) });
    expect(said(place(first, 0), soon, place(third, 5000, finding(first)))).toEqual([]);
    const lie = [place(first, 0), place(second, 1000), place(third, 5000, finding(first))];
    expect(foundOtherwise(lie, () => false)).toEqual([]);
    expect(said(place(first, 0, { lane: "fraud in production" }), ...lie.slice(1))).toEqual([]);
  });

  it("is asked of what is in the same place, and not of what the target led to before", () => {
    const stranger = place(third, 5000, { found: [{ id: `${third}/9`, at: at(5000) }], place: "blue" });
    expect(said(place(first, 0, { place: "green" }), stranger)).toEqual([]);
    expect(said(place(first, 0, { place: "blue" }), stranger)).toHaveLength(1);
    expect(said(place(first, 0, { place: "green" }), place(third, 5000, { ...finding(first), place: "blue" }))).toEqual(
      [],
    );
  });
});

describe("what a promotion says of the place of its deployment", () => {
  it("is what was found there, by the promotion in its name, and when it came and went", async () => {
    const { steps } = await replayedOf(told.kept);
    const { record, index: begins } = stepOf(steps, "deployment-started");
    const named = (previous: string | null) => foundThere(sayingIn(steps, "deployment-started", { previous })).found;
    const of = { id: record.id, at: record.at, begins };
    expect(named(null)).toBeUndefined();
    expect(named("by-hand")).toEqual([of]);
    expect(named(first)).toEqual([{ ...of, promotion: first }]);
    expect(named(JSON.stringify({ copies: 1, model: first }))).toEqual([{ ...of, promotion: first }]);
    expect(foundThere(steps).stood).toEqual([
      { at: record.at, state: "under-way" },
      { at: momentOf(steps, "rolled-back"), state: "gone" },
    ]);
    expect(foundThere((await replayedOf(told.withdrawn)).steps)).toEqual({});
  });

  it("is what serves since what was lent was taken back as well", async () => {
    const { steps } = await replayedOf(told.lent);
    const { record } = stepOf(steps, "loan-taken-back");
    const named = (serves: string | null) => foundThere(sayingIn(steps, "loan-taken-back", { serves })).found;
    const [begun = expect.unreachable()] = named(null) ?? [undefined];
    expect(begun.id).not.toBe(record.id);
    expect(named(first)).toEqual([begun, { id: record.id, at: record.at, promotion: first }]);
  });
});
