import type { Instant } from "../../encoding/instant.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { type LanesTold, laneName } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { LanePlace } from "./verify-lanes.ts";
import { rank } from "./verify-overtaken.ts";
import { againstOthers } from "./yet-to-be-told.ts";

// Who took whose place: told by both, and by nobody for somebody else.

/** Who a promotion is among those of its model and target. */
type Candidate = Pick<LanePlace, "promotion" | "lane" | "askedAt" | "reviewed">;

/** Whose place a promotion took, and who took its own. */
export interface Succession extends Candidate {
  readonly by?: {
    readonly promotion: PromotionId;
    /** Of its record. */
    readonly index: number;
    readonly at: Instant;
    /** It found by itself that a newer one was through before it: at its gates, or as it came back from its deployment. */
    readonly byItself: boolean;
  };
  readonly took?: { readonly promotions: readonly PromotionId[]; readonly index: number; readonly at: Instant };
}

/** What a promotion says of others in its place; `undefined` where it says nothing, and its place tells who it is. */
export function successionIn(steps: readonly Step[]): Succession | undefined {
  const [asked, end] = [steps[0], steps.at(-1)?.after];
  if (asked === undefined || end === undefined) return undefined;
  const place = steps.findIndex(({ record }) => record.type === "superseded");
  const [before, lost] = [steps[place - 1]?.record, steps[place]];
  const took = steps.find(({ record }) => record.type === "supersedes");
  if (lost === undefined && took === undefined && end.manifest.target.kind !== "policy") return undefined;
  const { id, manifest } = end;
  const status = lost?.before?.status;
  return {
    promotion: id,
    lane: laneName(manifest.model.name, manifest.target.name),
    askedAt: asked.record.at,
    ...(steps.some(({ record }) => record.type === "stage-opened") ? { reviewed: true } : {}),
    ...(lost === undefined
      ? {}
      : {
          by: {
            promotion: bodyOf("superseded", lost.record).by,
            index: lost.index,
            at: lost.record.at,
            byItself: status === "gating" || (before?.type === "seat-reopened" && "breach" in before.body),
          },
        }),
    ...(took === undefined
      ? {}
      : {
          took: {
            promotions: bodyOf("supersedes", took.record).promotions.map((each) => each.id),
            index: took.index,
            at: took.record.at,
          },
        }),
  };
}

/**
 * Holds against each other what two promotions say of who took whose place. `told`: of which lanes the log tells all; `goesTo`: as
 * late as it goes on, where that is known; `ofTwo`: of which lanes what two say that are both here is held against each other.
 */
export function recheckSuccession(
  successions: readonly Succession[],
  places: readonly Candidate[],
  told: LanesTold,
  goesTo?: Instant,
  ofTwo: LanesTold = told,
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const known = new Map<PromotionId, Candidate & Pick<Succession, "by" | "took">>(
    [...places, ...successions].map((each) => [each.promotion, each]),
  );
  const { findings, unchecked, wrong, missing } = againstOthers(goesTo);
  for (const each of successions) {
    const { promotion, by, took } = each;
    const whole = told(each.lane);
    if (!whole && by !== undefined) unchecked.push({ promotion, sentence: untold });
    if (!whole && !ofTwo(each.lane)) continue;
    const finding = (index: number, sentence: string) =>
      ({ code: "life-cycle", path: recordPath(index), promotion, sentence }) as const;
    if (by !== undefined) {
      const newer = known.get(by.promotion);
      const not = newer === undefined ? undefined : whyNotNewer(each, newer);
      const taken = (why: string) => finding(by.index, `Its place was taken by ${by.promotion}, ${why}.`);
      if (not !== undefined) wrong(taken(not));
      else if (newer === undefined) {
        if (whole) missing(by.at, taken("which the log does not have"));
      } else if (!saysSo(newer, each, by)) missing(by.at, taken("which does not say so"));
    }
    for (const id of took?.promotions ?? []) {
      if (!whole && !known.has(id)) continue;
      const other = known.get(id)?.by;
      const taken = finding(took?.index ?? 0, `It took the place of ${id}, which does not say so.`);
      if (other !== undefined && other.promotion !== promotion) wrong(taken);
      else if (other === undefined) missing(took?.at ?? each.askedAt, taken);
    }
  }
  return { findings, unchecked };
}

const untold = "Whether whoever took its place is newer, and says so, is told by the whole log.";

function whyNotNewer(older: Succession, newer: Candidate): string | undefined {
  if (newer.lane !== older.lane) return "which is of another model or target";
  return rank(newer) <= rank(older) ? "which was not asked for later" : undefined;
}

/** One that ended before it could say so has nothing that rests on it. */
function saysSo(
  newer: Candidate & Pick<Succession, "took">,
  { promotion }: Succession,
  { byItself }: NonNullable<Succession["by"]>,
): boolean {
  return newer.took?.promotions.includes(promotion) === true || byItself || newer.reviewed !== true;
}
