import type { PromotionId } from "../promotion/promotion-id.ts";
import { bodyOf } from "./fact-bodies.ts";
import { type LanesTold, laneName } from "./lane-name.ts";
import type { PackFinding, Unchecked } from "./pack-findings.ts";
import { recordPath } from "./pack-layout.ts";
import type { Step } from "./replay-promotion.ts";
import type { LanePlace } from "./verify-lanes.ts";

// Who took whose place: told by both, and by nobody for somebody else.

/** Who a promotion is among those of its model and target. */
type Candidate = Pick<LanePlace, "promotion" | "lane" | "askedAt" | "reviewed">;

/** Whose place a promotion took, and who took its own. */
export interface Succession extends Candidate {
  readonly by?: {
    readonly promotion: PromotionId;
    /** Of its record. */
    readonly index: number;
    /** It found by itself that a newer one was through before it: at its gates, or as it came back from its deployment. */
    readonly byItself: boolean;
  };
  readonly took?: { readonly promotions: readonly PromotionId[]; readonly index: number };
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
            byItself: status === "gating" || (before?.type === "seat-reopened" && "breach" in before.body),
          },
        }),
    ...(took === undefined
      ? {}
      : {
          took: {
            promotions: bodyOf("supersedes", took.record).promotions.map((each) => each.id),
            index: took.index,
          },
        }),
  };
}

/**
 * Holds against each other what two promotions say of who took whose place. `told`: of which lanes the log tells all.
 */
export function recheckSuccession(
  successions: readonly Succession[],
  places: readonly Candidate[],
  told: LanesTold,
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const known = new Map<PromotionId, Candidate & Pick<Succession, "by" | "took">>(
    [...places, ...successions].map((each) => [each.promotion, each]),
  );
  const findings: PackFinding[] = [];
  const unchecked: Unchecked[] = [];
  for (const each of successions) {
    const { promotion, by, took } = each;
    if (!told(each.lane)) {
      if (by !== undefined) unchecked.push({ promotion, sentence: untold });
      continue;
    }
    const wrong = (index: number, sentence: string) =>
      findings.push({ code: "life-cycle", path: recordPath(index), promotion, sentence });
    const why = by === undefined ? undefined : whyNotBy(each, by.byItself, known.get(by.promotion));
    if (by !== undefined && why !== undefined) wrong(by.index, `Its place was taken by ${by.promotion}, ${why}.`);
    for (const id of took?.promotions ?? [])
      if (known.get(id)?.by?.promotion !== promotion)
        wrong(took?.index ?? 0, `It took the place of ${id}, which does not say so.`);
  }
  return { findings, unchecked };
}

const untold = "Whether whoever took its place is newer, and says so, is told by the whole log.";

function whyNotBy(
  { promotion, lane, askedAt }: Succession,
  byItself: boolean,
  newer: (Candidate & Pick<Succession, "took">) | undefined,
): string | undefined {
  if (newer === undefined) return "which the log does not have";
  if (newer.lane !== lane) return "which is of another model or target";
  if (`${newer.askedAt} ${newer.promotion}` <= `${askedAt} ${promotion}`) return "which was not asked for later";
  // One that ended before it could say so has nothing that rests on it.
  const says = newer.took?.promotions.includes(promotion) === true || byItself || newer.reviewed !== true;
  return says ? undefined : "which does not say so";
}
