import { addSeconds } from "../../encoding/instant.ts";
import { compareText } from "../../encoding/text-order.ts";
import type { LanesTold } from "../documents/lane-name.ts";
import type { PackFinding } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { LanePlace } from "./verify-lanes.ts";
import { clocksWithinSeconds, rank } from "./verify-overtaken.ts";
import type { KeptFrom } from "./what-stood.ts";

/** A promotion among those of its model and target. */
type Candidate = Pick<LanePlace, "promotion" | "lane" | "askedAt" | "aheadAt">;

/**
 * Finds what is kept from a candidate whose place another had to take before: whoever approved the older one may have rejected that
 * other since, and no approval outlives it. `ofTwo`: of which lanes what one says is held against another.
 */
export function recheckKeptPast(
  kept: readonly KeptFrom[],
  candidates: readonly Candidate[],
  ofTwo: LanesTold,
): readonly PackFinding[] {
  if (kept.length === 0) return [];
  const known = new Map(candidates.map((each) => [each.promotion, each]));
  const lanes = new Map(
    [...Map.groupBy(known.values(), ({ lane }) => lane)].map(([lane, those]) => {
      const ordered = those.toSorted((one, other) => compareText(rank(one), rank(other)));
      return [lane, { ordered, places: new Map(ordered.map(({ promotion }, place) => [promotion, place])) }] as const;
    }),
  );
  return kept.flatMap(({ promotion, index, from, signOff, at }): readonly PackFinding[] => {
    const lane = known.get(promotion)?.lane;
    const own = lane === undefined || !ofTwo(lane) ? undefined : lanes.get(lane);
    const [first, last] = [own?.places.get(from), own?.places.get(promotion)];
    if (own === undefined || first === undefined || last === undefined) return [];
    const by = addSeconds(at, -clocksWithinSeconds);
    const between = own.ordered.slice(first + 1, last).find(({ aheadAt }) => aheadAt !== undefined && aheadAt <= by);
    if (between === undefined) return [];
    const sentence = `The sign-off ${signOff} is kept from ${from}, although ${between.promotion}, which was asked for later, had come through its gates by ${between.aheadAt}: that one took its place, or had to.`;
    return [{ code: "sign-off-invalid", path: recordPath(index), promotion, sentence }];
  });
}
