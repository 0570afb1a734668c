import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import type { LanesTold } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PackFinding } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";

/** When a promotion takes the place of older ones, and from when on nobody takes its own. */
export interface Turn {
  /** It is through its gates: whoever was before it in its lane, and could still be stopped, was superseded by then. */
  readonly aheadAt?: Instant;
  /** Where it was ever deployed: when that began, or it was lent for that before. */
  readonly beganAt?: Instant;
}

/**
 * What came through the gates is told by what comes next: the step that evaluates them ends once the place of all before it is
 * taken, and one that dies in between opens nothing. What was deployed once may be again, after its conditions were not kept.
 */
export function turnIn(steps: readonly Step[]): Turn {
  const first = (...types: readonly string[]) => steps.find(({ record }) => types.includes(record.type))?.record.at;
  const ahead = first("stage-opened", "shadow-run");
  const began = first("deployment-started") === undefined ? undefined : first("loan", "deployment-started");
  return {
    ...(ahead === undefined ? {} : { aheadAt: ahead }),
    ...(began === undefined ? {} : { beganAt: began }),
  };
}

/** A promotion among those of its model and target. */
interface Candidate extends Turn {
  readonly promotion: PromotionId;
  readonly lane: string;
  /** Of its request. */
  readonly index: number;
  readonly askedAt: Instant;
}

/** Clocks of functions differ by less. */
const clocksWithinSeconds = 60;

/**
 * Finds what was deployed although a newer candidate of its model was in its place by then (design 6.10): nobody who signed for it
 * knew of that one. `ofTwo`: of which lanes what one says is held against another.
 */
export function recheckOvertaken(all: readonly Candidate[], ofTwo: LanesTold): readonly PackFinding[] {
  const lanes = Map.groupBy(all, ({ lane }) => lane);
  return [...lanes].flatMap(([lane, candidates]) => (ofTwo(lane) ? overtakenIn(candidates) : []));
}

function overtakenIn(candidates: readonly Candidate[]): readonly PackFinding[] {
  let newer: { readonly promotion: PromotionId; readonly aheadAt: Instant } | undefined;
  // Of all that were asked for later, whoever was through first.
  return candidates
    .toSorted((a, b) => (rank(a) < rank(b) ? 1 : -1))
    .flatMap((candidate): readonly PackFinding[] => {
      const { promotion, index, aheadAt, beganAt } = candidate;
      const before = newer;
      if (aheadAt !== undefined && (before === undefined || aheadAt < before.aheadAt)) newer = { promotion, aheadAt };
      if (before === undefined || beganAt === undefined || beganAt <= addSeconds(before.aheadAt, clocksWithinSeconds))
        return [];
      const sentence = `It began to be deployed, or was lent for that, at ${beganAt}, and ${before.promotion}, which was asked for later, had come through its gates by ${before.aheadAt}: that one takes the place of what is older.`;
      return [{ code: "life-cycle", path: recordPath(index), promotion, sentence }];
    });
}

/** As the service tells which is newer. */
function rank({ askedAt, promotion }: Candidate): string {
  return `${askedAt} ${promotion}`;
}
