import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { FactType } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { laneName } from "../documents/lane-name.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds, missesForSeconds } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PromotionRecord } from "../pack/promotion-file.ts";
import { refusals } from "./verify-announced.ts";
import { indexedWithinSeconds } from "./verify-lanes.ts";

// Attempts at one candidate are counted from 1, and the number is part of what people sign: whoever leaves one out of the log
// that people rejected cannot count the next one anew. What drifts names the promotion that is to say whether it may run on.

/** Another promotion of which a promotion's records tell that there is one. */
export interface Named {
  readonly promotion: PromotionId;
  /** Of the record that tells it. */
  readonly index: number;
  readonly at: Instant;
  readonly other: PromotionId;
  /** An approval is asked for once the record is written that names it: what crashes in between, the next report makes good. */
  readonly as: "attempt" | "newer" | "reapproval";
  /** Of a newer candidate: whose, and since when. */
  readonly than?: { readonly lane: string; readonly askedAt: Instant };
}

/** Which others a promotion's records name; mostly none. */
export function namedIn(steps: readonly Step[]): readonly Named[] {
  return steps.flatMap(({ record, index, after: { id: promotion, manifest } }): readonly Named[] => {
    const named = (as: Named["as"], other: PromotionId | undefined) =>
      other === undefined ? [] : [{ promotion, index, at: record.at, other, as }];
    if (record.type === "request") return named("attempt", attemptBefore(promotion));
    if (record.type !== "drift") return [];
    const { newer, reapproval } = bodyOf("drift", record);
    const than = {
      lane: laneName(manifest.model.name, manifest.target.name),
      askedAt: steps[0]?.record.at ?? record.at,
    };
    return [...named("newer", newer).map((each) => ({ ...each, than })), ...named("reapproval", reapproval)];
  });
}

function attemptBefore(promotion: PromotionId): PromotionId | undefined {
  const place = promotion.lastIndexOf("-") + 1;
  const attempt = Number(promotion.slice(place));
  return attempt > 1 ? (`${promotion.slice(0, place)}${attempt - 1}` as PromotionId) : undefined;
}

/** Whether the log has each promotion that another one names. `isThere`: records of it are in the pack. */
export function recheckNamed(
  named: readonly Named[],
  {
    isThere,
    whole,
    goesTo,
  }: {
    readonly isThere: (promotion: PromotionId) => boolean;
    readonly whole: boolean;
    readonly goesTo: Instant | undefined;
  },
): { readonly findings: readonly PackFinding[]; readonly unchecked: readonly Unchecked[] } {
  const findings: PackFinding[] = [];
  const unchecked: Unchecked[] = [];
  for (const { promotion, index, at, other, as } of named) {
    if (isThere(other)) continue;
    const gone = whole && as !== "reapproval" && goesTo !== undefined && goesTo >= addSeconds(at, missesForSeconds);
    const where = whole ? "the log does not have it" : "it is not here";
    if (gone)
      findings.push({
        code: "life-cycle",
        path: recordPath(index),
        promotion,
        sentence: `${other}, ${names[as]}, was there before ${at}, and the log does not have it.`,
      });
    else unchecked.push({ promotion, sentence: `What became of ${other}, ${names[as]}: ${where}.` });
  }
  return { findings, unchecked };
}

const names: Readonly<Record<Named["as"], string>> = {
  attempt: "the attempt before this one at the same candidate",
  newer: "the newer candidate that was on its way when it drifted",
  reapproval: "which was to say whether it may run on",
};

const lookedWithinSeconds = indexedWithinSeconds + clockToleranceSeconds;

const ends: ReadonlySet<FactType> = new Set([...refusals, "superseded"]);

/** Whether what is told to have been on its way as something drifted was: nobody is asked about what drifted while it is. */
export async function recheckNewer(
  named: readonly Named[],
  recordsOf: (promotion: PromotionId) => Promise<readonly PromotionRecord[]>,
): Promise<readonly PackFinding[]> {
  const findings: PackFinding[] = [];
  for (const { promotion, index, at, other, than } of named) {
    const why = than === undefined ? undefined : whyNotNewer({ at, than }, await recordsOf(other));
    if (why === undefined) continue;
    const sentence = `${other}, ${names.newer}, ${why}.`;
    findings.push({ code: "life-cycle", path: recordPath(index), promotion, sentence });
  }
  return findings;
}

function whyNotNewer(
  { at, than }: Required<Pick<Named, "at" | "than">>,
  records: readonly PromotionRecord[],
): string | undefined {
  const asked = records.find(({ record }) => record.type === "request")?.record;
  if (asked !== undefined) {
    const { model, target } = bodyOf("request", asked);
    if (laneName(model.name, target) !== than.lane) return "is of another model or target";
    if (asked.at < addSeconds(than.askedAt, -lookedWithinSeconds)) return "was asked for before it";
  }
  const ended = records.find(({ record }) => ends.has(record.type))?.record.at;
  return ended !== undefined && ended < addSeconds(at, -lookedWithinSeconds) ? `had ended at ${ended}` : undefined;
}
